"""Drive the explorer in a test: wait for what should come instead of sleeping."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from textual.command import CommandList
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.explore import ExploreScreen

OnTop = TypeVar("OnTop", bound=Screen[Any])
PATIENCE_SECONDS = 40.0
"""The first question loads the text model; on a busy machine that alone may take twenty."""
REST_SECONDS = 0.2
"""Longer than the pauses after which the explorer asks by itself."""
WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)
"""Sizes of a terminal, one for each way in which the screens are laid out."""


def app_on(library: Path, *, keys: dict[str, str] | None = None) -> FairouzApp:
    """Return the explorer of a library, which plays without being heard."""
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",), keys=keys or {}))


async def until(pilot: Pilot[None], holds: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `holds` is true, and fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        await asyncio.sleep(0.02)
        await pilot.pause()


async def on_top(pilot: Pilot[None], screen_class: type[OnTop]) -> OnTop:
    """Return the screen on top once it is of the class."""
    await until(pilot, lambda: isinstance(pilot.app.screen, screen_class) and pilot.app.screen.is_mounted)
    screen = pilot.app.screen
    assert isinstance(screen, screen_class)
    return screen


async def explore(pilot: Pilot[None]) -> ExploreScreen:
    """Return the Explore screen once its first rows are there."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen) and pilot.app.screen.query("#results"))
    screen = pilot.app.screen
    assert isinstance(screen, ExploreScreen)
    await until(pilot, lambda: screen.results.current is not None)
    return screen


async def rest(pilot: Pilot[None]) -> None:
    """Wait until whatever a timer was set for is done, nothing is asked any more, and all answers are drawn."""
    calm = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while calm < 2:
        assert time.monotonic() < deadline, "the screen does not come to rest"
        await pilot.pause(REST_SECONDS)
        calm = calm + 1 if all(worker.is_finished for worker in pilot.app.workers) else 0


async def told(pilot: Pilot[None], text: str) -> None:
    """Wait until the last notice says `text`."""
    await until(pilot, lambda: text in "".join(notices(pilot)[-1:]))


async def choose(pilot: Pilot[None], words: str, wanted: str) -> None:
    """Type words into the palette of commands and run the first that it finds, once that is `wanted`."""
    await pilot.press(*words)

    def found() -> bool:
        lists = pilot.app.screen.query(CommandList)
        return any(one.highlighted == 0 and wanted in str(one.get_option_at_index(0).prompt) for one in lists)

    await until(pilot, found)
    await pilot.press("enter")


def notices(pilot: Pilot[None]) -> list[str]:
    """Return what the notices on the screen say."""
    return [notice.message for notice in pilot.app._notifications]


def pane_text(screen: ExploreScreen) -> str:
    """Return what the right pane says."""
    content = screen.why.query_one(Static).content
    assert isinstance(content, Content)
    return content.plain

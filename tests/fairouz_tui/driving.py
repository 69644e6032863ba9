"""Drive the explorer in a test: wait for what should come instead of sleeping."""

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from fairouz_tui.screens.explore import ExploreScreen

PATIENCE_SECONDS = 40.0
"""The first question loads the text model; on a busy machine that alone may take twenty."""


async def until(pilot: Pilot[None], holds: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until `holds` is true, and fail when it does not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        await asyncio.sleep(0.02)
        await pilot.pause()


async def explore(pilot: Pilot[None]) -> ExploreScreen:
    """Return the Explore screen once its first rows are there."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen) and pilot.app.screen.query("#results"))
    screen = pilot.app.screen
    assert isinstance(screen, ExploreScreen)
    await until(pilot, lambda: screen.results.current is not None)
    return screen


def notices(pilot: Pilot[None]) -> list[str]:
    """Return what the notices on the screen say."""
    return [notice.message for notice in pilot.app._notifications]

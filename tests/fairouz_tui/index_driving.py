"""Drive the Index screen in a test: open it, read what it says, and turn its clock."""

from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.widgets.top_line import TopLine
from tests.fairouz_tui.driving import notices, on_top, until


async def index_screen(pilot: Pilot[None]) -> tuple[IndexScreen, TopLine]:
    """Open the screen from Explore and wait until it has read the library."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen) and pilot.app.screen.query("#results"))
    explore_screen = pilot.app.screen
    assert isinstance(explore_screen, ExploreScreen)
    await until(pilot, lambda: explore_screen.is_mounted)
    await pilot.press("I")
    screen = await on_top(pilot, IndexScreen)
    await until(pilot, lambda: not screen.first_read)
    return screen, explore_screen.top_line


def app_on(library: Path, folder: Path) -> FairouzApp:
    """Return the explorer of a library, with a file of settings of its own in the folder."""
    return FairouzApp(library, config_file=folder / "config.toml")


def ended(screen: IndexScreen) -> str:
    """Return what the table of stages says, the outcome of the last run with it."""
    return "\n".join(line.plain for line in screen.stages.lines)


def has_said(pilot: Pilot[None], text: str) -> Callable[[], bool]:
    """Return the question whether a notice holds the text."""
    return lambda: text in " | ".join(notices(pilot))


class Clock:
    """A clock that stands until its `now`, in seconds, is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

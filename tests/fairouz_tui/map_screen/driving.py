"""Drive the map screen in a test."""

from collections.abc import Callable
from pathlib import Path

from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_messages import Laying
from fairouz_tui.screens.map_work import lay_out
from fairouz_tui.widgets.map_canvas import MapCanvas
from tests.fairouz_tui.driving import explore, on_top, until

WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)


def app_on(library: Path) -> FairouzApp:
    (library / "state.json").unlink(missing_ok=True)
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))


async def opened(pilot: Pilot[None], *, keys: str = "j") -> MapScreen:
    """Open the map on the second track of the library and wait until it is there."""
    await explore(pilot)
    await pilot.press(*keys, "M")
    screen = await on_top(pilot, MapScreen)
    await settled(pilot, screen)
    return screen


async def settled(pilot: Pilot[None], screen: MapScreen) -> None:
    await until(pilot, lambda: all(side.since is None and side.canvas.chart is not None for side in screen.sides))
    await until(pilot, lambda: all(side.by == screen.by for side in screen.sides))


def cell(canvas: MapCanvas) -> tuple[int, int]:
    return canvas.window.cell(*canvas.cross, *canvas.size)


def said(screen: MapScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).content)


def ids(screen: MapScreen) -> set[int]:
    return set() if screen.selected is None else set(screen.selected.tolist())


async def stand(pilot: Pilot[None], screen: MapScreen) -> None:
    """Put the cursor on the first track."""
    canvas = screen.first.canvas
    canvas.stand_on(1)
    canvas.post_message(MapCanvas.Moved(canvas))
    await until(pilot, lambda: "Nassam" in said(screen, "map-place"))


def asked(
    library: Path, *, stopped: Callable[[], bool] = lambda: False, how: str = "tsne", again: bool = True
) -> list[Message]:
    posted: list[Message] = []
    lay_out(
        OpenLibrary(library), Laying("map-first", 3, 0.0), source="gone", how=how, by="cluster", again=again,
        post=posted.append, stopped=stopped,
    )  # fmt: skip
    return posted

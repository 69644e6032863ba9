"""Keys beside the first one of a binding, where no other test has a reason to press them."""

from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.reading import ReadingScreen
from fairouz_tui.widgets.map_words import MapWords
from fairouz_tui.widgets.node_input import NodeInput
from tests.fairouz_tui.driving import WIDE, app_on, explore, on_top, until
from tests.fairouz_tui.shelf import shelve


@pytest.mark.parametrize("key", ["escape", "enter", "i", "q"])
async def test_a_text_shown_whole_is_closed(tmp_path: Path, key: str) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        app.push_screen(ReadingScreen("A file", ["line one", "line two"], copied="/music/a.mp3"))
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        await pilot.press("y")
        await until(pilot, lambda: app.clipboard == "/music/a.mp3")
        await pilot.press(key)
        await until(pilot, lambda: app.screen is screen)


async def test_tab_leaves_the_names_of_the_graph_for_its_list(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, GraphScreen) and app.screen.ego is not None)
        screen = app.screen
        assert isinstance(screen, GraphScreen)
        for key in ("tab", "down"):
            await pilot.press("slash")
            await until(pilot, lambda: isinstance(screen.focused, NodeInput))
            await pilot.press(key)
            await until(pilot, lambda: screen.focused is screen.tree_list)


async def test_keys_of_the_map(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("M")
        screen = await on_top(pilot, MapScreen)
        canvas = screen.first.canvas
        await until(pilot, lambda: canvas.chart is not None and canvas.has_focus)
        await pilot.press("0")
        whole = canvas.window.reach
        await pilot.press("equals_sign")
        await until(pilot, lambda: canvas.window.reach < whole)
        for key in ("down", "tab", "escape"):
            await pilot.press("slash")
            await until(pilot, lambda: isinstance(screen.focused, MapWords))
            await pilot.press(key)
            await until(pilot, lambda: canvas.has_focus)

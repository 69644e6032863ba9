"""A visited screen is styled once when it opens, with the classes for its size, and follows the window all the same."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache
from textual.dom import DOMNode
from textual.widget import Widget

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.widgets.stage_table import StageTable
from tests.fairouz_tui.driving import explore, rest, until
from tests.fairouz_tui.shelf import shelve


async def test_the_parts_of_a_screen_are_styled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FairouzApp(shelve(tmp_path / "library"), config_file=tmp_path / "config.toml")
    async with app.run_test(size=(120, 40)) as pilot:
        await explore(pilot)
        styled: list[DOMNode] = []
        classes: list[set[str]] = []
        update, parts = app.stylesheet.update_nodes, IndexScreen.parts

        def updated(nodes: Iterable[DOMNode], animate: bool = False) -> None:
            nodes = list(nodes)
            styled.extend(node for node in nodes if isinstance(node, StageTable))
            update(nodes, animate=animate)

        def composed(screen: IndexScreen) -> Iterable[Widget]:
            classes.append(set(screen.classes))
            return parts(screen)

        monkeypatch.setattr(app.stylesheet, "update_nodes", updated)
        monkeypatch.setattr(IndexScreen, "parts", composed)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IndexScreen) and not app.screen.first_read)
        screen = app.screen
        assert classes == [{"-wide", "-tall"}]
        assert styled == []
        assert screen.focused is screen.query_one("#problems")
        assert not screen.has_class("on-folders")
        await pilot.resize_terminal(70, 20)
        await until(pilot, lambda: screen.has_class("-narrow") and not screen.has_class("-wide"))
        assert not screen.query_one("#folders").display


async def test_a_frame_that_keeps_no_drawn_lines_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FairouzApp(shelve(tmp_path / "library"), config_file=tmp_path / "config.toml")
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        monkeypatch.setattr(StylesCache, "get_inner_outer", StylesCache.get_inner_outer.__wrapped__)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IndexScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await rest(pilot)
        assert app.crash is None

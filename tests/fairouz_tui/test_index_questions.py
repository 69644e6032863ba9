"""The boxes over the index: one that asks for a folder, one that asks whether it is meant."""

from pathlib import Path

import pytest
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.add_folder import HINT, AddFolderScreen
from fairouz_tui.screens.confirming import ConfirmScreen
from fairouz_tui.screens.index import IndexScreen
from tests.fairouz_tui.driving import WIDE, explore, until
from tests.fairouz_tui.shelf import shelve


async def test_a_folder_is_completed_refused_and_let_go(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    app = FairouzApp(shelve(tmp_path / "library"), config_file=tmp_path / "config.toml")
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IndexScreen) and app.screen.focused is not None)
        screen = app.screen
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, AddFolderScreen))
        line, said = app.screen.query_one(Input), app.screen.query_one("#said", Static)
        assert str(said.content) == HINT
        line.value = f"{tmp_path}/rec"
        line.cursor_position = len(line.value)
        await until(pilot, lambda: line._suggestion == f"{tmp_path}/records/")
        await pilot.press("tab")
        assert line.value == f"{tmp_path}/records/"
        line.value = f"{tmp_path}/nothing here"
        await pilot.press("enter")
        await until(pilot, lambda: said.has_class("-wrong"))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert isinstance(screen, IndexScreen)
        assert not screen.record.running
        assert [folder["path"] for folder in screen.folders.folders] == ["/music"]


@pytest.mark.parametrize(("key", "meant"), [("y", True), ("n", False), ("q", False), ("escape", False)])
async def test_only_yes_is_yes(tmp_path: Path, key: str, meant: bool) -> None:
    app = FairouzApp(shelve(tmp_path))
    answers: list[bool | None] = []
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        app.push_screen(ConfirmScreen("Prune", "Forget 3 tracks?", yes="forgets them"), answers.append)
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
        await pilot.press("enter", "space", key)
        await until(pilot, lambda: app.screen is screen)
    assert answers == [meant]

"""Keys of the explorer: all are told, found by name, changed by the user, and clash with none."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.binding import BindingsMap
from textual.command import CommandPalette

from fairouz_tui.config import Config
from fairouz_tui.keymap import problems
from fairouz_tui.places import PLACES, all_keys
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.help_text import HelpText
from tests.fairouz_tui.driving import WIDE, app_on, choose, explore, notices, until

if TYPE_CHECKING:
    from collections.abc import Callable


async def test_help_holds_every_key_and_can_be_searched(library: Path) -> None:
    app = app_on(library, keys={"more": "ctrl+t"})
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))

        def text() -> str:
            return " ".join(app.screen.query_one(HelpText).plain.split())

        await until(pilot, text)
        assert all(key.tooltip in text() and key.id in text() for key in all_keys(app.config))
        assert "^t" in text()
        await pilot.press(*"playlist save", "down", "up", "pagedown", "pageup")
        await until(pilot, lambda: "M3U8" in text() and "Half a page" not in text())
        await pilot.press("escape", "f1", *"qqqq")
        await until(pilot, lambda: text() == "No key says that.")
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_commands_by_name(library: Path, key: str) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await choose(pilot, "newest first", "ewest first")
        await until(pilot, lambda: screen.order.startswith("-"))


async def test_changed_keys_work_and_clashes_are_named(library: Path) -> None:
    changed = {"more": "t", "sort": "a", "nonsense": "z"}
    app = app_on(library, keys=changed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert any("key a means both add and sort" in notice for notice in notices(pilot))
        assert any("keys.nonsense: no such key" in notice for notice in notices(pilot))
        await pilot.press("t")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)


def test_the_default_keys_do_not_clash_and_all_say_what_they_do() -> None:
    keys = all_keys(Config())
    assert len({key.id for key in keys}) == len(keys)
    assert all(key.tooltip and key.description for key in keys)
    assert problems(keys, {key.id: ",".join(key.keys) for key in keys if key.place == "Explore"}, everywhere="-") == []
    declared = [binding for owner in PLACES.values() for binding in BindingsMap(owner.__dict__["BINDINGS"])]
    assert all(binding.id for _, binding in declared)
    actions: list[tuple[str, Callable[..., object] | None]] = [
        (binding.action, getattr(ExploreScreen, f"action_{binding.action.split('(')[0]}", None))
        for _, binding in BindingsMap(ExploreScreen.__dict__["BINDINGS"])
        if "." not in binding.action
    ]
    assert [name for name, action in actions if action is None] == []

"""A window that is too small for a while: the focus, and what is being typed, are where they were."""

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.fairouz_tui.driving import WIDE, app_on, explore, rest, until
from tests.fairouz_tui.shelf import shelve

TOO_SMALL = ((59, 15), (20, 5), (1, 1), (120, 15), (59, 40))
LARGE = ((60, 16), (300, 80), (90, 30))


@pytest.mark.parametrize("keys", ["", "v", "M", "t", "c", "I", "S", "F", "f"])
async def test_the_focus_comes_back_with_the_room(tmp_path: Path, keys: str) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press(*keys)
        await rest(pilot)
        focused = app.focused
        assert focused is not None
        await pilot.resize_terminal(*TOO_SMALL[0])
        await until(pilot, lambda: app.focused is None)
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: app.focused is focused)


@pytest.mark.parametrize("keys", [("slash",), ("v", "slash"), ("M", "slash")])
async def test_a_storm_of_sizes_leaves_a_line_that_is_typed_as_it_is(tmp_path: Path, keys: tuple[str, ...]) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        for key in keys:
            await pilot.press(key)
            await rest(pilot)
        await pilot.press(*"beirut", "left", "left")
        field = app.focused
        assert isinstance(field, Input)
        for small in TOO_SMALL:
            for large in LARGE:
                await pilot.resize_terminal(*small)
                await pilot.resize_terminal(*large)
        await pilot.resize_terminal(*WIDE)
        await rest(pilot)
        assert (app.focused, field.value, field.cursor_position) == (field, "beirut", 4)
        await pilot.press("x")
        assert field.value == "beirxut"

"""Esc and a key right after it are two keys, unless alt and that key are bound."""

import time
from pathlib import Path

import pytest

from fairouz_tui.arriving import WholeParser
from fairouz_tui.config import Config
from fairouz_tui.places import all_keys
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.rebinding import PressKeyScreen
from tests.fairouz_tui.driving import WIDE, app_on, explore, on_top, until


async def test_a_key_with_alt_that_nothing_has_is_esc_and_the_key(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("F")
        await until(pilot, lambda: screen.facets.has_focus)
        await pilot.press("alt+j")
        await until(pilot, lambda: screen.results.has_focus and screen.results.cursor == 1)
        assert not screen.has_class("facets-open")
        await pilot.press("alt+shift+g")
        await until(pilot, lambda: screen.results.cursor == len(screen.results) - 1)


async def test_what_is_typed_behind_esc_does_not_reach_the_query(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"year:x")  # wrong, so that the list stays
        for key in ("alt+x", "j", "j"):
            app.simulate_key(key)
        await until(pilot, lambda: screen.results.has_focus and app._waiting is None)
        assert screen.query_input.value == "year:x"
        assert screen.results.has_focus


async def test_what_is_bound_to_alt_stays_a_key_with_alt(library: Path) -> None:
    app = app_on(library, keys={"list_down": "alt+j"})
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("F")
        await until(pilot, lambda: screen.facets.has_focus and len(screen.facets) > 2)
        await pilot.press("alt+j")
        assert screen.facets.cursor == 1
        assert screen.facets.has_focus


async def test_a_key_with_alt_can_be_given(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        key = next(key for key in all_keys(Config(), on=ExploreScreen) if key.id == "love")
        given: list[object] = []
        app.push_screen(PressKeyScreen(key, Config()), given.append)
        await on_top(pilot, PressKeyScreen)
        await pilot.press("alt+j")
        await until(pilot, lambda: given)
        assert given == [{"love": "alt+j"}]


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("\x1b/", ["escape", "slash"]),
        ("\x1bj", ["alt+j"]),
        ("\x1b[200~\x1b/\x1b[201~", []),
        ("\x1b[A", ["up"]),
    ],
)
def test_esc_before_a_sign_is_not_lost(typed: str, keys: list[str]) -> None:
    parser = WholeParser()
    found = list(parser.feed(typed))
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline and len(found) < len(keys):
        found += parser.tick()
    assert [event.key for event in found if hasattr(event, "key")] == keys

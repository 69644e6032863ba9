"""Help and the palette: what holds where the reader is comes first, on every screen."""

from pathlib import Path

from textual.command import CommandPalette

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.keymap import PLAIN, VIM_LETTERS, Key, problems
from fairouz_tui.palette import Commands
from fairouz_tui.places import PLACES, all_keys, keymap_of, places_of, together
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.widgets.help_text import HelpText
from tests.fairouz_tui.driving import choose, explore, notices, until
from tests.fairouz_tui.shelf import shelve


def shown(app: FairouzApp) -> str:
    return app.screen.query_one(HelpText).plain


def headings(app: FairouzApp) -> list[str]:
    return [line for line in shown(app).splitlines() if line.partition(" · ")[0] in {*PLACES, "Queries"}]


async def test_the_keys_that_hold_here_come_first(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        here = [place for place in headings(app) if place.endswith("holds here")]
        assert headings(app)[: len(here)] == here
        assert {"Lists · holds here", "Explore · holds here"} <= set(here)
        assert "Queries" in headings(app)
        assert "year:1960..1970" in shown(app)
        await pilot.press("escape", "f")
        await until(pilot, lambda: screen.query_one("#faders").has_focus)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert headings(app)[:2] == ["Faders · holds here", "Explore · holds here"]
        assert "Lists" in headings(app)


async def test_help_and_palette_know_a_visited_screen(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config_file=tmp_path / "config.toml")
    async with app.run_test(size=(120, 40)) as pilot:
        await explore(pilot)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and app.screen.focused)
        settings = app.screen
        assert places_of(settings) == ["Lists", "Settings", "Other screens"]
        told = {name: text for name, text, _ in Commands(settings).commands()}
        assert told["Default"].startswith("d  ")
        offered = [name for name, _, _ in Commands(settings).commands()]
        assert {"Edit", "Default", "Leave", "Graph", "Down"} <= set(offered)
        assert "Settings" not in offered
        assert len(offered) == len(set(offered))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert headings(app)[:3] == [f"{place} · holds here" for place in ("Lists", "Settings", "Other screens")]
        await pilot.press("escape", "colon")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await choose(pilot, "the value before", "value before")
        await until(pilot, lambda: app.screen is settings)
        await until(pilot, lambda: any("is typed" in one for one in notices(pilot)))


def test_plain_keys_leave_moving_to_other_keys_and_clash_with_none() -> None:
    plain = Config(keys_profile="plain")
    keys = {key.id: key for key in all_keys(plain)}
    assert set(PLAIN) <= set(keys)
    for key in all_keys(Config()):
        if any(one not in VIM_LETTERS for one in key.keys):
            assert not VIM_LETTERS & set(keys[key.id].keys), key.id
    assert {key.id for key in keys.values() if VIM_LETTERS & set(key.keys)} & {"list_down", "why_down"} == set()
    assert problems(keys.values(), keymap_of(plain), together=together(), usual=all_keys(Config())) == []


def test_keys_meet_only_where_both_hold() -> None:
    assert frozenset(("Explore", "Faders")) in together()
    assert frozenset(("Settings", "Other screens")) in together()
    assert frozenset(("Settings", "Lists")) in together()
    assert frozenset(("Settings", "Faders")) not in together()
    assert frozenset(("Explore", "Settings")) not in together()


def test_a_clash_names_both_and_unchanged_meetings_are_meant() -> None:
    one = Key("one", ("x",), "one", "One", "One.", "A")
    two = Key("two", ("x", "y"), "two", "Two", "Two.", "B")
    meet = {frozenset("AB")}
    assert problems([one, two], {}, together=meet) == []
    assert problems([one, two], {"one": "x"}) == []
    assert problems([one, two], {"one": "x"}, together=meet, usual=[one, two]) == []
    assert problems([one, two], {"one": "x"}, together=meet) == [
        "key x means both one and two (B): change one of them under [keys]"
    ]

"""A key that is changed once holds on every screen where the same is done; where it is taken, that is said."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.key_families import FOLLOWS, followed
from fairouz_tui.keymap import Key, problems
from fairouz_tui.places import all_keys, kept, keymap_of, together
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.modalities import ModalitiesScreen
from fairouz_tui.screens.rebinding import KeysScreen, PressKeyScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.screens.visits import screen_class
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.help_text import HelpText
from tests.fairouz_tui.driving import WIDE, explore, notices, until
from tests.fairouz_tui.shelf import shelve

SWAP = {"mark": "m", "more": "x"}
PROFILES = ("vim", "plain")


def keys_on(screen: type, changed: Mapping[str, str], profile: str = "vim") -> dict[str, tuple[str, ...]]:
    return {key.id: key.keys for key in all_keys(Config(keys=changed, keys_profile=profile), on=screen)}


def told(changed: Mapping[str, str], profile: str = "vim") -> list[str]:
    config = Config(keys=changed, keys_profile=profile)
    return problems(all_keys(config), config.keys, together=together(), usual=all_keys(Config()))


def test_who_follows_does_the_same_by_the_same_key() -> None:
    keys = {key.id: key for key in all_keys(Config())}
    for follower, leader in FOLLOWS.items():
        assert set(keys[follower].keys) & set(keys[leader].keys), follower
        assert leader not in FOLLOWS, leader


@pytest.mark.parametrize("profile", PROFILES)
def test_a_swap_holds_on_every_screen(profile: str) -> None:
    for name in ("index", "modalities", "card", "settings"):
        assert keys_on(screen_class(name), SWAP, profile)["visit_more"] == ("x",)
    graph = keys_on(GraphScreen, SWAP, profile)
    assert (graph["graph_more"], graph["graph_mark"]) == (("x",), ("m",))
    assert keys_on(MapScreen, SWAP, profile)["visit_more"] == ("m",)
    assert kept(Config(keys=SWAP, keys_profile=profile)) == [
        "On Map: x stays “Lasso”, “More like” is m.",
    ]
    assert told(SWAP, profile) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"mark": "m"}, "key m means both more and mark (Explore): change one of them under [keys]"),
        ({"more": "p"}, "key p means both more and path (Explore): change one of them under [keys]"),
        (
            {"visit_more": "p"},
            "key p means both visit_more and graph_ways (Graph), index_pause (Index): change one of them under [keys]",
        ),
        ({"nonsense": "z"}, "keys.nonsense: no such key; the help screen (?) lists the names"),
        (
            {"more": "foo"},
            "keys.more: no key is called 'foo'; write x, ?, f2 or ctrl+s (the key stays as it comes)",
        ),
        ({"play": ""}, "keys.play: no key is called ''; write x, ?, f2 or ctrl+s (the key stays as it comes)"),
        ({"more": "foo,?!,ctrl+t"}, "keys.more: no key is called 'foo'; write x, ?, f2 or ctrl+s (^t holds)"),
    ],
)
def test_what_cannot_be_is_one_clear_line(profile: str, changed: dict[str, str], line: str) -> None:
    assert told(changed, profile)[0] == line
    assert len(told(changed, profile)) == (2 if "?!" in "".join(changed.values()) else 1)


def test_a_key_that_a_screen_uses_stays_there_and_holds_on_the_others() -> None:
    changed = {"more": "p", "path": "ctrl+o"}
    assert told(changed) == []
    assert keys_on(IndexScreen, changed)["visit_more"] == ("m",)
    assert keys_on(IndexScreen, changed)["index_pause"] == ("p",)
    assert keys_on(ModalitiesScreen, changed)["visit_more"] == ("p",)
    assert kept(Config(keys=changed)) == ["On Index: p stays “Pause”, “More like” is m."]


def test_what_a_screen_replaces_takes_no_key_from_it_and_those_that_are_free() -> None:
    pause, colour = keys_on(MapScreen, {})["visit_pause"], keys_on(MapScreen, {})["map_colour"]
    taken = keys_on(MapScreen, {"pause": ",".join(colour)})
    assert (taken["visit_pause"], taken["map_colour"]) == (pause, colour)
    assert keys_on(ModalitiesScreen, {"pause": ",".join(colour)})["visit_pause"] == colour
    assert keys_on(MapScreen, {"pause": f"{colour[0]},f5"})["visit_pause"] == ("f5",)


def test_what_has_keys_of_its_own_does_not_follow() -> None:
    changed = {**SWAP, "visit_more": "ctrl+n"}
    assert keys_on(IndexScreen, changed)["visit_more"] == ("ctrl+n",)
    assert keys_on(GraphScreen, changed)["graph_more"] == ("x",)


def test_what_is_not_the_leaders_stays() -> None:
    assert keymap_of(Config(keys={"help": "f9"}))["help_close"] == "escape,f9"
    assert keymap_of(Config(keys={"back": "ctrl+b"}))["graph_back"] == "ctrl+b,h,left"
    assert keymap_of(Config(keys={"more": "nokey"})) == {}


def test_two_that_stand_in_each_others_way_keep_what_they_have() -> None:
    one = Key("more", ("m",), "", "", "", "Explore")
    two = Key("mark", ("x",), "", "", "", "Explore")
    follows = [Key("graph_more", ("m",), "", "", "", "Graph"), Key("graph_mark", ("x",), "", "", "", "Graph")]
    keys = [one, two, *follows]
    assert followed(keys, {"mark": ("m",)}, on={"Graph"})["graph_mark"] == ("x",)
    assert followed(keys, {"mark": ("m",)})["graph_mark"] == ("m",)
    both = followed(keys, {"mark": ("m",), "more": ("x",)}, on={"Graph"})
    assert both == {"graph_more": ("x",), "graph_mark": ("m",)}


@pytest.mark.parametrize("profile", PROFILES)
async def test_the_swap_is_pressed_on_the_screens(library: Path, profile: str) -> None:
    app = FairouzApp(library, config=Config(keys=SWAP, keys_profile=profile), config_file=library / "config.toml")
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        assert len(screen.marks) == 1
        assert notices(pilot) == []
        for key, name in (("c", "card"), ("t", "modalities")):
            await pilot.press(key)
            await until(pilot, lambda name=name: isinstance(app.screen, screen_class(name)))  # type: ignore[misc]
            await pilot.press("m")
            assert isinstance(app.screen, screen_class(name))
            await pilot.press("x")
            await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
            await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, GraphScreen) and app.screen.ego is not None)
        graph = app.screen
        assert isinstance(graph, GraphScreen)
        await pilot.press("m")
        assert graph.tree_list.marked is not None
        await pilot.press("M")
        await until(pilot, lambda: isinstance(app.screen, MapScreen) and app.screen.first.canvas.chart is not None)
        map_screen = app.screen
        assert isinstance(map_screen, MapScreen)
        await until(pilot, lambda: map_screen.first.canvas.has_focus)
        await pilot.press("x")
        assert map_screen.first.canvas.lasso is not None
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "m                  Find tracks like this one" in help_text(app)
        await pilot.press("escape", "escape", "m")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


def help_text(app: FairouzApp) -> str:
    text = app.screen.query_one(HelpText)
    return "\n".join("".join(part for part, _ in line) for line in text.lines)


async def test_what_is_edited_outside_is_judged_too(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config_file=tmp_path / "config.toml")
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        (tmp_path / "config.toml").write_text('[keys]\nmark = "m"\nmore = "nokey"\n')
        await until(pilot, lambda: any("no key is called 'nokey'" in one for one in notices(pilot)))
        assert any("key m means both more and mark (Explore)" in one for one in notices(pilot))


async def test_the_page_of_keys_says_what_does_not_follow(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config_file=tmp_path / "config.toml")
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and app.screen.focused is not None)
        await pilot.press("G", "enter")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen) and len(app.screen.list) > 50)
        page = app.screen
        assert isinstance(page, KeysScreen)
        await pilot.press("slash", *"explore find tracks")
        await until(pilot, lambda: [key.id for key in page.list.keys] == ["more"])
        await pilot.press("escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, PressKeyScreen))
        await pilot.press("x", "enter")
        await until(pilot, lambda: dict(app.config.keys) == {"more": "x", "mark": "m"})
        await until(pilot, lambda: "On Map: x stays “Lasso”, “More like” is m." in notices(pilot))
        await pilot.press("slash", *["backspace"] * 20, *"visit_more")
        await until(pilot, lambda: [(key.id, key.keys) for key in page.list.keys] == [("visit_more", ("x",))])
        await pilot.press("escape", "d")
        await until(pilot, lambda: "It follows “More like” of Explore: put that one back." in notices(pilot))
        assert dict(app.config.keys) == {"more": "x", "mark": "m"}

"""Both profiles of keys: every key of what the plain one changes does the same thing in each of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.places import all_keys, keymap_of
from fairouz_tui.screens.card import CardScreen
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.modalities import ModalitiesScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.screens.visits import screen_class
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.tab_strip import TabStrip
from tests.fairouz_tui.driving import NARROW, WIDE, explore, until
from tests.fairouz_tui.pressed_keys import Pressed, PressedKeys

Noted = Callable[[], set[Pressed]]
CHANGED = frozenset(keymap_of(Config(keys_profile="plain")))
VISITED = ("graph", "map", "index", "modalities", "card", "settings")


class Hands:
    """Press keys by the names of what they do, with all the keys that a profile has for it."""

    def __init__(self, library: Path, profile: str) -> None:
        self.config = Config(keys_profile=profile, mpv_arguments=("--ao=null",))
        self.keys = {key.id: key.keys for key in all_keys(self.config)}
        self.app = FairouzApp(library, config=self.config, config_file=library / "config.toml")
        self._places = {key.id: key.place for key in all_keys(self.config)}

    def changed_in(self, *places: str) -> set[Pressed]:
        """Return the names and keys of these places that the profiles do not share."""
        return {(name, key) for name in CHANGED if self._places[name] in places for key in self.keys[name]}


@pytest.fixture(params=["vim", "plain"])
def hands(request: pytest.FixtureRequest, library: Path) -> Hands:
    return Hands(library, str(request.param))


@pytest.fixture
def noted(pressed: PressedKeys) -> Noted:
    """Return what tells the keys that have been pressed since the test began."""
    before = len(pressed.noted)
    return lambda: set(pressed.noted[before:])


async def came(pilot: Pilot[None], kind: type[Screen[Any]]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.focused is not None)


async def back(pilot: Pilot[None]) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen))


async def test_lists_and_the_playlist(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        results, keys = screen.results, hands.keys
        for number in range(max(len(keys[name]) for name in ("list_down", "list_top"))):
            for name, place in (("list_bottom", 35), ("list_up", 34), ("list_down", 35), ("list_top", 0)):
                await pilot.press(keys[name][number])
                assert results.cursor == place, (name, number)
        await pilot.press("a", "a", "2", "home")
        first, second = [row.id for row in screen.playlist.tracks]
        await pilot.press(*keys["move_down"])
        assert [row.id for row in screen.playlist.tracks] == [second, first]
        await pilot.press(*keys["move_up"])
        assert [row.id for row in screen.playlist.tracks] == [first, second]
        for key in keys["search"]:
            await pilot.press(key)
            assert screen.query_input.has_focus
            await pilot.press("escape")
        for key in keys["save"]:
            await pilot.press(key)
            await until(pilot, lambda: isinstance(hands.app.screen, SaveScreen))
            await back(pilot)
    left = hands.changed_in("Lists", "Explore") - noted()
    assert {name for name, _ in left} == {"quit", *VISITED}


async def test_the_other_screens(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        for name in VISITED:
            for key in hands.keys[name]:
                await pilot.press(key)
                await came(pilot, screen_class(name))
                await back(pilot)
        for name in VISITED:
            await pilot.press("c" if name != "card" else "S")
            await came(pilot, CardScreen if name != "card" else screen_class("settings"))
            for key in hands.keys[f"visit_{name}"]:
                begin = pilot.app.screen
                await pilot.press(key)
                await came(pilot, screen_class(name))
                await pilot.press("c" if name != "card" else "S")
                await until(pilot, lambda begin=begin: isinstance(hands.app.screen, type(begin)))  # type: ignore[misc]
            await back(pilot)
    left = hands.changed_in("Explore", "Other screens") - noted()
    assert {name for name, _ in left} == {"search", "save", "move_down", "move_up", "quit", "visit_quit"}


@pytest.mark.parametrize("profile", ["vim", "plain"])
@pytest.mark.parametrize("name", ["quit", "visit_quit"])
async def test_leaving(library: Path, noted: Noted, profile: str, name: str) -> None:
    for key in Hands(library, profile).keys[name]:
        app = Hands(library, profile).app
        async with app.run_test(size=WIDE) as pilot:
            await until(pilot, lambda app=app: isinstance(app.screen, ExploreScreen))  # type: ignore[misc]
            if name == "visit_quit":
                await pilot.press("c")
                await came(pilot, CardScreen)
            await pilot.press(key)
        assert app.return_code == 0
        assert app._exit
        assert (name, key) in noted()
        (library / "state.json").unlink(missing_ok=True)


async def test_faders(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("f")
        faders, keys = screen.query_one(Faders), hands.keys
        for number in range(len(keys["faders_more"])):
            await pilot.press(keys["faders_more"][number])
            assert faders.values == {"audio": 1.1}
            await pilot.press(keys["faders_down"][number], keys["faders_less"][number])
            assert faders.values == {"audio": 1.1, "lyrics": 0.9}
            await pilot.press(keys["faders_up"][number], keys["faders_less"][number])
            assert faders.values == {"lyrics": 0.9}
            await pilot.press("0")
    assert hands.changed_in("Faders") <= noted()


async def test_the_right_pane(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=NARROW) as pilot:
        screen = await explore(pilot)
        await pilot.press("x", "e")
        screen.results.cursor = 1
        why, keys = screen.why, hands.keys
        await until(pilot, lambda: (known := why._explained) is not None and known.whole)
        await pilot.press("3")
        await until(pilot, lambda: why.has_focus and why.max_scroll_y > 1)
        why.scroll_home(animate=False)
        for number in range(len(keys["why_down"])):
            for name, place in (("why_bottom", why.max_scroll_y), ("why_top", 0), ("why_down", 1), ("why_up", 0)):
                await pilot.press(keys[name][number])
                await until(pilot, lambda place=place: why.scroll_offset.y == place)  # type: ignore[misc]
        strip = why.query_one(TabStrip)
        begun = strip.open_tab
        for number in range(len(keys["why_next"])):
            await pilot.press(keys["why_next"][number])
            assert strip.open_tab != begun
            await pilot.press(keys["why_last"][number])
            assert strip.open_tab == begun
    assert hands.changed_in("Texts", "Right pane") <= noted()


async def test_the_graph(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("v")
        await came(pilot, GraphScreen)
        screen = pilot.app.screen
        assert isinstance(screen, GraphScreen)
        await until(pilot, lambda: screen.ego is not None)
        for ahead, home in zip(hands.keys["graph_walk"], (*hands.keys["graph_back"], "backspace"), strict=False):
            await pilot.press(ahead)
            await until(pilot, lambda: len(screen.walked) == 2)
            await pilot.press(home)
            await until(pilot, lambda: len(screen.walked) == 1)
    assert hands.changed_in("Graph") <= noted()


async def test_by_modality(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("t")
        await came(pilot, ModalitiesScreen)
        screen = pilot.app.screen
        assert isinstance(screen, ModalitiesScreen)
        begun = screen.at
        for ahead, home in zip(hands.keys["modalities_next"], hands.keys["modalities_last"], strict=True):
            await pilot.press(ahead)
            assert screen.at != begun
            await pilot.press(home)
            assert screen.at == begun
    assert hands.changed_in("By modality") <= noted()


async def test_the_map(hands: Hands, noted: Noted) -> None:
    async with hands.app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("M")
        await came(pilot, MapScreen)
        screen = pilot.app.screen
        assert isinstance(screen, MapScreen)
        canvas = screen.first.canvas
        await until(pilot, lambda: canvas.chart is not None and canvas.has_focus)
        await pilot.press("0")
        canvas._moved_to(canvas.window.point(40, 15, *canvas.size))
        at = (40, 15)
        for name, (right, down) in {"right": (1, 0), "down": (0, 1), "left": (-1, 0), "up": (0, -1)}.items():
            for key in hands.keys[f"map_{name}"]:
                await pilot.press(key)
                at = (at[0] + right, at[1] + down)
                assert canvas.window.cell(*canvas.cross, *canvas.size) == at, key
    assert hands.changed_in("Map: the map") <= noted()


def test_no_place_is_left_out() -> None:
    places = {key.place for key in all_keys(Config()) if key.id in CHANGED}
    tried = {"Lists", "Explore", "Other screens", "Faders", "Texts", "Right pane", "Graph", "By modality"}
    assert places == {*tried, "Map: the map"}

"""The keys that all visited screens share do the same on each of them."""

from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.visiting import VisitScreen
from fairouz_tui.state import load_state
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.playing_line import PlayingLine
from tests.fairouz_tui.driving import WIDE, app_on, explore, until

LETTERS = {"graph": "v", "map": "M", "index": "I", "modalities": "t", "card": "c", "settings": "S"}
SPACE_IS_ITS_OWN = ("map", "settings")
DIGITS = {"graph": "4", "map": "5", "index": "6", "modalities": "7", "card": "8", "settings": "9"}


async def opened(pilot: Pilot[None], key: str, name: str) -> VisitScreen:
    """Press a key and return the screen that it opens, once it is about a track."""
    app = pilot.app
    before = app.screen
    await pilot.press(key)
    await until(pilot, lambda: app.screen is not before and isinstance(app.screen, VisitScreen))
    screen = app.screen
    assert isinstance(screen, VisitScreen)
    assert name == screen.NAME
    await until(pilot, lambda: screen.chosen is not None and screen.focused is not None)
    return screen


async def opens(pilot: Pilot[None], key: str, kind: type[object]) -> None:
    """Press a key that lays a screen over this one, and close that again."""
    screen = pilot.app.screen
    await pilot.press(key)
    await until(pilot, lambda: isinstance(pilot.app.screen, kind))
    await pilot.press("escape")
    await until(pilot, lambda: pilot.app.screen is screen)


async def about_a_track(pilot: Pilot[None], key: str, name: str) -> VisitScreen:
    """Open a screen with its cursor on a track: in the graph names come first."""
    screen = await opened(pilot, key, name)
    if isinstance(screen, GraphScreen):
        await until(pilot, lambda: screen.node is not None)
        while screen.node is not None and screen.node.kind != "track":
            await pilot.press("j")
    return screen


def chosen(screen: VisitScreen) -> int:
    assert screen.chosen is not None
    return screen.chosen.id


def on(app: FairouzApp, kind: type[object]) -> bool:
    return isinstance(app.screen, kind)


@pytest.mark.parametrize("name", LETTERS)
async def test_from_each_screen_every_other_is_one_key_away(library: Path, name: str) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        here = await opened(pilot, LETTERS[name], name)
        await pilot.press(LETTERS[name], DIGITS[name])
        await pilot.pause()
        assert app.screen is here
        for other in LETTERS:
            if other != name:
                await opened(pilot, LETTERS[other], other)
                await opened(pilot, DIGITS[name], name)
        await pilot.press("1")
        await until(pilot, lambda: on(app, ExploreScreen))


@pytest.mark.parametrize("name", LETTERS)
async def test_its_track_is_added_and_asked_about_and_the_way_back_is_open(library: Path, name: str) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        explorer = await explore(pilot)
        wanted = chosen(await about_a_track(pilot, DIGITS[name], name))
        await pilot.press("a")
        await until(pilot, lambda: [row.id for row in explorer.playlist.tracks] == [wanted])
        for key, kind in (("question_mark", HelpScreen), ("f1", HelpScreen), ("colon", CommandPalette)):
            await opens(pilot, key, kind)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is explorer)
        wanted = chosen(await about_a_track(pilot, LETTERS[name], name))
        await pilot.press("m")
        await until(pilot, lambda: app.screen is explorer and explorer.here.kind is Kind.TRACK)
        assert explorer.here.track is not None
        assert explorer.here.track.id == wanted
        await opened(pilot, LETTERS[name], name)
        await pilot.press("q")
    assert load_state(state_path(library)).screen == name


@pytest.mark.parametrize("name", LETTERS)
async def test_what_plays_is_shown_and_paused(library: Path, name: str) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        explorer = await explore(pilot)
        playing = explorer.now_playing
        line = (await opened(pilot, LETTERS[name], name)).query_one(PlayingLine)
        assert not line.display
        await pilot.press("escape", "enter")
        await until(pilot, lambda: playing.position_seconds > 0)
        assert explorer.results.current is not None
        title = explorer.results.current.title
        screen = await opened(pilot, LETTERS[name], name)
        line = screen.query_one(PlayingLine)
        await until(pilot, lambda: line.size.height == 1)
        assert (line.region.y, line.region.width) == (WIDE[1] - 2, WIDE[0])
        await until(pilot, lambda: "▶ " + title in line.render().plain)
        await pilot.press("space")
        if name not in SPACE_IS_ITS_OWN:
            await until(pilot, lambda: playing.paused and line.render().plain.startswith("⏸"))
        playing.track = None
        await until(pilot, lambda: not line.display)

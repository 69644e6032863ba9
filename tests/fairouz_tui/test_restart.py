"""What a run of the explorer leaves is there in the next one."""

import asyncio
import json
import math
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.state import Heard, load_state, save_state
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.storing.store import Store
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import Entry, shelve

SILENT = Config(mpv_arguments=("--no-config", "--ao=null"))
SECONDS = 60


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a library of three tracks of silence."""
    folder = tmp_path / "library"
    shelve(folder, tuple(Entry(f"Title {at}", "Someone", "Album", 1970, float(SECONDS)) for at in range(3)))
    with Store(folder) as store, store.writing() as connection:
        for at in range(3):
            silence(tmp_path / f"{at}.wav")
            name = f"{at}.wav".encode()
            connection.execute("UPDATE tracks SET path = ? WHERE id = ?", (name, at + 1))
        connection.execute("UPDATE roots SET path = ?", (bytes(tmp_path),))
    return folder


def silence(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000 * SECONDS))


def app_on(library: Path) -> FairouzApp:
    return FairouzApp(library, config=SILENT)


async def recalled(screen: ExploreScreen) -> None:
    while screen._recalling:
        await asyncio.sleep(0.01)


async def test_marks_and_the_place_in_the_playlist_are_kept(shelf: Path) -> None:
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "a", "2", "g", "j", "1", "g", "j", "x", "k", "x")
        assert [row.id for row in screen.marks] == [2, 1]
        assert screen.playlist.cursor == 1
        await pilot.press("q")
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.marks)
        assert [row.id for row in screen.marks] == [2, 1]
        assert screen.results.marked == (2, 1)
        assert "2 marks" in str(screen.results.border_subtitle)
        assert screen.playlist.cursor == 1
        await pilot.press("X")
        assert not screen.marks


async def test_what_played_waits_paused_where_it_was_and_goes_on_as_it_was_begun(shelf: Path) -> None:
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        playing = screen.query_one(NowPlaying)
        await pilot.press("j", "enter")
        await until(pilot, lambda: playing.track is not None)
        playing._player.seek(33.0, relative=False)
        await until(pilot, lambda: playing.position_seconds >= 33)
        assert screen.state().heard == Heard(2, 30.0, (), "artist", 1, follows=True)
        await pilot.press("q")
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        playing = screen.query_one(NowPlaying)
        await until(pilot, lambda: playing.track is not None)
        assert playing.paused
        assert not playing._player.running
        assert "⏸ Title 1" in playing.render().plain
        assert playing.position_seconds >= 33
        assert playing.position_seconds % 1 == 0
        assert "0:3" in playing.render().plain
        assert screen.results.playing == 2
        await pilot.press("space")
        await until(pilot, lambda: not playing.paused and playing.position_seconds >= 33)
        assert playing.position_seconds < 40
        playing._player.seek(59.5, relative=False)
        await until(pilot, lambda: playing.track is not None and playing.track.id == 3)
        await pilot.press("q")


async def test_a_file_that_has_gone_ends_the_line_with_a_notice(shelf: Path) -> None:
    save_state(state_path(shelf), state=replace(load_state(state_path(shelf)), heard=Heard(2, 12.0)))
    (shelf.parent / "1.wav").unlink()
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        playing = screen.query_one(NowPlaying)
        await until(pilot, lambda: playing.track is not None)
        await pilot.press("space")
        await until(pilot, lambda: playing.track is None)
        assert any("no such file" in notice for notice in notices(pilot))
        await until(pilot, lambda: screen.results.playing is None)
        assert playing.source is None


async def test_a_pause_asked_for_while_the_file_opens_is_done_once_it_is_open(shelf: Path) -> None:
    save_state(state_path(shelf), state=replace(load_state(state_path(shelf)), heard=Heard(2, 12.0)))
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        playing = screen.query_one(NowPlaying)
        await until(pilot, lambda: playing.track is not None)
        await pilot.press("space", "space")
        await until(pilot, lambda: playing._player.status.paused and not playing.opening)
        await until(pilot, lambda: playing.paused and playing.position_seconds >= 12)
        await pilot.press("enter", "space")
        await until(pilot, lambda: playing.track is not None and playing.track.id == 1)
        await until(pilot, lambda: playing.paused and playing._player.status.paused)
        assert not notices(pilot)
        playing._player.seek(2.5, relative=False)
        await until(pilot, lambda: 2 <= playing.position_seconds < 3)
        heard = screen.heard()
        assert heard is not None
        assert heard.position_seconds == 2.0


async def test_what_cannot_be_played_leaves_what_plays_and_what_follows_it(shelf: Path) -> None:
    app = app_on(shelf)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        playing = screen.query_one(NowPlaying)
        await pilot.press("enter")
        await until(pilot, lambda: screen.results.playing == 1)
        (shelf.parent / "1.wav").unlink()
        await pilot.press("j", "a", "2", "enter")
        await until(pilot, lambda: any("no such file" in notice for notice in notices(pilot)))
        heard = screen.heard()
        assert heard is not None
        assert (heard.track_id, heard.order, screen.results.playing) == (1, "artist", 1)
        assert playing.display


@pytest.mark.parametrize("position", [-1.0, math.nan, math.inf])
def test_a_place_that_is_none_is_the_start(tmp_path: Path, position: float) -> None:
    path = tmp_path / "state.json"
    save_state(path, state=replace(load_state(path), heard=Heard(1)))
    kept = json.loads(path.read_text())
    kept["heard"]["position_seconds"] = position
    path.write_text(json.dumps(kept))
    assert load_state(path).heard == Heard(1)

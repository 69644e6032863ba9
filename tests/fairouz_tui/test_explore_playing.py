"""Playing a track, and what is said when that cannot be."""

import os
import signal
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.widgets.now_playing import NowPlaying
from tests.fairouz_tui.driving import WIDE, app_on, explore, notices, told, until
from tests.fairouz_tui.shelf import shelve


async def test_enter_plays_and_space_pauses(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("space")
        await until(pilot, lambda: any("nothing is playing" in notice for notice in notices(pilot)))
        await pilot.press("enter")
        playing = screen.query_one(NowPlaying)
        await until(pilot, lambda: playing.track is not None and playing.position_seconds > 0)
        assert screen.results.playing == 1
        await pilot.press("space")
        await until(pilot, lambda: playing.paused)
        assert "⏸" in playing.render().plain
        await pilot.press("q")


async def test_without_a_player_one_notice_says_what_to_install(library: Path) -> None:
    app = FairouzApp(library, config=Config(mpv_program="no-such-player"))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("install" in notice for notice in notices(pilot)))
        assert len(notices(pilot)) == 1
        await pilot.press("j")
        assert screen.results.cursor == 1


async def test_a_file_that_is_gone_is_one_notice(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: notices(pilot))
        assert len(notices(pilot)) == 1
        assert "no such file" in notices(pilot)[0]
        assert screen.query_one(NowPlaying).track is None


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_a_player_that_is_ended_from_outside_leaves_its_track_paused(
    library: Path, ending: signal.Signals
) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        playing = screen.now_playing
        await until(pilot, lambda: playing.track is not None and playing.position_seconds > 0)
        process = playing._player._process
        assert process is not None
        os.kill(process.pid, ending)
        await told(pilot, "space starts it again and goes on")
        heard = playing.position_seconds
        assert playing.paused
        assert screen.results.playing == 1
        await until(pilot, lambda: not playing._player.running)
        await pilot.press("space")
        await until(pilot, lambda: not playing.paused and playing.position_seconds > heard)
        await pilot.press("q")


async def test_without_a_sound_output_the_line_goes_with_one_notice(library: Path) -> None:
    app = FairouzApp(library, config=Config(mpv_arguments=("--ao=no-such-output",)))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        await told(pilot, "audio output initialization failed; the settings (S) have mpv's arguments")
        assert len(notices(pilot)) == 1
        assert (screen.now_playing.track, screen.now_playing.source) == (None, None)
        await until(pilot, lambda: screen.results.playing is None)
        await pilot.press("q")

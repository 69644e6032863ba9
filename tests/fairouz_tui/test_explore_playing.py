"""Playing a track, and what is said when that cannot be."""

from pathlib import Path

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.widgets.now_playing import NowPlaying
from tests.fairouz_tui.driving import WIDE, app_on, explore, notices, until
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

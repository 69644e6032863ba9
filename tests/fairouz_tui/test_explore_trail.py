"""The trail: what is like a track, the way back, and where a run was left off."""

from pathlib import Path

from fairouz_tui.steps import Kind
from fairouz_tui.widgets.faders import Faders
from tests.fairouz_tui.driving import WIDE, app_on, explore, told, until


async def test_more_like_this_and_back(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("j", "j", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        first = screen.here.track
        scores = [hit.score or 0.0 for hit in screen.results.hits]
        assert scores == sorted(scores, reverse=True)
        await pilot.press("j", "m")
        await until(pilot, lambda: len(screen.trail) == 3)
        await pilot.press("backspace")
        await until(pilot, lambda: len(screen.trail) == 2)
        assert screen.here.track == first
        assert screen.results.cursor == 1
        await pilot.press("backspace")
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY)
        assert screen.results.cursor == 2
        await pilot.press("backspace")
        await told(pilot, "This is where the trail starts.")


async def test_what_was_on_the_screen_survives_a_restart(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("f", "right", "escape")
        await until(pilot, lambda: screen._spinning is None)
        track, playlist = screen.here.track, screen.playlist.tracks
        await pilot.press("q")
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.kind is Kind.TRACK and screen.here.answer is not None)
        assert screen.here.track == track
        assert screen.playlist.tracks == playlist
        assert screen.query_one(Faders).values == {"audio": 1.1}


async def test_the_place_in_the_library_and_the_question_survive_a_restart(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("comma", *["j"] * 7)
        await until(pilot, lambda: screen.results.current is not None and screen.results.cursor == 7)
        left = screen.results.current
        await pilot.press("q")
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert screen.order == "title"
        assert (screen.results.current, screen.results.cursor) == (left, 7)
        await pilot.press("slash", *"artist:marisol", "escape")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and screen.here.text == "artist:marisol")
        await pilot.press("comma", "j", "j")
        place = (screen.results.current, screen.results.cursor)
        await pilot.press("q")
    third = app_on(library)
    async with third.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and screen.here.answer is not None)
        assert screen.query_input.value == "artist:marisol"
        await until(pilot, lambda: (screen.results.current, screen.results.cursor) == place, seconds=10)
        assert "by title" in str(screen.results.border_title)
        await pilot.press("backspace")
        assert screen.results.cursor == 7

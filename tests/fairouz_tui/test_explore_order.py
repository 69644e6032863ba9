"""The order of the library and of an answer."""

from pathlib import Path

from fairouz_tui.paths import state_path
from fairouz_tui.state import load_state
from fairouz_tui.steps import Kind
from indexer.fold import fold
from tests.fairouz_tui.driving import WIDE, app_on, explore, notices, until


async def test_sorting_goes_round_and_is_remembered(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("comma")
        await until(pilot, lambda: (row := screen.results.current) is not None and row.title == "Afterhours")
        assert "by title" in str(screen.results.border_title)
        await screen.run_action("sort_by('-year')")
        await until(pilot, lambda: (row := screen.results.current) is not None and row.title != "Afterhours")
        years = [row.year for index in range(36) if (row := screen.results.row_at(index)) is not None and row.year]
        assert years == sorted(years, reverse=True)
        await pilot.press("q")
    assert load_state(state_path(library)).sort == "-year"


async def test_an_answer_can_be_sorted_and_keeps_its_track_under_the_cursor(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await screen.run_action("sort_by('score')")
        await until(pilot, lambda: "no scores" in "".join(notices(pilot)))
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        ranked, best = screen.results.hits, screen.results.current
        await pilot.press("comma")
        titles = [fold(hit.track.title) for hit in screen.results.hits]
        assert titles == sorted(titles)
        assert screen.results.current == best
        assert "by title" in str(screen.results.border_title)
        await pilot.press("comma", "comma", "comma")
        years = [hit.track.year for hit in screen.results.hits if hit.track.year]
        assert years == sorted(years)
        await pilot.press("comma")
        assert screen.results.hits == ranked
        await screen.run_action("sort_by('-added')")
        await until(pilot, lambda: "cannot be sorted" in notices(pilot)[-1])

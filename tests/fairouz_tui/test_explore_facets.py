"""The facets pane: what is shown is counted, a value narrows the question, again takes it out."""

from pathlib import Path

from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.facets import FEW, IN_QUESTION, FacetsPane
from tests.fairouz_tui.driving import MEDIUM, NARROW, WIDE, app_on, explore, notices, until


def go_to(pane: FacetsPane, facet: str, label: str = "") -> str:
    """Put the cursor on a value of a facet, its first where no label is given, and return its term."""
    for index, line in enumerate(pane._lines):
        if line.facet == facet and line.value is not None and label in ("", line.value.label):
            pane.cursor = index
            return line.value.term
    raise AssertionError(f"no {facet} {label}")


def rows(screen: ExploreScreen) -> set[int]:
    return {hit.track.id for hit in screen.results.hits}


async def test_a_value_narrows_the_library_again_takes_it_out_minus_leaves_out(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("F")
        pane = screen.facets
        await until(pilot, lambda: len(pane) > 0)
        assert pane.has_focus
        named = [line.facet for line in pane._lines if line.value is None and not line.more]
        assert [facet for facet in named if not facet.startswith("cluster")] == [  # which is there once a map was made
            "artist",
            "album",
            "genre",
            "year",
            "format",
            "cover",
            "lyrics",
        ]
        term = go_to(pane, "genre")
        wanted = pane.chosen
        assert wanted is not None
        await pilot.press("enter")
        await until(pilot, lambda: screen.here.text == term and pane._lines[0].facet == IN_QUESTION)
        assert len(screen.results) == wanted.tracks
        assert screen.query_input.value == term
        assert pane.has_focus
        narrowed = rows(screen)
        await pilot.press("minus")
        await until(pilot, lambda: screen.here.text == f"-{term}" and screen.here.answer is not None)
        assert not rows(screen) & narrowed
        assert len(rows(screen)) == 36 - len(narrowed)
        await until(pilot, lambda: pane._text == f"-{term}")
        pane.cursor = 1
        await pilot.press("enter")
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY and pane._text == "")
        assert len(screen.results) == 36
        await pilot.press("escape")
        assert not pane.display
        assert screen.results.has_focus


async def test_lines_unfold_and_fold(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("F")
        pane = screen.facets

        def albums() -> int:
            return sum(line.facet == "album" and line.value is not None for line in pane._lines)

        await until(pilot, lambda: albums() == FEW)
        go_to(pane, "album")
        await pilot.press("right")
        every = albums()
        assert every > FEW
        await pilot.press("left")
        assert albums() == FEW
        await pilot.press("k", "enter")
        assert albums() == 0
        await pilot.press("enter")
        assert albums() == FEW
        more = next(index for index, line in enumerate(pane._lines) if line.facet == "album" and line.more)
        await pilot.click(FacetsPane, offset=(5, more + 1 - pane.scroll_offset.y))
        assert albums() == every


async def test_facets_narrow_what_is_like_a_track_and_not_a_path(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await explore(pilot)
        await pilot.press("e", "F")
        assert not screen.why.display
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK and len(screen.facets) > 0)
        asked = screen.here.track
        term = go_to(screen.facets, "year")
        await pilot.press("enter")
        await until(pilot, lambda: screen.here.text == term)
        assert screen.here.track == asked
        decade = int(term.removeprefix("year:")[:4])
        assert screen.results.hits
        assert all(hit.track.year // 10 * 10 == decade for hit in screen.results.hits if hit.track.year)
        assert screen.here.label.endswith(f" · {term}")
        await pilot.press("1", "plus")
        await until(pilot, lambda: screen.here.kind is Kind.MIX)
        assert screen.here.text == term
        await pilot.press("g", "x", "G", "p")
        await until(pilot, lambda: screen.here.kind is Kind.PATH)
        before = screen.trail
        await pilot.resize_terminal(*NARROW)
        await pilot.press("F", "F")
        assert screen.facets.has_focus
        assert not screen.query_one("#left").display
        await until(pilot, lambda: len(screen.facets) > 0)
        go_to(screen.facets, "genre")
        await pilot.press("enter")
        await until(pilot, lambda: any("path is not narrowed" in notice for notice in notices(pilot)))
        assert screen.trail == before
        await pilot.press("F")
        assert screen.results.has_focus
        assert screen.query_one("#left").display

"""Say on the map what was found, what is under the cursor and why there is no map."""

from pathlib import Path

from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.map import MapScreen
from indexer.catalogue import Catalogue
from indexer.exploring.answer import TrackRow
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.map_screen.driving import MEDIUM, app_on, opened, said
from tests.fairouz_tui.shelf import shelve


async def test_words_light_what_matches(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("slash", *"harbour")
        await until(pilot, lambda: screen.found is not None and screen.found.text == "harbour")
        assert screen.found is not None
        wanted = {hit.track.id for hit in Catalogue(mapped).suggest("harbour").hits}
        assert set(screen.found.ids) == wanted
        assert 0 < len(wanted) < 36
        assert f"lights {len(wanted)}" in said(screen, "visit-title")
        await pilot.press("enter")
        await until(pilot, lambda: canvas.has_focus and canvas.track_id == screen.found.ids[0])  # type: ignore[union-attr]
        lit = canvas._lit
        assert lit is not None
        assert canvas.chart is not None
        assert set(canvas.chart.ids[lit].tolist()) == wanted
        await pilot.press("slash")
        assert screen.query_one("#map-words", Input).has_focus
        await pilot.press("escape")
        await until(pilot, lambda: canvas.has_focus)
        assert screen.found is not None
        await pilot.press("escape")
        assert screen.found is None
        assert canvas._lit is None
        await pilot.press("slash", *"year:x")
        await until(pilot, lambda: "year" in said(screen, "visit-title"))
        assert "lights" not in said(screen, "visit-title")


async def test_what_stands_in_tags_changes_nothing_but_its_own_line(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        track_id = screen.first.canvas.track_id
        assert track_id is not None
        screen._rows[track_id] = TrackRow(track_id, "/x", "[red]\x1b[2J\u202e" + "a" * 9999, "B\nC", "")
        screen.tell()
        await until(pilot, lambda: "[red]" in said(screen, "map-place"))
        assert not {"\x1b", "\u202e", "\n"} & set(said(screen, "map-place"))
        assert screen.query_one("#map-place").size.height == 1


async def test_without_vectors_it_says_what_to_do_and_stays_usable(tmp_path: Path) -> None:
    async with FairouzApp(shelve(tmp_path)).run_test(size=MEDIUM) as pilot:
        await explore(pilot)
        await pilot.press("M")
        await until(pilot, lambda: any("not embedded yet" in one for one in notices(pilot)))
        screen = pilot.app.screen
        assert isinstance(screen, MapScreen)
        assert "not embedded yet" in screen.first.canvas.render_line(1).text
        keys = ["n", "x", "j", "z", "0", "C", "w", "o", "d", "A", "b", "b", "tab", "enter", "f", "escape", "escape"]
        await pilot.press(*keys)
        await explore(pilot)

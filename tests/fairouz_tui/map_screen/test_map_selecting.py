"""Select tracks on the map: with the lasso, by the legend, on two maps at once."""

from pathlib import Path

import numpy as np
import pytest

from fairouz_tui.screens.map_messages import Encircled
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.map_legend import query_of
from indexer.catalogue import Catalogue
from indexer.maps.charts import Chart
from indexer.maps.colours import colours, groups
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.map_screen.driving import NARROW, WIDE, app_on, ids, opened, said, settled


async def test_a_lasso_selects_what_it_encircles(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("0", "A")
        assert any("Nothing is selected" in one for one in notices(pilot))
        canvas._moved_to(canvas.window.point(20, 8, *canvas.size))
        await pilot.press("x", *"l" * 40, *"j" * 14, *"h" * 40)
        assert "drawing a lasso" in said(screen, "visit-title")
        outline = np.array(canvas.lasso)
        await pilot.press("x")
        await until(pilot, lambda: screen.selected is not None)
        assert canvas.lasso is None
        assert canvas.chart is not None
        low, high = outline.min(axis=0), outline.max(axis=0)
        inside = ((canvas.chart.places > low) & (canvas.chart.places < high)).all(axis=1)
        assert ids(screen) == set(canvas.chart.ids[inside].tolist())
        assert 0 < len(ids(screen)) < 36
        assert f"{len(ids(screen))} selected" in said(screen, "visit-title")
        await pilot.press("A")
        await until(pilot, lambda: screen.host.listed == ids(screen))
        await pilot.press("x", "l", "escape")
        assert canvas.lasso is None
        assert ids(screen)
        await pilot.press("escape")
        assert not ids(screen)
        screen.post_message(Encircled(np.zeros(0, np.int64)))
        await until(pilot, lambda: any("No track lies inside" in one for one in notices(pilot)))
        await pilot.press("escape")
        await explore(pilot)


async def test_two_maps_have_one_selection_and_one_cursor(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        first, second = screen.first.canvas, screen.second.canvas
        await pilot.press("b")
        await settled(pilot, screen)
        assert second.chart is not None
        assert second.chart.source == "audio"
        assert second.track_id == first.track_id
        assert second.size.width == pytest.approx(first.size.width, abs=1)
        await pilot.press("n")
        await until(pilot, lambda: second.track_id == first.track_id)
        await pilot.press("tab")
        await until(pilot, lambda: screen.active is screen.second)
        await pilot.press("n")
        await until(pilot, lambda: second.track_id == first.track_id)
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus)
        await pilot.press("enter")
        assert screen.legend.group is not None
        assert ids(screen) == set(second.chart.ids[screen.legend.group.rows].tolist())
        for canvas in (first, second):
            assert canvas.chart is not None
            assert canvas._selected is not None
            assert set(canvas.chart.ids[canvas._selected].tolist()) == ids(screen)
        await pilot.press("shift+tab")
        await until(pilot, lambda: second.has_focus)
        await pilot.press("b")
        await until(pilot, lambda: first.has_focus and not second.display)


async def test_a_group_leads_back_to_explore_or_is_selected(mapped: Path) -> None:
    app = app_on(mapped)
    async with app.run_test(size=NARROW) as pilot:
        screen = await opened(pilot)
        assert not screen.legend.display
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus and screen.legend.display)
        assert not screen.first.canvas.display
        group = screen.legend.group
        assert group is not None
        await pilot.press("f")
        explorer = await explore(pilot)
        await until(pilot, lambda: explorer.here.kind is Kind.WORDS)
        assert explorer.here.text == f'cluster:="{group.name}"'
        await until(pilot, lambda: len(explorer.results) == len(group.rows))
        await pilot.press("F")
        await until(pilot, lambda: explorer.facets._facets and explorer.facets._facets[-1].name == "cluster")
        (value,) = explorer.facets._facets[-1].values
        assert (value.label, value.tracks) == (group.name, len(group.rows))
        await pilot.press("F")
        screen = await opened(pilot)
        await pilot.press("C")
        await settled(pilot, screen)
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus)
        await pilot.press("j", "f")
        explorer = await explore(pilot)
        await until(pilot, lambda: explorer.here.text.startswith('genre:"'))
        await until(pilot, lambda: 0 < len(explorer.results) < 36)


def test_queries_of_groups_find_them(mapped: Path) -> None:
    catalogue = Catalogue(mapped)
    for by in ("genre", "year", "album", "artist"):
        chart = Chart("joint", "pca", np.arange(1, 37), np.zeros((36, 2), np.float32), np.zeros(36, int), ("all",))
        for group in groups(chart, colours(catalogue.connection, chart, by), by):
            query = query_of(by, group.name)
            if group.name != "all others":
                found = {hit.track.id for hit in catalogue.suggest(query, limit=99).hits}
                assert set(chart.ids[group.rows].tolist()) <= found, query
    assert query_of("artist", 'the "others"') == query_of("playlist", "jazz") == query_of("genre", "all others") == ""
    assert query_of("cluster", "loud, fast", source="audio") == 'cluster:="audio: loud, fast"'

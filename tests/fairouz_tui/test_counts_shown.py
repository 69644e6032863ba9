"""Figures that two places show agree: tracks that are there, those that are missing, how near a neighbour is."""

import sqlite3
from pathlib import Path

import pytest
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.widgets.neighbour_table import near_text
from indexer.exploring.answer import Hit, TrackRow
from tests.fairouz_tui.driving import WIDE, explore, until
from tests.fairouz_tui.shelf import FEW, shelve


@pytest.mark.parametrize(
    ("percentile", "text"), [(None, ""), (0.0, "far"), (0.4, "<1 %"), (1.0, "1 %"), (96.6, "97 %")]
)
def test_nearness_says_more_than_zero(percentile: float | None, text: str) -> None:
    assert near_text(Hit(TrackRow(1, "a.mp3", "A", "B", "C"), 0.5, percentile)) == text


async def test_the_index_counts_tracks_as_explore_does(tmp_path: Path) -> None:
    shelve(tmp_path)
    with sqlite3.connect(tmp_path / "library.db") as connection:
        connection.execute("UPDATE tracks SET missing_since = 1 WHERE id < 3")
    app, left = FairouzApp(tmp_path), len(FEW) - 2
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: f"{left} tracks · 2 missing" in screen.top_line._library(WIDE[0]))
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.screen, IndexScreen) and app.screen.read.known)
        title = app.screen.query_one("#visit-title", Static)
        await until(pilot, lambda: f"{left} tracks · 2 missing in 1 folder" in str(title.content))
        assert isinstance(app.screen, IndexScreen)
        assert app.screen.folders.render_line(1).text.split()[1:3] == [str(left), "2"]

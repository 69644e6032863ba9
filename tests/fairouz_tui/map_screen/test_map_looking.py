"""Take what the map is of, how it is laid out and coloured, and come back to what was looked at."""

from pathlib import Path

import pytest

from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_charting import _window
from indexer.maps.window import Window
from tests.fairouz_tui.driving import explore, on_top
from tests.fairouz_tui.map_screen.driving import MEDIUM, WIDE, app_on, opened, settled


async def test_colours_spaces_and_ways_are_taken_in_turn_and_remembered(mapped: Path) -> None:
    app = app_on(mapped)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas, track_id = screen.first.canvas, screen.first.canvas.track_id
        assert str(canvas.border_title) == "joint space · t-SNE · by cluster"
        for by in ("genre", "year", "album", "artist", "playlist", "cluster"):
            await pilot.press("C")
            await settled(pilot, screen)
            assert screen.first.by == by
            assert str(screen.legend.border_title) == f"{by}s".capitalize()
            assert str(canvas.border_title).endswith(f"by {by}")
        await pilot.press("C")
        await pilot.press("w")
        await settled(pilot, screen)
        assert canvas.chart is not None
        assert canvas.chart.how == "pca"
        shown = []
        for key in ("space", "space", "O"):
            await pilot.press(key)
            await settled(pilot, screen)
            shown.append(canvas.chart.source)
            assert (canvas.track_id == track_id) == (track_id in canvas.chart.ids)
        assert shown == ["audio", screen.first.sources[2], "audio"]
        await pilot.press("R")
        await settled(pilot, screen)
        await pilot.press("z", "z")
        window = canvas.window
        await pilot.press("escape")
        explorer = await explore(pilot)
        kept = explorer.memories["map"]
        assert kept == {
            "source": "audio", "how": "pca", "colour": "genre", "window": [window.x, window.y, window.reach],
            "beside": "",
        }  # fmt: skip
        await pilot.press("M")
        again = await on_top(pilot, MapScreen)
        await settled(pilot, again)
        assert str(again.first.canvas.border_title) == "audio · PCA · by genre"
        assert again.first.canvas.window.reach == window.reach
        assert again.first.canvas.track_id == track_id


async def test_letters_stand_for_colours_where_there_are_none(mapped: Path) -> None:
    app = app_on(mapped)
    app.no_color = True
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas

        def drawn() -> set[str]:
            return set("".join(canvas.render_line(y).text for y in range(canvas.size.height))) - set(" ┼●")

        assert drawn() <= set("ABCDEFGH·")
        assert len(drawn()) > 1
        assert " A " in screen.legend.render_line(0).text
        await pilot.press("d")
        assert all("\u2800" < mark <= "\u28ff" for mark in drawn())
        assert "●" in screen.legend.render_line(0).text


@pytest.mark.parametrize(
    ("kept", "window"),
    [
        ([0.5, -0.25, 0.1], Window(0.5, -0.25, 0.1)),
        ([9, -9, 100], Window(1, -1, 1.05)),
        (["a", 0, 1], None), ([0, 0, 0], None), (None, None), ([1, 2], None), ({}, None),
    ],
)  # fmt: skip
def test_a_window_from_a_file_is_one_or_none(kept: object, window: Window | None) -> None:
    assert _window(kept) == window

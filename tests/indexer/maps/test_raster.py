"""Drawing a map in Braille, its window, its colours."""

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.maps.charts import Chart, open_chart
from indexer.maps.colours import BY, colours
from indexer.maps.raster import NOTHING, Window, cells, nearest_place, raster, within


def naive_dots(lines: tuple[str, ...]) -> set[tuple[int, int]]:
    """Return (column, row) of every dot of Braille lines, by the table of the Unicode standard."""
    places = {1: (0, 0), 2: (0, 1), 4: (0, 2), 8: (1, 0), 16: (1, 1), 32: (1, 2), 64: (0, 3), 128: (1, 3)}
    dots = set()
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            bits = 0 if character == " " else ord(character) - 0x2800
            dots |= {(2 * column + x, 4 * row + y) for bit, (x, y) in places.items() if bits & bit}
    return dots


@pytest.mark.parametrize("window", [Window(), Window(0.3, -0.2, 0.4), Window(1, 1, 0.01)])
def test_every_place_inside_is_one_dot_and_none_outside(window: Window) -> None:
    places = np.random.default_rng(0).uniform(-1, 1, (500, 2)).astype(np.float32)
    drawn = raster(places, np.zeros(500, np.int64), window, 30, 12)
    assert [len(line) for line in drawn.lines] == 12 * [30]
    dot = 2 * window.reach / 48  # 60 dots wide, 48 high
    expected = set()
    for x, y in places.astype(float):
        column, row = int(np.floor((x - window.x) / dot)) + 30, int(np.floor((window.y - y) / dot)) + 24
        if 0 <= column < 60 and 0 <= row < 48:
            expected.add((column, row))
    assert naive_dots(drawn.lines) == expected


def test_cell_has_its_commonest_class_and_blank_ones_none() -> None:
    places = np.array([[0.05, -0.05], [0.05, -0.05], [0.051, -0.051], [-1, 1], [1, -1], [1, -1], [1, -1]], np.float32)
    drawn = raster(places, np.array([2, 2, 0, -1, -1, -1, 1]), Window(), 20, 10)
    assert set(drawn.classes.ravel().tolist()) == {NOTHING, -1, 1, 2}
    assert (drawn.classes == NOTHING).sum() == 197
    drawn_cells = np.array([[character != " " for character in line] for line in drawn.lines])
    assert (drawn_cells == (drawn.classes != NOTHING)).all()


def test_no_track_and_no_class() -> None:
    drawn = raster(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), Window(), 4, 3)
    assert drawn.lines == ("    ", "    ", "    ")
    assert (raster(np.zeros((2, 2), np.float32), np.full(2, -1), Window(), 4, 3).classes.max()) == -1


def test_window_moves_and_zooms_within_the_map() -> None:
    window = Window()
    for _ in range(50):
        window = window.moved(0.5, 0.5)
    assert (window.x, window.y) == (1.0, 1.0)
    assert window.zoomed(1e9).reach == 0.001
    assert window.zoomed(1e-9).reach == 1.05
    near = window.zoomed(2)
    assert near.reach == window.reach / 2
    assert near.moved(-1, 0).x == pytest.approx(1 - near.reach)


def test_nearest_place_and_what_lies_within() -> None:
    places = np.array([[0, 0], [0.5, 0.5], [-0.5, 0.25], [0.9, -0.9]], np.float32)
    assert nearest_place(places, Window(), 0.4, 0.5) == 1
    assert nearest_place(places, Window(0.9, -0.9, 0.1), 0, 0) == 3
    assert within(places, (0.6, -0.1), (-0.6, 0.6)).tolist() == [0, 1, 2]
    assert cells(places, Window(2, 2, 0.1), 4, 4).tolist() == 4 * [[-1, -1]]


def test_colours_are_few_and_all_tracks_with_a_value_have_one(explorer: Explorer) -> None:
    chart = open_chart(explorer.session(), how="pca")
    for by in BY:
        found = colours(explorer.session().connection, chart, by)
        assert len(found.legend) <= 8
        assert set(found.classes.tolist()) <= set(range(-1, len(found.legend)))
    years = colours(explorer.session().connection, chart, "year").legend
    assert list(years) == sorted(years)
    assert all(year.endswith("0s") for year in years)
    with pytest.raises(IndexerError, match='coloured by "mood": choose one of cluster, genre'):
        colours(explorer.session().connection, chart, "mood")


def test_beyond_eight_classes_the_rest_is_other(explorer: Explorer) -> None:
    ids = np.arange(1, 37)
    chart = Chart("joint", "pca", ids, np.zeros((36, 2), np.float32), (ids - 1) % 12, tuple("abcdefghijkl"))
    found = colours(explorer.session().connection, chart, "cluster")
    assert found.legend == (*"abcdefg", "all others")
    assert np.bincount(found.classes).tolist() == [3] * 7 + [15]

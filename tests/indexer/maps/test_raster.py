"""Drawing a map in Braille, its window, its colours."""

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.maps.charts import Chart, open_chart
from indexer.maps.choices import BY
from indexer.maps.colours import colours, groups
from indexer.maps.drawing import draw
from indexer.maps.raster import NOTHING, cells, nearest_place, raster, within
from indexer.maps.window import Window


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
    drawn = raster(places, np.zeros(500, np.int64), window, 30, 12, large=False)
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


def test_few_places_are_drawn_large_within_their_cells() -> None:
    places = np.random.default_rng(1).uniform(-1, 1, (20, 2)).astype(np.float32)
    few = raster(places, np.arange(20), Window(), 20, 8)
    dots = raster(places, np.arange(20), Window(), 20, 8, large=False)
    assert few.large
    assert (few.classes == dots.classes).all()
    halves = {(x // 2, y // 2) for x, y in naive_dots(dots.lines)}
    assert naive_dots(few.lines) == {(2 * x + a, 2 * y + b) for x, y in halves for a in (0, 1) for b in (0, 1)}
    assert not raster(np.repeat(places, 2, axis=0), np.zeros(40, np.int64), Window(), 20, 8).large


def test_what_is_lit_is_as_large_as_what_is_around_it() -> None:
    places = np.random.default_rng(1).uniform(-1, 1, (50, 2)).astype(np.float32)
    drawn = draw(places, np.zeros(50, np.int64), Window(), 10, 4, lit=np.array([3]))
    (column, row), *_ = cells(places[3:4], Window(), 10, 4).tolist()
    assert naive_dots((drawn.lines[row // 4][column // 2],)) == {(column % 2, row % 4)}


def test_no_track_and_no_class() -> None:
    drawn = raster(np.zeros((0, 2), np.float32), np.zeros(0, np.int64), Window(), 4, 3)
    assert drawn.lines == ("    ", "    ", "    ")
    assert (raster(np.zeros((2, 2), np.float32), np.full(2, -1), Window(), 4, 3).classes.max()) == -1


def test_window_moves_and_zooms_within_the_map() -> None:
    window = Window()
    for _ in range(50):
        window = window.moved(0.5, 0.5)
    assert (window.x, window.y) == (1.0, 1.0)
    assert window.zoomed(1e9, (1, 1)).reach == 0.001
    assert window.zoomed(1e-9, (1, 1)) == Window()


@pytest.mark.parametrize("window", [Window(), Window(0.3, -0.2, 0.4), Window(-1, 1, 0.01)])
def test_cells_and_their_middles_agree_with_the_dots(window: Window) -> None:
    for column, row in [(0, 0), (29, 11), (15, 6), (-3, 20)]:
        point = window.point(column, row, 30, 12)
        assert window.cell(*point, 30, 12) == (column, row)
        dots = cells(np.array([point], np.float64), window, 30, 12)[0].tolist()
        inside = 0 <= column < 30 and 0 <= row < 12
        assert [dots[0] // 2, dots[1] // 4] == ([column, row] if inside else [-1, -1])


@pytest.mark.parametrize("factor", [1.5, 1 / 1.5])
def test_zoom_keeps_the_place_that_it_is_about(factor: float) -> None:
    window = Window(0.2, -0.1, 0.5)
    about = window.point(60, 4, 80, 40)
    assert window.zoomed(factor, about).cell(*about, 80, 40) == window.cell(*about, 80, 40)


def naive_inside(point: tuple[float, float], outline: list[tuple[float, float]]) -> bool:
    """Tell by the angles that the corners sweep: a full turn around a point that is inside."""
    turned = 0.0
    for a, b in zip(outline, outline[1:] + outline[:1], strict=True):
        angle = np.arctan2(b[1] - point[1], b[0] - point[0]) - np.arctan2(a[1] - point[1], a[0] - point[0])
        turned += (angle + np.pi) % (2 * np.pi) - np.pi
    return abs(turned) > np.pi


@pytest.mark.parametrize("corners", [3, 4, 9])
def test_lasso_holds_what_its_outline_turns_around(corners: int) -> None:
    random = np.random.default_rng(corners)
    angles = np.sort(random.uniform(0, 2 * np.pi, corners))
    radii = random.uniform(0.2, 1, corners)  # a star with dents: neither convex nor regular
    outline = [(float(r * np.cos(a)), float(r * np.sin(a))) for r, a in zip(radii, angles, strict=True)]
    places = random.uniform(-1, 1, (400, 2)).astype(np.float32)
    expected = [row for row, (x, y) in enumerate(places.astype(float)) if naive_inside((x, y), outline)]
    assert within(places, outline).tolist() == within(places, outline[::-1]).tolist() == expected
    assert 0 < len(expected) < 400


def test_lasso_of_a_line_or_a_point_holds_nothing() -> None:
    places = np.zeros((3, 2), np.float32)
    assert len(within(places, [])) == len(within(places, [(0, 0), (1, 1)])) == 0
    assert len(within(places, [(0, 0), (1, 1), (0, 0)])) == 0


def test_nearest_place() -> None:
    places = np.array([[0, 0], [0.5, 0.5], [-0.5, 0.25], [0.9, -0.9]], np.float32)
    assert nearest_place(places, 0.4, 0.5) == 1
    assert nearest_place(places, 0.9, -0.9) == 3
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
    assert [(group.name, group.number, len(group.rows)) for group in groups(chart, found, "cluster")] == [
        (name, min(number, 7), 3) for number, name in enumerate("abcdefghijkl")
    ]
    assert [(group.name, len(group.rows)) for group in groups(chart, found, "genre")][-1] == ("all others", 15)

"""Compose what a window of a map shows, cell by cell: dots or letters, classes, what is lit, faded, selected."""

from typing import TYPE_CHECKING

import numpy as np

from indexer.maps.marks import FADED, LETTERS, LIT, SELECTED, UNKNOWN, Drawing
from indexer.maps.raster import NOTHING, cells, raster

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.maps.window import Window


def draw(
    places: "NDArray[np.float32]",
    classes: "NDArray[np.int64]",
    window: "Window",
    columns: int,
    rows: int,
    *,
    lit: "NDArray[np.int64] | None" = None,
    selected: "NDArray[np.int64] | None" = None,
    letters: bool = False,
) -> Drawing:
    """Draw places [n, 2] of classes [n]; of `lit` rows the dots are drawn over those of the others, which fade.

    5 ms for 100,000 places, 5 ms more where half of them are lit and selected.
    """
    drawn = raster(places, classes, window, columns, rows)
    marks = np.array([list(line) for line in drawn.lines]).reshape(rows, columns)
    numbers = drawn.classes
    looks = np.zeros((rows, columns), np.int64)
    if lit is not None:
        over = raster(places[lit], classes[lit], window, columns, rows, large=drawn.large)
        there = over.classes != NOTHING
        marks = np.where(there, np.array([list(line) for line in over.lines]).reshape(rows, columns), marks)
        numbers = np.where(there, over.classes, numbers)
        looks |= np.where(there, LIT, FADED)
    if selected is not None and len(selected):
        dots = cells(places[selected], window, columns, rows)
        dots = dots[dots[:, 0] >= 0]
        looks[dots[:, 1] // 4, dots[:, 0] // 2] |= SELECTED
    if letters:
        marks = np.array([" ", UNKNOWN, *LETTERS])[numbers - NOTHING]
    looks |= numbers - NOTHING
    return Drawing(tuple("".join(line) for line in marks.tolist()), tuple(map(tuple, looks.tolist())))

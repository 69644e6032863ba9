"""Draw the points of a map as Braille characters: 2 x 4 dots a cell, each cell with one colour."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.maps.window import Window

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Unicode 2800 block: the bit of the dot in row 0-3, column 0-1 of a cell."""
_BLANK = 0x2800
NOTHING = -2
"""The class of an empty cell."""
ROOM = 8
"""Cells for each track in sight from which on tracks are drawn four dots large: a lone dot has hardly a colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A drawn map."""

    lines: tuple[str, ...]
    """One string of Braille characters a row; a space where nothing lies."""
    classes: "NDArray[np.int64]"
    """[rows, columns]: the commonest class in each cell, -1 for none, -2 where nothing lies."""
    large: bool
    """Whether a place takes half a cell, and not one dot."""


def cells(places: "NDArray[np.float32]", window: "Window", columns: int, rows: int) -> "NDArray[np.int64]":
    """Return the dot of each place [n, 2]: int64 [n, 2], column in [0, 2 columns), row in [0, 4 rows); -1 outside.

    A dot is as wide as high, as a cell is twice as high as wide.
    """
    found = np.full((len(places), 2), -1, np.int64)
    seen, column, row = _dots(places, window, columns, rows)
    found[seen, 0], found[seen, 1] = column, row
    return found


def _dots(
    places: "NDArray[np.float32]", window: "Window", columns: int, rows: int
) -> "tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]":
    """Return which places are in sight, and the column and the row of their dots."""
    dot = window.dot(columns, rows)
    across = (places[:, 0] - window.x) / dot + columns
    down = (window.y - places[:, 1]) / dot + 2 * rows
    seen = np.flatnonzero((across >= 0) & (across < 2 * columns) & (down >= 0) & (down < 4 * rows))
    # Neither is negative: cutting off is rounding down.
    return seen, across[seen].astype(np.int64), down[seen].astype(np.int64)


def raster(
    places: "NDArray[np.float32]",
    classes: "NDArray[np.int64]",
    window: "Window",
    columns: int,
    rows: int,
    *,
    large: bool | None = None,
) -> Raster:
    """Draw places [n, 2] with their classes [n] (-1 and up) into `columns` x `rows` cells.

    A place is a dot, or half a cell where it is to be `large`: by default where few are in sight (ROOM).
    """
    seen, column, row = _dots(places, window, columns, rows)
    dots = np.zeros(8 * rows * columns, np.bool_)
    dots[row * (2 * columns) + column] = True
    if large is None:
        large = len(seen) * ROOM <= rows * columns
    if large:
        halves = dots.reshape(2 * rows, 2, columns, 2)
        dots = np.broadcast_to(halves.any(axis=(1, 3), keepdims=True), halves.shape)
    bits = np.einsum("rycx,yx->rc", dots.reshape(rows, 4, columns, 2), _BITS).ravel()
    number = row // 4 * columns + column // 2
    most = int(classes.max(initial=-1)) + 2
    counts = np.bincount(number * most + classes[seen] + 1, minlength=rows * columns * most).reshape(-1, most)
    # Where any known class lies, the tracks without one do not colour the cell.
    known = counts[:, 1:].argmax(axis=1) if most > 1 else np.zeros(len(counts), np.int64)
    commonest = np.where(counts[:, 1:].any(axis=1), known, -1)
    drawn = np.where(bits > 0, commonest, NOTHING).reshape(rows, columns)
    text = "".join(chr(_BLANK + bit) if bit else " " for bit in bits.tolist())
    return Raster(tuple(text[start : start + columns] for start in range(0, len(text), columns)), drawn, large)


def nearest_place(places: "NDArray[np.float32]", x: float, y: float) -> int:
    """Return the row of the place [n, 2], n at least 1, that is nearest to a point of the map."""
    across, down = places[:, 0] - np.float32(x), places[:, 1] - np.float32(y)
    return int((across * across + down * down).argmin())


def within(places: "NDArray[np.float32]", outline: "Sequence[tuple[float, float]]") -> "NDArray[np.int64]":
    """Return the rows of the places inside a closed outline; its last corner is joined to its first.

    Even-odd rule (Shimrat 1962): inside is where a line to the right crosses the outline an odd number of times. What
    is encircled twice is outside. Fewer than three corners hold nothing.
    """
    corners = np.array(outline, np.float64).reshape(-1, 2)
    if len(corners) < 3:
        return np.zeros(0, np.int64)
    near = np.flatnonzero(((places >= corners.min(axis=0)) & (places <= corners.max(axis=0))).all(axis=1))
    x, y = places[near].T.astype(np.float64)
    inside = np.zeros(len(near), np.bool_)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) * (bx - ax) / (by - ay))
    return near[inside]


def middlemost(places: "NDArray[np.float32]", rows: "NDArray[np.bool_] | NDArray[np.int64]") -> int:
    """Return the row, among some of the places [n, 2], that lies nearest to the median of those."""
    among = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
    own = places[among]
    return int(among[nearest_place(own, *np.median(own, axis=0).tolist())])


def rows_of(sorted_ids: "NDArray[np.int64]", ids: "NDArray[np.int64] | tuple[int, ...]") -> "NDArray[np.int64]":
    """Return the rows of some ids in rising ones; ids that are not there are left out."""
    return np.flatnonzero(np.isin(sorted_ids, ids))

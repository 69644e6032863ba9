"""Draw the points of a map as Braille characters: 2 x 4 dots a cell, each cell with one colour."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Unicode 2800 block: the bit of the dot in row 0-3, column 0-1 of a cell."""
_BLANK = 0x2800
NOTHING = -2
"""The class of an empty cell."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the map that is looked at: its middle, and how far it reaches from it to the nearer edges."""

    x: float = 0.0
    y: float = 0.0
    reach: float = 1.05

    def moved(self, right: float, up: float) -> "Window":
        """Return it moved by shares of its reach, its middle kept on the map."""
        x, y = self.x + right * self.reach, self.y + up * self.reach
        return Window(min(max(x, -1.0), 1.0), min(max(y, -1.0), 1.0), self.reach)

    def zoomed(self, factor: float) -> "Window":
        """Return it `factor` times as close, between the whole map and a thousandth."""
        return Window(self.x, self.y, min(max(self.reach / factor, 0.001), 1.05))


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """A drawn map."""

    lines: tuple[str, ...]
    """One string of Braille characters a row; a space where nothing lies."""
    classes: "NDArray[np.int64]"
    """[rows, columns]: the commonest class in each cell, -1 for none, -2 where nothing lies."""


def cells(places: "NDArray[np.float32]", window: Window, columns: int, rows: int) -> "NDArray[np.int64]":
    """Return the dot of each place [n, 2]: int64 [n, 2], column in [0, 2 columns), row in [0, 4 rows); -1 outside.

    A dot is as wide as high, as a cell is twice as high as wide.
    """
    dot = 2 * window.reach / min(2 * columns, 4 * rows)
    column = np.floor((places[:, 0] - window.x) / dot + columns).astype(np.int64)
    row = np.floor((window.y - places[:, 1]) / dot + 2 * rows).astype(np.int64)
    inside = (column >= 0) & (column < 2 * columns) & (row >= 0) & (row < 4 * rows)
    return np.where(inside[:, None], np.stack([column, row], axis=1), -1)


def raster(
    places: "NDArray[np.float32]", classes: "NDArray[np.int64]", window: Window, columns: int, rows: int
) -> Raster:
    """Draw places [n, 2] with their classes [n] (-1 and up) into `columns` x `rows` cells."""
    dots = cells(places, window, columns, rows)
    seen = dots[:, 0] >= 0
    column, row = dots[seen].T
    number = row // 4 * columns + column // 2
    bits = np.zeros(rows * columns, np.int64)
    np.bitwise_or.at(bits, number, _BITS[row % 4, column % 2])
    most = int(classes.max(initial=-1)) + 2
    counts = np.bincount(number * most + classes[seen] + 1, minlength=rows * columns * most).reshape(-1, most)
    # Where any known class lies, the tracks without one do not colour the cell.
    known = counts[:, 1:].argmax(axis=1) if most > 1 else np.zeros(len(counts), np.int64)
    commonest = np.where(counts[:, 1:].sum(axis=1) > 0, known, -1)
    drawn = np.where(bits > 0, commonest, NOTHING).reshape(rows, columns)
    text = "".join(chr(_BLANK + bit) if bit else " " for bit in bits.tolist())
    return Raster(tuple(text[start : start + columns] for start in range(0, len(text), columns)), drawn)


def nearest_place(places: "NDArray[np.float32]", window: Window, right: float, up: float) -> int:
    """Return the row of the place nearest to a point of the window, given in shares of its reach from the middle."""
    point = np.array([window.x + right * window.reach, window.y + up * window.reach], np.float32)
    return int(((places - point) ** 2).sum(axis=1).argmin())


def within(
    places: "NDArray[np.float32]", corner: tuple[float, float], other: tuple[float, float]
) -> "NDArray[np.int64]":
    """Return the rows of the places in the rectangle between two points of the map."""
    low, high = np.minimum(corner, other), np.maximum(corner, other)
    return np.flatnonzero(((places >= low) & (places <= high)).all(axis=1))

"""Say which part of a map is looked at, and which cell of the screen shows which place."""

import math
from dataclasses import dataclass

WHOLE = 1.05
"""Reach that shows all of a map, which lies within [-1, 1], and a rim."""
NEAREST = 0.001


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the map that is looked at: its middle, and how far it reaches from it to the nearer edges."""

    x: float = 0.0
    y: float = 0.0
    reach: float = WHOLE

    def dot(self, columns: int, rows: int) -> float:
        """Return the side of a Braille dot; it is as wide as high, 2 x 4 make a cell."""
        return 2 * self.reach / max(min(2 * columns, 4 * rows), 1)

    def cell(self, x: float, y: float, columns: int, rows: int) -> tuple[int, int]:
        """Return column and row of the cell that shows a place; outside `columns` x `rows` where it is out of sight."""
        dot = self.dot(columns, rows)
        across, down = math.floor((x - self.x) / dot + columns), math.floor((self.y - y) / dot + 2 * rows)
        return across // 2, down // 4

    def point(self, column: int, row: int, columns: int, rows: int) -> tuple[float, float]:
        """Return the place in the middle of a cell."""
        dot = self.dot(columns, rows)
        return self.x + (2 * column + 1 - columns) * dot, self.y - (4 * row + 2 - 2 * rows) * dot

    def moved(self, right: float, up: float) -> "Window":
        """Return it moved on the map, its middle kept within it."""
        return Window(min(max(self.x + right, -1.0), 1.0), min(max(self.y + up, -1.0), 1.0), self.reach)

    def zoomed(self, factor: float, about: tuple[float, float]) -> "Window":
        """Return it `factor` times as close, a place staying where it is; the whole map at most, a thousandth at least.

        At the whole map everything is in sight, and its middle is the map's.
        """
        reach = min(max(self.reach / factor, NEAREST), WHOLE)
        if reach == WHOLE:
            return Window()
        share = reach / self.reach
        return Window(about[0] + (self.x - about[0]) * share, about[1] + (self.y - about[1]) * share, reach)

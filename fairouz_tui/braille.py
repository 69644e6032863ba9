"""Draw lines of dots: two by four dots a cell, in the Braille patterns of Unicode (U+2800)."""

from collections.abc import Iterator, Sequence

from textual.content import Content

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a cell, by line and column."""
BLANK = 0x2800
Point = tuple[float, float]


class Canvas:
    """A grid of cells to draw on; the colour drawn last is that of the whole cell, letters cover dots."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self._dots = [[0] * columns for _ in range(lines)]
        self._styles = [[""] * columns for _ in range(lines)]
        self._letters: dict[tuple[int, int], str] = {}

    @property
    def size(self) -> tuple[int, int]:
        """Return the width and height in dots."""
        return 2 * self.columns, 4 * self.lines

    def dot(self, x: float, y: float, style: str) -> None:
        """Set a dot, counted from the upper left; one outside is left out."""
        column, row = round(x), round(y)
        if 0 <= column < self.size[0] and 0 <= row < self.size[1]:
            self._dots[row // 4][column // 2] |= DOTS[row % 4][column % 2]
            self._styles[row // 4][column // 2] = style

    def line(self, start: Point, end: Point, style: str, *, every: int = 1) -> None:
        """Draw a straight line; `every` leaves dots out."""
        steps = max(round(max(abs(end[0] - start[0]), abs(end[1] - start[1]))), 1)
        for step in range(0, steps + 1, every):
            part = step / steps
            self.dot(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part, style)

    def polygon(self, corners: Sequence[Point], style: str, *, every: int = 1) -> None:
        """Draw the outline through corners and back to the first."""
        for place, corner in enumerate(corners):
            self.line(corner, corners[(place + 1) % len(corners)], style, every=every)

    def write(self, column: int, line: int, text: str, style: str) -> None:
        """Write narrow text from a cell on, over the dots; what does not fit is left out."""
        for place, letter in enumerate(text, start=column):
            if 0 <= place < self.columns and 0 <= line < self.lines:
                self._letters[line, place] = letter
                self._styles[line][place] = style

    def drawn(self) -> Content:
        """Return the drawing as text."""
        return Content("\n").join(Content.assemble(*self._spans(line)) for line in range(self.lines))

    def _spans(self, line: int) -> Iterator[tuple[str, str]]:
        for column, (dots, style) in enumerate(zip(self._dots[line], self._styles[line], strict=True)):
            letter = self._letters.get((line, column))
            yield letter or (chr(BLANK + dots) if dots else " "), style

"""Draw a node and what is around it: lines of Braille dots under labels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from fairouz_tui.ego_layout import Label, Line, Scene, around, between
from fairouz_tui.ego_rows import GLYPHS
from indexer.exploring.ego import Ego, Node, Step

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of a dot, by its row and its column in the cell."""
ACROSS, DOWN = 2, 4
"""Dots of a cell."""
DOUBLE_CLICK = 2

Dots = dict[tuple[int, int], tuple[int, Style]]
"""Cell (x, y) -> its dots and their colour."""


class EgoDrawing(Widget):
    """The picture beside the tree; it marks the node that is chosen there."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"ego-drawing--{kind}" for kind in GLYPHS),
        "ego-drawing--line",
        "ego-drawing--more",
        "ego-drawing--centre",
        "ego-drawing--chosen",
    }

    DEFAULT_CSS = """
    EgoDrawing {
        & > .ego-drawing--artist { color: $primary; }
        & > .ego-drawing--album { color: $accent; }
        & > .ego-drawing--genre { color: $success; }
        & > .ego-drawing--playlist { color: $playlists; }
        & > .ego-drawing--track { color: $secondary; }
        & > .ego-drawing--line { color: $text-disabled; }
        & > .ego-drawing--more { color: $text-muted; text-style: italic; }
        & > .ego-drawing--centre { background: $panel; text-style: bold; }
        & > .ego-drawing--chosen { text-style: bold reverse; }
    }
    """

    @dataclass
    class Pointed(Message):
        """A node was clicked; twice to walk to it."""

        node: Node
        twice: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ego: Ego | None = None
        self._ways: Sequence[Sequence[Step]] = ()
        self._chosen: Node | None = None
        self._scene = Scene()
        self._strips: dict[int, Strip] = {}
        self._plain: Dots | None = None
        """The lines as they are while none is chosen; None when they are to be drawn anew."""
        self._dotted: Dots | None = None
        """The same with the line to the chosen one."""
        self._styles: dict[str, Style] = {}
        """By component; "" is what they stand on."""

    def show_ego(self, ego: Ego, chosen: Node | None) -> None:
        """Draw a node with its neighbours."""
        self._ego, self._ways, self._chosen = ego, (), chosen
        self._again()

    def show_ways(self, ways: Sequence[Sequence[Step]], chosen: Node | None) -> None:
        """Draw the ways between two nodes."""
        self._ego, self._ways, self._chosen = None, ways, chosen
        self._again()

    def choose(self, node: Node | None) -> None:
        """Mark another node; only the rows that look otherwise then are drawn."""
        before, self._chosen = self._chosen, node
        self._dotted = None
        rows = self._rows_to(before)
        if node is not None and all(label.node != node for label in self._scene.labels):
            rows |= self._take_in()
        if node != before:
            for row in rows | self._rows_to(node):
                self._strips.pop(row, None)
                self.refresh(Region(0, row, self.size.width, 1))

    def _take_in(self) -> set[int]:
        """Place the chosen node in place of another, and return the rows that look otherwise for that."""
        before = self._scene
        self._place()
        self._plain = None
        rows = {label.y for label in set(before.labels) ^ set(self._scene.labels)}
        for line in set(before.lines) ^ set(self._scene.lines):
            rows.update(_rows_of(line))
        return rows

    def _rows_to(self, node: Node | None) -> set[int]:
        """Return the rows of a node's label and of the lines to it."""
        rows = {label.y for label in self._scene.labels if label.node == node and node is not None}
        for line in self._scene.lines:
            if line.node == node:
                rows.update(_rows_of(line))
        return rows

    @property
    def scene(self) -> Scene:
        """Return what is drawn."""
        return self._scene

    def on_resize(self) -> None:
        """Place everything anew."""
        self._again()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self._strips, self._plain, self._dotted = {}, None, None
        self._styles.clear()

    def _again(self) -> None:
        self._place()
        self._strips, self._plain, self._dotted = {}, None, None
        self.refresh()

    def _place(self) -> None:
        width, height = self.content_size
        if self._ego is not None:
            self._scene = around(self._ego, width, height, chosen=self._chosen)
        else:
            self._scene = between(self._ways, width, height)

    def render_line(self, y: int) -> Strip:
        """Draw one row of cells."""
        if y not in self._strips:
            width = self.content_size.width
            labels = sorted((label for label in self._scene.labels if label.y == y), key=lambda label: label.x)
            row = self._row(y, labels, self._dots(), width)
            self._strips[y] = Strip(row).adjust_cell_length(width, self._base)
        return self._strips[y]

    def _row(self, y: int, labels: Sequence[Label], dots: Dots, width: int) -> list[Segment]:
        segments, x = list[Segment](), 0
        for label in labels:
            segments += self._cells(x, label.x, y, dots)
            segments.append(Segment(label.text, self._style_of(label)))
            x = label.x + label.width
        return segments + self._cells(x, width, y, dots)

    def _cells(self, start: int, end: int, y: int, dots: Dots) -> list[Segment]:
        blank = (0, self._base)
        if not dots:
            return [Segment(" " * (end - start), blank[1])]
        found = (dots.get((x, y), blank) for x in range(start, end))
        runs = groupby(found, key=lambda cell: cell[1])
        return [Segment("".join(chr(BRAILLE + bits) if bits else " " for bits, _ in run), style) for style, run in runs]

    def _dots(self) -> Dots:
        """Draw the lines, that to the chosen node over the others."""
        if self._dotted is not None:
            return self._dotted
        if self._plain is None:
            self._plain = {}
            for line in self._scene.lines:
                _draw(line, self._component("line"), self._plain)
        chosen = [line for line in self._scene.lines if line.node == self._chosen]
        dots = dict(self._plain) if chosen else self._plain
        for line in chosen:
            _draw(line, self._component(line.kind), dots)
        self._dotted = dots
        return dots

    def _style_of(self, label: Label) -> Style:
        style = self._component(label.kind or "more")
        if label.is_centre:
            style += self.get_component_rich_style("ego-drawing--centre", partial=True)
        if label.node is not None and label.node == self._chosen:
            style += self.get_component_rich_style("ego-drawing--chosen", partial=True)
        return style

    @property
    def _base(self) -> Style:
        """Return the colours of the widget, which it takes a moment to compute."""
        if "" not in self._styles:
            self._styles[""] = self.rich_style
        return self._styles[""]

    def _component(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self._base + self.get_component_rich_style(f"ego-drawing--{name}", partial=True)
        return self._styles[name]

    def on_click(self, event: events.Click) -> None:
        """Choose the node under the mouse."""
        offset = event.get_content_offset(self)
        for label in self._scene.labels if offset is not None else ():
            if label.node and offset and label.y == offset.y and label.x <= offset.x < label.x + label.width:
                self.post_message(self.Pointed(label.node, event.chain == DOUBLE_CLICK))


def _rows_of(line: Line) -> range:
    return range(min(line.start[1], line.end[1]), max(line.start[1], line.end[1]) + 1)


def _draw(line: Line, style: Style, dots: Dots) -> None:
    """Add the dots of a line in one colour; a cell it shares with others takes that colour."""
    for x, y in _points(line):
        cell = x // ACROSS, y // DOWN
        bits, _ = dots.get(cell, (0, style))
        dots[cell] = bits | DOTS[y % DOWN][x % ACROSS], style


def _points(line: Line) -> Iterator[tuple[int, int]]:
    """Yield the dots of a line, from the middle of its first cell to the middle of its last."""
    (x0, y0), (x1, y1) = ((x * ACROSS, y * DOWN + ACROSS) for x, y in (line.start, line.end))
    steps = max(abs(x1 - x0), abs(y1 - y0), 1)
    for step in range(steps + 1):
        yield x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps)

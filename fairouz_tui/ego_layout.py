"""Place a node and what is around it, or the ways between two, on a plane of cells: labels that never overlap.

Every row of cells holds at most one label on each side of the middle. The labels of a side end, or begin, on an
ellipse around the node, so that the lines to them fan out; neighbours of one kind stand together, clockwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from rich.cells import cell_len

from fairouz_tui.ego_rows import GLYPHS, PLURALS, name
from fairouz_tui.show import clip
from indexer.exploring.ego import Ego, Group, Neighbour, Node, Step

LONGEST_CENTRE = 24
INNER_GAP = 4
"""Cells at least between the middle and the labels at the top and at the bottom."""
CENTRE_GAP = 3
"""Cells between the node in the middle and the labels beside it."""
CLOSE_FROM = 9
"""Labels that a side holds, one under the other, before they stand on every second row only."""
NARROWEST_WAY = 15
LINE_EVERY = 2


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the plane; x and y are its first cell, from the left and from above."""

    x: int
    y: int
    text: str
    kind: str
    node: Node | None = None
    """None for what counts the neighbours that are not drawn."""
    is_centre: bool = False

    @property
    def width(self) -> int:
        """Return how many cells it takes."""
        return cell_len(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one cell to another."""

    start: tuple[int, int]
    end: tuple[int, int]
    kind: str
    node: Node
    """To which it leads."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn."""

    labels: tuple[Label, ...] = ()
    lines: tuple[Line, ...] = ()


def around(ego: Ego, width: int, height: int, *, chosen: Node | None = None) -> Scene:
    """Place a node in the middle and its neighbours around it, the chosen one always among them."""
    middle = width // 2, height // 2
    text = clip(f" {GLYPHS[ego.centre.kind]} {name(ego.centre)} ", min(LONGEST_CENTRE, max(width // 3, 8)))
    centre = Label(middle[0] - cell_len(text) // 2, middle[1], text, ego.centre.kind, ego.centre, is_centre=True)
    drawn = _drawn(ego.groups, 2 * _rows_of_a_side(height), chosen)
    half = ceil(len(drawn) / 2)
    sides = drawn[:half], drawn[half:][::-1]
    widest = max(centre.width // 2 + CENTRE_GAP, min(width // 2 - _longest(drawn) - 1, height))
    labels, lines = [centre], list[Line]()
    for side, items in zip((1, -1), sides, strict=True):
        for row, item in zip(_spread(len(items), height), items, strict=True):
            reach = _reach(row, height, widest)
            label = _label(item, middle[0] + side * reach, row, side, width)
            labels.append(label)
            if label.node is not None:
                edge = label.x - 1 if side > 0 else label.x + label.width
                lines.append(Line(middle, (edge, row), label.kind, label.node))
    return Scene(tuple(labels), tuple(lines))


def _rows_of_a_side(height: int) -> int:
    return max((height + 1) // LINE_EVERY, min(height - 1, CLOSE_FROM))


def _longest(items: Sequence[Neighbour | str]) -> int:
    """Return how many cells the longest label wants."""
    return max((cell_len(item if isinstance(item, str) else name(item.node)) + 2 for item in items), default=0)


def _spread(count: int, height: int) -> list[int]:
    """Return `count` different rows, evenly apart."""
    return [int((index + 0.5) * height / count) for index in range(count)]


def _reach(row: int, height: int, widest: int) -> int:
    """Return how many cells a row's label is away from the middle: on an ellipse."""
    across = min(abs(row + 0.5 - height / 2) / (height / 2), 1.0)
    least = max(INNER_GAP, widest // 3)
    return round(least + max(widest - least, 0) * sqrt(1 - across * across))


def _drawn(groups: Sequence[Group], room: int, chosen: Node | None) -> list[Neighbour | str]:
    """Return the neighbours that are drawn, kind by kind, each kind with how many are not."""
    shares = shared_out([group.count for group in groups], room)
    drawn: list[Neighbour | str] = []
    for group, share in zip(groups, shares, strict=True):
        shown = list(group.neighbours[: share if share >= group.count else max(share - 1, 0)])
        kept = next((n for n in group.neighbours if n.node == chosen and n not in shown), None)
        if kept is not None and shown:
            shown[-1] = kept
        drawn += shown
        if group.count > len(shown) and share:
            drawn.append(f"+{group.count - len(shown):,} {PLURALS[group.kind]}")
    return drawn


def shared_out(wanted: Sequence[int], room: int) -> list[int]:
    """Share room out so that each gets what it wants or as much as any other; the first get what is left over."""
    shares = [0] * len(wanted)
    while room > 0 and any(share < want for share, want in zip(shares, wanted, strict=True)):
        for index, want in enumerate(wanted):
            if shares[index] < want and room > 0:
                shares[index] += 1
                room -= 1
    return shares


def _label(item: Neighbour | str, edge: int, row: int, side: int, width: int) -> Label:
    """Write a label that begins at the edge on the right of the middle, and ends there on its left."""
    room = width - edge if side > 0 else edge + 1
    if isinstance(item, str):
        text, kind, node = clip(item, room), "", None
    else:
        glyph, kind, node = GLYPHS[item.node.kind], item.node.kind, item.node
        named = clip(name(node), room - 2)
        text = f"{glyph} {named}" if side > 0 else f"{named} {glyph}"
    return Label(edge if side > 0 else edge + 1 - cell_len(text), row, text, kind, node)


def between(ways: Sequence[Sequence[Step]], width: int, height: int) -> Scene:
    """Place two nodes above and below, and the ways between them as columns, as many as there is room for."""
    if not ways:
        return Scene()
    shown = ways[: max(width // NARROWEST_WAY, 1)]
    cells = width // len(shown)
    top, bottom = _end(ways[0][0].node, width, 0), _end(ways[0][-1].node, width, height - 1)
    labels, lines = [top, bottom], list[Line]()
    for number, way in enumerate(shown):
        middle = number * cells + cells // 2
        at = width // 2, 0
        inner = way[1:-1]
        for index, step in enumerate(inner, start=1):
            row = round(index * (height - 1) / (len(inner) + 1))
            text = clip(f"{GLYPHS[step.node.kind]} {name(step.node)}", cells - 2)
            label = Label(middle - cell_len(text) // 2, row, text, step.node.kind, step.node)
            labels.append(label)
            lines.append(Line(at, (middle, row), step.node.kind, step.node))
            at = middle, row
        lines.append(Line(at, (width // 2, height - 1), bottom.kind, way[-1].node))
    return Scene(tuple(labels), tuple(lines))


def _end(node: Node, width: int, row: int) -> Label:
    text = clip(f" {GLYPHS[node.kind]} {name(node)} ", width)
    return Label((width - cell_len(text)) // 2, row, text, node.kind, node, is_centre=True)

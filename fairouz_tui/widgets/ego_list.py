"""List what is around a node as a tree: headings by kind, the neighbours and what ties them."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from fairouz_tui.ego_rows import GLYPHS, Row
from fairouz_tui.show import clip, fit
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow
from indexer.exploring.ego import Node

WEIGHT_CELLS = 5
NAME_SHARE = 0.5
"""Of the width that is left to a long name beside what ties the node."""
INDENT = 2


class EgoList(LineList):
    """The tree of neighbours, of ways or of what was found."""

    header_lines = 0

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ego-list--{kind}" for kind in GLYPHS}

    DEFAULT_CSS = """
    EgoList {
        & > .ego-list--artist { color: $primary; }
        & > .ego-list--album { color: $accent; }
        & > .ego-list--genre { color: $success; }
        & > .ego-list--playlist { color: $playlists; }
        & > .ego-list--track { color: $secondary; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.tracks: dict[int, TrackRow] = {}
        """The tracks among the nodes, by id."""
        self.marked: Node | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def show(self, rows: Sequence[Row], *, cursor: int | None = None) -> None:
        """Show rows, the cursor on the first node where no place is given."""
        self.rows = rows
        first = next((index for index, row in enumerate(rows) if row.node is not None), 0)
        self.rows_changed(cursor=first if cursor is None else cursor)

    @property
    def current(self) -> Row | None:
        """Return the row under the cursor."""
        return self.rows[self.cursor] if self.rows else None

    def index_of(self, node: Node) -> int | None:
        """Return the row of a node, None where it is not listed."""
        return next((index for index, row in enumerate(self.rows) if row.node == node), None)

    def row_at(self, index: int) -> TrackRow | None:
        """Return the track of a row; None for anything else."""
        node = self.rows[index].node if 0 <= index < len(self.rows) else None
        return self.tracks.get(node.id) if node is not None else None

    def header(self, width: int) -> str:
        """Return no names: there are no columns."""
        return ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one row."""
        row = self.rows[index]
        kind = style + self.component(f"ego-list--{row.kind}") if row.kind else style
        dim = style + self.component("line-list--dim")
        if row.node is not None:
            return self._node(row, width, style, kind, dim)
        if row.more:
            return [Segment(" " * (INDENT + 2), dim), Segment(f"+{row.text}", dim)]
        sign = ("▸ " if row.folded else "▾ ") if row.kind else "  "
        return [Segment(sign, dim), Segment(clip(row.text, width - 2), kind + Style(bold=True))]

    def _node(self, row: Row, width: int, style: Style, kind: Style, dim: Style) -> list[Segment]:
        """Draw a mark, the name, what ties it, and at the end the weight of the edge."""
        is_marked = self.marked is not None and row.node == self.marked
        mark = Segment("✕ " if is_marked else "  ", style + self.component("line-list--strong"))
        room = width - INDENT - 2 - WEIGHT_CELLS
        note = note_for(row, room)
        longest = room - cell_len(note) - 2 if note else room
        shown = clip(row.text, longest) + "  "
        return [
            mark,
            Segment(f"{GLYPHS[row.kind]} ", kind),
            Segment(shown, style),
            Segment(fit(note, room - cell_len(shown)), dim),
            Segment(weight_text(row.weight).rjust(WEIGHT_CELLS), dim),
        ]


def note_for(row: Row, room: int) -> str:
    """Return what ties a node: all of it, the short of it or nothing, never half a word; a long name is cut for it."""
    name = cell_len(row.text)
    whole = [note for note in (row.note, row.shorter) if name + 2 + cell_len(note) <= room]
    cut = [note for note in (row.shorter or row.note,) if round(room * NAME_SHARE) + 2 + cell_len(note) <= room]
    return next(iter(whole + cut), "")


def weight_text(weight: float) -> str:
    """Return the weight of an edge, in [0, 1], as ".50" or "1.0"; "" for none."""
    if not weight:
        return ""
    return "1.0" if weight >= 0.995 else f"{weight:.2f}"[1:]

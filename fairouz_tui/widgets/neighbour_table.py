"""List the neighbours of a track by several measures, column beside column, the places in line.

One widget for all columns: a list for each of them took half a second to be laid out and styled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from fairouz_tui.agreement import COLUMNS, JOINT, places, recordings, shared
from fairouz_tui.folding import Line
from fairouz_tui.show import clip, fit, name_of, nearness, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import Hit, TrackRow

PLACE_CELLS = 3
BETWEEN = " │ "
COUNT_CELLS = 3
NEAR_CELLS = 7
ARTIST_FROM = 26
"""Cells for text from which on a column has the artist beside the title."""
TITLE_SHARE = 0.62
RANKED_BY = {
    JOINT: "everything together",
    "audio": "sounds alike",
    "lyrics": "words alike",
    "tags": "described alike",
    "cover": "looks alike",
    "graph": "people, albums, genres",
    "playlists": "stands beside it",
}
"""What puts a track near in each column."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column holds: neighbours, and what is said instead of them or under them."""

    hits: Sequence[Hit] = ()
    said: str = ""

    @property
    def ids(self) -> tuple[int, ...]:
        """Return the ids of the neighbours, the nearest first."""
        return tuple(hit.track.id for hit in self.hits)

    @property
    def tells_near(self) -> bool:
        """Return whether enough tracks could be compared to say how near these are."""
        return any(hit.percentile is not None for hit in self.hits)


class NeighbourTable(LineList):
    """Ranked lists side by side; the cursor is in one of them, and lights its track in the others."""

    @dataclass
    class Turned(Message):
        """The mouse went to another column."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"neighbour-table--{name}" for name in COLUMNS),
        "neighbour-table--same",
        "neighbour-table--line",
        "neighbour-table--versions",
    }

    DEFAULT_CSS = """
    NeighbourTable {
        width: 1fr; height: 1fr; border: round $border-blurred;
        &:focus { border: round $border; }
        & > .neighbour-table--joint { color: $primary; text-style: bold; }
        & > .neighbour-table--audio { color: $audio; text-style: bold; }
        & > .neighbour-table--lyrics { color: $lyrics; text-style: bold; }
        & > .neighbour-table--tags { color: $tags; text-style: bold; }
        & > .neighbour-table--cover { color: $cover; text-style: bold; }
        & > .neighbour-table--graph { color: $graph; text-style: bold; }
        & > .neighbour-table--playlists { color: $playlists; text-style: bold; }
        & > .neighbour-table--same { background: $accent 28%; text-style: bold; }
        & > .neighbour-table--versions { color: $secondary; }
        & > .neighbour-table--line { color: $border-blurred; }
    }
    """

    header_lines: ClassVar[int] = 2

    def __init__(self, *, at: str, id: str | None = None) -> None:
        super().__init__(id=id)
        self.at = at
        """The column that the cursor is in."""
        self.shown: Sequence[str] = (at,)
        self.columns: dict[str, Column] = {name: Column() for name in COLUMNS}
        self._recordings: Mapping[int, int] = {}
        """What a track is called when columns are compared: the least id of its recording."""
        self._shared: Mapping[int, int] = {}
        """In how many columns a recording stands."""

    def __len__(self) -> int:
        return len(self.columns[self.at].hits)

    @property
    def lists(self) -> dict[str, tuple[int, ...]]:
        """Return the recordings of the neighbours by column."""
        return {name: tuple(map(self.recording, column.ids)) for name, column in self.columns.items()}

    def recording(self, track_id: int) -> int:
        """Return what a track and the other versions of it are called, whichever of them a column has."""
        return self._recordings.get(track_id, track_id)

    def put(self, columns: Mapping[str, Column], *, cursor: int | None = None) -> None:
        """Show these columns, the others as they are; the cursor stays, or goes to a track that is there."""
        self.columns |= columns
        folded = (hit for column in self.columns.values() for hit in column.hits if hit.versions)
        self._recordings = recordings([one.track.id for one in (hit, *hit.versions)] for hit in folded)
        self._shared = shared(self.lists)
        self.rows_changed(cursor=self._row_of(cursor))

    def turn(self, name: str, in_sight: Sequence[str]) -> None:
        """Go to a column, to the same track where it is there too, else to the same place."""
        row = self.current
        self.at, self.shown = name, in_sight
        self.rows_changed(cursor=self._row_of(row.id if row is not None else None))

    def cursor_to(self, track_id: int) -> None:
        """Put the cursor on a track, where it is listed."""
        self.cursor = self._row_of(track_id)

    def _row_of(self, track_id: int | None) -> int:
        ids, wanted = self.lists[self.at], None if track_id is None else self.recording(track_id)
        return ids.index(wanted) if wanted in ids else self.cursor

    @property
    def current(self) -> TrackRow | None:
        """Return the track under the cursor."""
        return self.row_at(self.cursor)

    def row_at(self, index: int) -> TrackRow | None:
        """Return a track of the reader's column, or None past the ends."""
        hits = self.columns[self.at].hits
        return hits[index].track if 0 <= index < len(hits) else None

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the rows that the chosen track has, or had, in other columns as well."""
        super().watch_cursor(old, new)
        for row in (self.row_at(old), self.row_at(new)):
            for place in set(places(self.lists, self.recording(row.id)).values()) if row is not None else ():
                self.refresh_row(place - 1)

    # Drawing

    def spans(self, width: int) -> dict[str, range]:
        """Return the cells that each column in sight takes."""
        names = self.shown
        room = width - PLACE_CELLS - (len(names) - 1) * len(BETWEEN)
        own, rest = divmod(max(room, len(names)), len(names))
        spans, start = {}, PLACE_CELLS
        for number, name in enumerate(names):
            end = start + own + (number < rest)
            spans[name] = range(start, end)
            start = end + len(BETWEEN)
        return spans

    def header(self, width: int) -> str:
        """Return the first line's text: what each column is ranked by."""
        texts = (fit(f"{COLUMNS[name]}: {RANKED_BY[name]}", len(span)) for name, span in self.spans(width).items())
        return " " * PLACE_CELLS + BETWEEN.join(texts)

    def render_line(self, y: int) -> Strip:
        """Draw line `y`: the names of the columns, what their cells mean, or one place of each."""
        width, base = self.scrollable_content_region.width, self.rich_style
        index = self.scroll_offset.y + y - self.header_lines
        longest = max((len(self.columns[name].hits) for name in self.shown), default=0)
        gutter = f"{index + 1:>{PLACE_CELLS - 1}} " if y >= self.header_lines and index < longest else " " * PLACE_CELLS
        segments = [Segment(gutter, base + self.component("line-list--dim"))]
        for number, (name, span) in enumerate(self.spans(width).items()):
            if number:
                segments.append(Segment(BETWEEN, base + self.component("neighbour-table--line")))
            if y < self.header_lines:
                segments += self._head(name, y, len(span), base)
            else:
                segments += self._cell(name, index, len(span), base)
        return Strip(segments).adjust_cell_length(width, base)

    def _head(self, name: str, y: int, cells: int, style: Style) -> list[Segment]:
        """Draw a line over a column: its name and what it is ranked by, or what stands in its cells."""
        dim = style + self.component("line-list--dim")
        if y == 0:
            own = style + self.component(f"neighbour-table--{name}") + Style(underline=name == self.at)
            shown = clip(f"{COLUMNS[name]}:", cells)
            return [Segment(shown, own), Segment(fit(" " + RANKED_BY[name], cells - len(shown)), dim)]
        column = self.columns[name]
        if not column.hits:
            return [Segment(" " * cells, style)]
        title, artist, near = _shares(cells, near=column.tells_near)
        heads = ("in".ljust(COUNT_CELLS), fit("Title", title), fit(" Artist", artist), "Near %".rjust(near))
        return [Segment("".join(heads)[:cells], style + self.component("line-list--header"))]

    def _cell(self, name: str, index: int, cells: int, style: Style) -> list[Segment]:
        """Draw one neighbour: in how many columns it stands, title, artist, and how near it is."""
        column = self.columns[name]
        if not 0 <= index < len(column.hits):
            return [self._said(column, index, cells, style)]
        hit = column.hits[index]
        style = style + self._light(name, index, hit)
        dim = style + self.component("line-list--dim")
        title, artist, near = _shares(cells, near=column.tells_near)
        count = self._shared.get(self.recording(hit.track.id), 0)
        badge = Line(hit).badge
        segments = [
            Segment(fit(str(count or ""), COUNT_CELLS), style + self.component("line-list--strong")),
            Segment(fit(name_of(hit.track.title, hit.track.path), title - len(badge)), style),
            *([Segment(badge, style + self.component("neighbour-table--versions"))] if badge else []),
            Segment(fit(" " + one_line(hit.track.artist), artist), dim),
        ]
        return [*segments, Segment(near_text(hit).rjust(near), style if hit.percentile else dim)] if near else segments

    def _light(self, name: str, index: int, hit: Hit) -> Style:
        """Return the background of the cursor, or of its track in another column."""
        if name == self.at:
            return self.get_component_rich_style("line-list--cursor") if index == self.cursor else Style()
        chosen = self.current
        same = chosen is not None and self.recording(chosen.id) == self.recording(hit.track.id)
        return self.get_component_rich_style("neighbour-table--same") if same else Style()

    def _said(self, column: Column, index: int, cells: int, style: Style) -> Segment:
        """Draw a line of what is said where no neighbour stands: why there are none, or what to think of them."""
        lines = wrap(column.said, max(cells - 1, 8))
        at = index - (len(column.hits) + 1 if column.hits else 0)
        text = lines[at] if 0 <= at < len(lines) else ""
        return Segment(fit(text, cells), style + self.component("line-list--empty"))

    # By mouse

    def on_click(self, event: events.Click) -> None:
        """Go to the column under the mouse, then to the row."""
        offset = event.get_content_offset(self)
        spans = self.spans(self.scrollable_content_region.width)
        name = next((name for name, span in spans.items() if offset and offset.x in span), self.at)
        if name != self.at:
            self.turn(name, self.shown)
            self.tell(self.Turned())
        super().on_click(event)


def _shares(cells: int, *, near: bool) -> tuple[int, int, int]:
    """Return the cells of title, artist and nearness; 0 leaves one out."""
    near_cells = NEAR_CELLS if near else 0
    text = max(cells - COUNT_CELLS - near_cells, 1)
    title = round(text * TITLE_SHARE) if text >= ARTIST_FROM else text
    return title, text - title, near_cells


def near_text(hit: Hit) -> str:
    """Return how near a neighbour is, "97 %", "<1 %" or "far"; "" where too few tracks tell.

    Far is what is farther than any track of the library is from its own nearest neighbours: most of a small library.
    """
    if hit.percentile is None:
        return ""
    return nearness(hit.percentile) + (" %" if hit.percentile > 0 else "")

"""List tracks: the library, windowed over pages that workers fetch, or an answer held in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from fairouz_tui.bars import column
from fairouz_tui.folding import Line, folded, unfolded
from fairouz_tui.show import clock, fit, name_of, nearness, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import Hit, TrackRow

PAGE_ROWS = 200
"""Rows fetched at a time: a few screens, one millisecond of SQL."""
PAGES_KEPT = 50
"""Ten thousand rows, a few megabytes; older pages are fetched again."""
MODALITY_LETTERS = {"audio": "A", "lyrics": "L", "tags": "T", "cover": "C", "graph": "G", "playlists": "P"}
_PARTS = tuple((name, f"track-list--{name}") for name in MODALITY_LETTERS)
GUTTER = 2
LONGEST_NUMBERED = 10
"""From so many marks on a number needs two cells."""
SCORE_CELLS = 6
YEAR_CELLS = 4
LENGTH_CELLS = 7
PARTS_CELLS = 2 * len(MODALITY_LETTERS) - 1
ALBUM_FROM = 66
"""Narrower lists leave the album out."""
VERSION_INDENT = "  ↳ "
FAR = 5
"""Percentile under which the app says "nothing close": such scores are not bright."""
PARTS_FROM = 46
"""Narrower lists leave the cells per modality out."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each column gets; 0 leaves it out."""

    title: int
    artist: int
    album: int
    score: int
    year: int
    length: int
    parts: int


def columns_for(width: int, *, scored: bool) -> Columns:
    """Share `width` cells among the columns; title, artist and album take 5 : 3 : 2 of what is left."""
    parts = PARTS_CELLS if width >= PARTS_FROM else 0
    score = SCORE_CELLS if scored else 0
    year = YEAR_CELLS if not scored and width >= ALBUM_FROM else 0
    length = 0 if scored else LENGTH_CELLS
    fixed = GUTTER + sum(cells + 1 for cells in (parts, score, year, length) if cells)
    album_share = 2 if width >= ALBUM_FROM else 0
    shares = 5 + 3 + album_share
    text = max(width - fixed - 2 - (1 if album_share else 0), shares)
    artist, album = text * 3 // shares, text * album_share // shares
    return Columns(text - artist - album, artist, album, score, year, length, parts)


def first_of_page(index: int) -> int:
    """Return the first row of the page that holds row `index`."""
    return index - index % PAGE_ROWS


class TrackList(LineList):
    """The list of tracks with its columns, marks and cells per modality."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"track-list--{name}"
        for name in (*MODALITY_LETTERS, "mark", "playing", "missing", "score", "versions", "loved")
    }

    DEFAULT_CSS = """
    TrackList {
        & > .track-list--audio { color: $audio; }
        & > .track-list--lyrics { color: $lyrics; }
        & > .track-list--tags { color: $tags; }
        & > .track-list--cover { color: $cover; }
        & > .track-list--graph { color: $graph; }
        & > .track-list--playlists { color: $playlists; }
        & > .track-list--mark { color: $accent; text-style: bold; }
        & > .track-list--playing { color: $success; text-style: bold; }
        & > .track-list--missing { color: $text-disabled; text-style: strike; }
        & > .track-list--score { color: $accent; }
        & > .track-list--loved { color: $error; }
        & > .track-list--versions { color: $secondary; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "fold(False)", "Versions", show=False, id="list_open", tooltip="Show a row's other versions"),
        Binding("left", "fold(True)", "Fold", show=False, id="list_close", tooltip="Fold the versions into their row"),
    ]

    @dataclass
    class PageWanted(Message):
        """Rows in sight are not there yet: someone should fetch this page."""

        generation: int
        offset: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.generation = 0
        self._count = 0
        self._pages: dict[int, Sequence[TrackRow]] = {}
        self._asked: set[int] = set()
        self._hits: tuple[Hit, ...] | None = None
        self._lines: tuple[Line, ...] = ()
        """The rows of the answer, with the versions of those that are unfolded under them."""
        self._unfolded: frozenset[int] = frozenset()
        """Ids of the tracks of unfolded rows: another version may head the row when it is ranked again."""
        self._largest = 0.0
        """The largest contribution of a modality in the answer, a full cell; 0 when only words counted."""
        self.marked: tuple[int, ...] = ()
        """Ids of the marked tracks, the oldest mark first."""
        self.loved: frozenset[int] = frozenset()
        self.banned: frozenset[int] = frozenset()
        """Ids of the tracks that are loved, and of those that are banned."""
        self.playing: int | None = None
        """Id of the track that plays."""
        self.listed: frozenset[int] = frozenset()
        """Ids of the tracks in the playlist."""

    def __len__(self) -> int:
        return self._count

    @property
    def scored(self) -> bool:
        """Return whether the rows carry scores; the first track of a path has none."""
        return any(hit.score is not None for hit in self.hits[:2])

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Return the answer's rows; empty while the library is shown."""
        return self._hits or ()

    def show_library(self, count: int, *, cursor: int = 0, fresh: bool = True) -> None:
        """Show `count` tracks of the library; their rows are asked for as they come into sight.

        With `fresh` off the rows at hand are shown until newer ones come, so that a growing library does not flicker.
        """
        self.generation += 1
        self._hits, self._count, self._lines = None, count, ()
        self._asked.clear()
        if fresh:
            self._pages.clear()
        self.rows_changed(cursor=cursor)

    def show_hits(self, hits: Sequence[Hit], *, cursor: int = 0) -> None:
        """Show an answer; the cursor stands on its line `cursor`."""
        self.generation += 1
        self._hits = tuple(hits)
        self._largest = max(
            (value for hit in hits for name, value in hit.contributions.items() if name in MODALITY_LETTERS),
            default=0.0,
        )
        self._made_anew(cursor=cursor)

    def _made_anew(self, *, cursor: int) -> None:
        self._lines = tuple(unfolded(self.hits, self._unfolded))
        self._count = len(self._lines)
        self.rows_changed(cursor=cursor)

    def put_subtitle(self, subtitle: Content) -> None:
        """Write on the lower border and draw its line alone: setting `border_subtitle` draws every row again."""
        if subtitle != (self._border_subtitle or Content("")):
            self._border_subtitle = subtitle
            self.refresh(Region(-1, self.outer_size.height - 2, self.outer_size.width, 1))

    def put_page(self, generation: int, offset: int, rows: Sequence[TrackRow]) -> None:
        """Take a page; one asked for by an earlier list is dropped."""
        if generation != self.generation:
            return
        self._asked.add(offset)
        self._pages.pop(offset, None)
        self._pages[offset] = rows
        while len(self._pages) > PAGES_KEPT:
            dropped = next(iter(self._pages))
            del self._pages[dropped]
            self._asked.discard(dropped)
        first, after = self.in_sight
        if offset < after and offset + PAGE_ROWS > first:
            self.refresh()
        if offset <= self.cursor < offset + PAGE_ROWS:
            self.tell(self.Moved(self))

    def row_at(self, index: int) -> TrackRow | None:
        """Return a row, or None when it is not there (yet)."""
        if not 0 <= index < self._count:
            return None
        if self._hits is not None:
            return self._lines[index].hit.track
        offset = first_of_page(index)
        self._want(offset)
        page = self._pages.get(offset, ())
        return page[index - offset] if index - offset < len(page) else None

    def _want(self, offset: int) -> None:
        if offset not in self._asked:
            self._asked.add(offset)
            self.tell(self.PageWanted(self.generation, offset))

    @property
    def current(self) -> TrackRow | None:
        """Return the row under the cursor."""
        return self.row_at(self.cursor)

    @property
    def current_hit(self) -> Hit | None:
        """Return the hit under the cursor; None in the library."""
        return self._lines[self.cursor].hit if self._lines else None

    def cursor_to(self, track_id: int) -> None:
        """Put the cursor on a track of the answer, or the row it is folded into, where it is there."""
        for index, line in enumerate(self._lines):
            if track_id == line.hit.track.id or (not line.under and track_id in line.ids):
                self.cursor = index
                return

    def action_fold(self, folding: bool) -> None:
        """Fold the row under the cursor, whose versions may be the line, or unfold it."""
        if not self._lines:
            return
        line = self._lines[self.cursor]
        if folding and line.under:
            line = self._lines[folded(self._lines, self.cursor)]
        if line.versions:
            self._unfolded = self._unfolded - line.ids if folding else self._unfolded | line.ids
            self._made_anew(cursor=self._lines.index(line))

    def on_click(self, event: events.Click) -> None:
        """Unfold or fold a row whose count of versions is clicked."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.header_lines:
            return
        index = self.scroll_offset.y + offset.y - self.header_lines
        if index < len(self._lines) and (badge := self._lines[index].badge):
            end = GUTTER + columns_for(self.scrollable_content_region.width, scored=self.scored).title
            if end - cell_len(badge) <= offset.x < end:
                self.cursor = index
                self.action_fold(self._lines[index].is_open)

    def header(self, width: int) -> str:
        """Return the names of the columns."""
        if not self._count:
            return ""
        plan = columns_for(width, scored=self.scored)
        cells = [("Title", plan.title), ("Artist", plan.artist), ("Album", plan.album)]
        score = "Near %" if any(hit.percentile is not None for hit in self.hits[:2]) else "Score"
        numbers = [
            (score.rjust(plan.score), plan.score),
            ("Year", plan.year),
            ("Length".rjust(plan.length), plan.length),
        ]
        letters = [(" ".join(MODALITY_LETTERS.values()), plan.parts)]
        return " " * GUTTER + " ".join(fit(name, cells) for name, cells in cells + numbers + letters if cells)

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one track."""
        row = self.row_at(index)
        dim = style + self.component("line-list--dim")
        if row is None:
            return [Segment(fit("  …", width), dim)]
        line = self._lines[index] if self._lines else None
        hit = line.hit if line is not None else None
        plan = columns_for(width, scored=self.scored)
        title_style = style + self.component("track-list--missing") if row.missing else style
        segments = [
            self._gutter(row, style),
            *self._title(row, line, plan.title, title_style),
            Segment(" " + fit(one_line(row.artist), plan.artist), dim if row.guessed else style),
        ]
        if plan.album:
            segments.append(Segment(" " + fit(one_line(row.album), plan.album), dim))
        if plan.score:
            far = hit is not None and hit.percentile is not None and hit.percentile < FAR
            bright = dim if far else style + self.component("track-list--score")
            segments.append(Segment(" " + score_text(hit).rjust(SCORE_CELLS), bright))
        if plan.year:
            segments.append(Segment(" " + (str(row.year) if row.year else "").rjust(YEAR_CELLS)[:YEAR_CELLS], dim))
        if plan.length:
            segments.append(Segment(" " + clock(row.duration_seconds).rjust(LENGTH_CELLS), dim))
        return segments + (self._parts(row, hit, style) if plan.parts else [])

    def _gutter(self, row: TrackRow, style: Style) -> Segment:
        """Draw what holds for the track: it plays, is marked, loved, banned or in the playlist; what comes first."""
        if row.id == self.playing:
            return Segment("▶ ", style + self.component("track-list--playing"))
        if row.id in self.marked:
            return Segment(self._mark(row.id) + " ", style + self.component("track-list--mark"))
        if row.id in self.loved:
            return Segment("♥ ", style + self.component("track-list--loved"))
        if row.id in self.banned:
            return Segment("⊘ ", style + self.component("line-list--dim"))
        return Segment("+ " if row.id in self.listed else "  ", style + self.component("track-list--mark"))

    def _mark(self, track_id: int) -> str:
        """Return a cross, or where several are marked their order: a path leads through them so."""
        place = self.marked.index(track_id) + 1
        return str(place) if 1 < len(self.marked) < LONGEST_NUMBERED else "✕"

    def _title(self, row: TrackRow, line: Line | None, width: int, style: Style) -> list[Segment]:
        """Draw a title, a version's under that of its row, and how many versions are folded into a row."""
        name = name_of(row.title, row.path)
        if line is None or not line.badge:
            indent = VERSION_INDENT if line is not None and line.under else ""
            return [Segment(fit(indent + name, width), style)]
        room = width - cell_len(line.badge)
        return [Segment(fit(name, room), style), Segment(line.badge, style + self.component("track-list--versions"))]

    def _parts(self, row: TrackRow, hit: Hit | None, style: Style) -> list[Segment]:
        """Draw one cell per modality: its share of the score, or a dot where the track has it."""
        segments: list[Segment] = []
        for name, component in _PARTS:
            if hit is not None and self._largest > 0:
                drawn = column(hit.contributions.get(name), self._largest)
            else:
                drawn = "•" if name in row.modalities else " "
            segments.append(Segment(" " + drawn, style + self.component(component)))
        return segments


def score_text(hit: Hit | None) -> str:
    """Return a hit's percentile as "97", "<1" or "far", its score as ".31" where too few tracks tell, else ""."""
    if hit is None or hit.score is None:
        return ""
    if hit.percentile is None:
        return f"{hit.score:.2f}".replace("0.", ".", 1)
    return nearness(hit.percentile)

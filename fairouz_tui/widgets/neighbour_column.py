"""List the neighbours of a track by one modality, beside those by the others."""

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.agreement import COLOURS, COLUMNS, colour_of
from fairouz_tui.show import fit, name_of, one_line
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.track_list import score_text
from indexer.exploring.answer import Hit, TrackRow

MARK_CELLS = 2
EMPTY_INDENT = 3
SCORE_CELLS = 4
ARTIST_FROM = 24
"""Narrower columns leave the artist out."""
TITLE_SHARE = 0.6


class NeighbourColumn(LineList):
    """One ranked list; a track that other lists have too carries the same letter in all of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"neighbour-column--mark{number}" for number in range(COLOURS)),
        "neighbour-column--same",
        "neighbour-column--score",
    }

    DEFAULT_CSS = """
    NeighbourColumn {
        width: 1fr; height: 1fr; border: round $border-blurred; border-title-color: $text-muted;
        &:focus { border: round $border; border-title-style: bold; }
        &.-joint { border-title-color: $foreground; }
        &.-audio { border-title-color: $audio; }
        &.-lyrics { border-title-color: $lyrics; }
        &.-tags { border-title-color: $tags; }
        &.-cover { border-title-color: $cover; }
        &.-graph { border-title-color: $graph; }
        &.-playlists { border-title-color: $playlists; }
        & > .neighbour-column--mark0 { color: $primary; text-style: bold; }
        & > .neighbour-column--mark1 { color: $accent; text-style: bold; }
        & > .neighbour-column--mark2 { color: $secondary; text-style: bold; }
        & > .neighbour-column--mark3 { color: $success; text-style: bold; }
        & > .neighbour-column--mark4 { color: $graph; text-style: bold; }
        & > .neighbour-column--mark5 { color: $playlists; text-style: bold; }
        & > .neighbour-column--mark6 { color: $warning; text-style: bold; }
        & > .neighbour-column--mark7 { color: $foreground; text-style: bold; }
        & > .neighbour-column--same { background: $accent 28%; text-style: bold; }
        & > .neighbour-column--score { color: $text-muted; }
    }
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=f"column-{name}")
        self.of = name
        """The modality, or "joint"."""
        self.add_class(f"-{name}")
        self.hits: Sequence[Hit] = ()
        self.listed: frozenset[int] = frozenset()
        self._empty = ""
        self._marks: Mapping[int, str] = {}
        self._shared: Mapping[str, int] = {}
        self._same: int | None = None

    def __len__(self) -> int:
        return len(self.hits)

    def show(self, hits: Sequence[Hit], *, empty: str) -> None:
        """Show neighbours; where there are none, say why."""
        self.hits, self._empty = hits, empty
        self._wrap()
        self.rows_changed()

    def on_resize(self) -> None:
        """Break the lines of what is said instead of neighbours."""
        super().on_resize()
        self._wrap()

    def _wrap(self) -> None:
        self.empty_text = fill(self._empty, max(self.content_size.width - EMPTY_INDENT, 10))

    def agree(self, marks: Mapping[int, str], shared: Mapping[str, int]) -> None:
        """Take the letters of the tracks, and how many are shared with the other lists."""
        self._marks, self._shared = marks, shared
        self.refresh()

    def point(self, track_id: int | None) -> None:
        """Light the row of a track that is chosen in another column."""
        if track_id != self._same:
            self._same = track_id
            self.refresh()

    def cursor_to(self, track_id: int) -> None:
        """Put the cursor on a track, where it is listed."""
        place = next((index for index, hit in enumerate(self.hits) if hit.track.id == track_id), None)
        self.cursor = self.cursor if place is None else place

    @property
    def current(self) -> TrackRow | None:
        """Return the track under the cursor."""
        return self.row_at(self.cursor)

    def row_at(self, index: int) -> TrackRow | None:
        """Return a track, or None past the ends."""
        return self.hits[index].track if 0 <= index < len(self.hits) else None

    def header(self, width: int) -> str:
        """Return how many neighbours each of the others has too: "shares J12 A3"."""
        if not self.hits:
            return ""
        shared = " ".join(f"{COLUMNS[name]}{count}" for name, count in self._shared.items())
        return f"shares {shared}" if shared else "shares none"

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one neighbour: its letter, title and artist, and how near it is."""
        hit = self.hits[index]
        if hit.track.id == self._same and not self.has_focus:
            style = style + self.get_component_rich_style("neighbour-column--same")
        letter = self._marks.get(hit.track.id, "")
        mark = style + self.component(f"neighbour-column--mark{colour_of(letter)}") if letter else style
        text = max(width - MARK_CELLS - SCORE_CELLS, 1)
        title = round(text * TITLE_SHARE) if text >= ARTIST_FROM - MARK_CELLS - SCORE_CELLS else text
        named = Segment(fit(name_of(hit.track.title, hit.track.path), title), style)
        dim = style + self.component("line-list--dim")
        by = [Segment(fit(" " + one_line(hit.track.artist), text - title), dim)] if title < text else []
        near = Segment(score_text(hit).rjust(SCORE_CELLS), style + self.component("neighbour-column--score"))
        return [Segment(fit(letter, MARK_CELLS), mark), named, *by, near]

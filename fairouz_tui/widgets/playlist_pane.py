"""Build a playlist: its tracks in order, its length, taking out and moving."""

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.show import clock, fit, name_of, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow

NUMBER_CELLS = 4
LENGTH_CELLS = 8


class PlaylistPane(LineList):
    """The playlist being built."""

    header_lines = 0
    KEYS_SHOWN = ("play", "remove", "move_down", "move_up", "save")
    """Keys of the screen that the last line names first while this has the focus."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.tracks: tuple[TrackRow, ...] = ()

    def __len__(self) -> int:
        return len(self.tracks)

    @property
    def ids(self) -> frozenset[int]:
        """Return the ids of its tracks."""
        return frozenset(row.id for row in self.tracks)

    @property
    def current(self) -> TrackRow | None:
        """Return the track under the cursor."""
        return self.tracks[self.cursor] if self.tracks else None

    def add(self, *rows: TrackRow) -> int:
        """Put tracks at the end, each once, and return how many were new."""
        there = self.ids
        new = [row for row in {row.id: row for row in rows}.values() if row.id not in there]
        self.show((*self.tracks, *new), cursor=len(self.tracks) + len(new) - 1 if new else self.cursor)
        return len(new)

    def take_out(self, index: int) -> None:
        """Take a track out."""
        self.show(self.tracks[:index] + self.tracks[index + 1 :], cursor=min(self.cursor, index))

    def move(self, index: int, places: int) -> None:
        """Move a track up (negative) or down; the ends hold."""
        target = min(max(index + places, 0), len(self.tracks) - 1)
        tracks = list(self.tracks)
        tracks.insert(target, tracks.pop(index))
        self.show(tuple(tracks), cursor=target)

    def show(self, tracks: tuple[TrackRow, ...], *, cursor: int = 0) -> None:
        """Show these tracks."""
        self.tracks = tracks
        self.rows_changed(cursor=cursor)

    def row_at(self, index: int) -> TrackRow | None:
        """Return a track, or None past the ends."""
        return self.tracks[index] if 0 <= index < len(self.tracks) else None

    def index_of(self, track_id: int) -> int | None:
        """Return a track's place, or None when it is not in the playlist."""
        return next((index for index, row in enumerate(self.tracks) if row.id == track_id), None)

    def title(self) -> str:
        """Return the count and total length, with "+" where some lengths are unknown."""
        if not self.tracks:
            return "Playlist"
        lengths = [row.duration_seconds for row in self.tracks]
        total = clock(sum(length for length in lengths if length is not None))
        noun = "track" if len(lengths) == 1 else "tracks"
        return f"Playlist · {len(lengths)} {noun} · {total}{'+' if None in lengths else ''}"

    def header(self, width: int) -> str:
        """Return no names: a number, a title and a length speak for themselves."""
        return ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one track."""
        row = self.tracks[index]
        dim = style + self.component("line-list--dim")
        text = width - NUMBER_CELLS - LENGTH_CELLS - 2
        title = text * 3 // 5
        return [
            Segment(f"{index + 1:>{NUMBER_CELLS - 1}} ", dim),
            Segment(fit(name_of(row.title, row.path), title) + " ", style),
            Segment(fit(one_line(row.artist), text - title), dim),
            Segment(" " + clock(row.duration_seconds).rjust(LENGTH_CELLS), dim),
        ]

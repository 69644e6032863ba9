"""List the music folders: how many tracks each has, when it was read last, what was remarked."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.show import fit, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow

TRACKS_CELLS, MISSING_CELLS, READ_CELLS = 9, 8, 15
ROOMY = 76
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class FolderList(LineList):
    """The music folders, a line each."""

    empty_text = "No music folder is known yet: {index_add} adds one."

    def __init__(self, *, id: str | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(id=id)
        self.folders: tuple[Mapping[str, Any], ...] = ()
        self._clock = clock

    def __len__(self) -> int:
        return len(self.folders)

    @property
    def current(self) -> Mapping[str, Any] | None:
        """Return the folder under the cursor, as `Catalogue.roots` gives it."""
        return self.folders[self.cursor] if self.folders else None

    def show(self, folders: Sequence[Mapping[str, Any]]) -> None:
        """Show these folders."""
        self.folders = tuple(folders)
        self.rows_changed(cursor=self.cursor)

    def row_at(self, index: int) -> TrackRow | None:
        """Return no track: a folder is none."""
        return None

    def header(self, width: int) -> str:
        """Return the names of the columns."""
        names = "  " + fit("folder", self._path_cells(width)) + "tracks".rjust(TRACKS_CELLS)
        if width < ROOMY:
            return names
        return (
            names + "missing".rjust(MISSING_CELLS) + "  " + "read".ljust(READ_CELLS) + ("note" if self._noted else "")
        )

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one folder."""
        folder = self.folders[index]
        dim = style + self.component("line-list--dim")
        path = self._path_cells(width)
        note = one_line(folder["note"])
        drawn = [
            Segment("! " if note else "  ", style),
            Segment(fit(one_line(folder["path"]), path), style),
            Segment(f"{folder['tracks'] - folder['missing']:,}".rjust(TRACKS_CELLS), style),
        ]
        if width < ROOMY:
            return drawn
        missing = f"{folder['missing']:,}" if folder["missing"] else ""
        read = ago(folder["scanned"], now=self._clock())
        rest = width - 2 - path - TRACKS_CELLS - MISSING_CELLS - READ_CELLS - 2
        return [
            *drawn,
            Segment(missing.rjust(MISSING_CELLS) + "  ", style),
            Segment(fit(read, READ_CELLS), dim),
            Segment(fit(note, rest), dim),
        ]

    def _path_cells(self, width: int) -> int:
        rest = width - 2 - TRACKS_CELLS
        if width < ROOMY:
            return rest
        rest -= MISSING_CELLS + READ_CELLS + 2
        return rest * 2 // 5 if self._noted else rest

    @property
    def _noted(self) -> bool:
        return any(folder["note"] for folder in self.folders)


def ago(at: float | None, *, now: float) -> str:
    """Return how long ago something was: "just now", "5 m ago", "3 h ago", "12 days ago"; "never" for None."""
    if at is None:
        return "never"
    seconds = max(now - at, 0.0)
    if seconds < MINUTE:
        return "just now"
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} m ago"
    if seconds < DAY:
        return f"{seconds / HOUR:.0f} h ago"
    days = round(seconds / DAY)
    return f"{days:,} day{'s' * (days != 1)} ago"

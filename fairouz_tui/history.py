"""Walk through what was asked before, as a shell does: only what holds the words that are typed already."""

from collections.abc import Sequence

from indexer.fold import fold

MOST_KEPT = 200
"""Queries kept: months of asking, a few kilobytes."""


class History:
    """The queries that were asked, the newest last, and how far back the reader has walked."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        self.entries: tuple[str, ...] = tuple(entries)[-MOST_KEPT:]
        self._place: int | None = None
        """None while nobody walks."""
        self._typed = self._wanted = ""
        """What stood in the line before the walk, and what an entry must hold."""

    def add(self, text: str) -> None:
        """Take a query as the newest; one that was asked before moves there."""
        self.entries = (*(entry for entry in self.entries if entry != text), text)[-MOST_KEPT:]
        self.rest()

    def older(self, shown: str) -> str | None:
        """Return the query asked before the one that is shown; None when there is none."""
        if self._place is None:
            self._place, self._typed = len(self.entries), shown
            # A query that was asked is no beginning of another: from it the walk goes through all.
            self._wanted = "" if shown in self.entries else shown
        return self._walk(range(self._place - 1, -1, -1), shown)

    def newer(self, shown: str) -> str | None:
        """Return the query asked after the one that is shown, at last what was typed; None when nobody walks."""
        if self._place is None:
            return None
        found = self._walk(range(self._place + 1, len(self.entries)), shown)
        if found is None:
            found, self._place = self._typed, None
        return found

    def rest(self) -> None:
        """End the walk: what stands in the line now is where the next one begins."""
        self._place = None

    def _walk(self, places: range, shown: str) -> str | None:
        for place in places:
            if self.entries[place] != shown and fold(self._wanted) in fold(self.entries[place]):
                self._place = place
                return self.entries[place]
        return None

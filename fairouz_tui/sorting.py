"""Order an answer by what its columns show; the library itself is ordered by the database."""

from collections.abc import Callable, Sequence

from indexer.exploring.answer import Hit, TrackRow
from indexer.fold import fold

RANK = "score"
ANSWER_SORTS = (RANK, "title", "artist", "album", "year")
"""What the sort key goes through on an answer."""
SORTS = {
    "artist": "Sort by artist",
    "title": "Sort by title",
    "album": "Sort by album",
    "year": "Sort by year, oldest first",
    "-year": "Sort by year, newest first",
    "-added": "Sort by when it was added, newest first",
    "duration": "Sort by length",
}
"""The orders of the library, as the database calls them, by the names of their commands."""
LAST = 10_000
"""After every year: what has none."""
Key = Callable[[TrackRow], tuple[int | float | str, ...]]
KEYS: dict[str, Key] = {
    "title": lambda row: (fold(row.title),),
    "artist": lambda row: (fold(row.artist), fold(row.album), fold(row.title)),
    "album": lambda row: (fold(row.album), fold(row.title)),
    "year": lambda row: (row.year or LAST,),
    "-year": lambda row: (-(row.year or 0),),
    "duration": lambda row: (row.duration_seconds or 0.0,),
}


def ordered(hits: Sequence[Hit], order: str) -> tuple[Hit, ...]:
    """Return `hits`, which come best first, in another order; equal ones stay best first, RANK leaves all as it is."""
    if order == RANK:
        return tuple(hits)
    key = KEYS[order]
    return tuple(sorted(hits, key=lambda hit: key(hit.track)))

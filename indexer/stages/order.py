"""Take tracks in the order in which a list of the library shows them."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.storing.store import Store


def in_turn(store: "Store", track_ids: "Sequence[int]", size: int) -> "Iterator[list[int]]":
    """Yield batches of `size` tracks by artist, album and number, as a list opens; missing ones are left out."""
    listed = _as_listed(store, set(track_ids))
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def _as_listed(store: "Store", wanted: set[int]) -> list[int]:
    query = (
        "SELECT id FROM tracks WHERE missing_since IS NULL "
        "ORDER BY sort_artist, sort_album, disc_number, track_number, sort_title, id"
    )
    return [track_id for (track_id,) in store.connection.execute(query) if track_id in wanted]


def roots_here(store: "Store") -> list[int]:
    """Return the ids of the music folders that are there: of a disk that is not mounted nothing is to change."""
    return [row[0] for row in store.connection.execute("SELECT id, path FROM roots") if os.path.isdir(bytes(row[1]))]

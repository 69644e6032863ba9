"""Take tracks in the order in which someone is likely to look at them."""

import json
import os
import time
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.storing.store import Store

WANTED_FIRST = "wanted_first"
"""The fact by which whoever shows the library asks for some tracks before the others: a JSON list of ids."""
_LOOK_EVERY_SECONDS = 2.0


def in_turn(store: "Store", track_ids: "Sequence[int]", size: int) -> "Iterator[list[int]]":
    """Yield batches of `size` tracks: by artist, album and number, as a list opens, but those asked for first.

    What is asked for is looked up every other second, so that it follows a screen.
    """
    left = set(track_ids)
    listed = iter(_as_listed(store, left))
    looked, asked = float("-inf"), list[int]()
    while left:
        if time.monotonic() - looked > _LOOK_EVERY_SECONDS:
            asked, looked = _asked_for(store), time.monotonic()
        batch = [track_id for track_id in dict.fromkeys(asked) if track_id in left][:size]
        left.difference_update(batch)
        for track_id in islice((i for i in listed if i in left), size - len(batch)):
            batch.append(track_id)
            left.discard(track_id)
        if not batch:
            return
        yield batch


def _as_listed(store: "Store", wanted: set[int]) -> list[int]:
    query = (
        "SELECT id FROM tracks WHERE missing_since IS NULL "
        "ORDER BY sort_artist, sort_album, disc_number, track_number, sort_title, id"
    )
    return [track_id for (track_id,) in store.connection.execute(query) if track_id in wanted]


def _asked_for(store: "Store") -> list[int]:
    """Return the ids that are asked for; whatever else stands there asks for nothing."""
    try:
        asked = json.loads(store.fact(WANTED_FIRST) or "[]")
    except (TypeError, ValueError):
        return []
    return [i for i in asked if isinstance(i, int)] if isinstance(asked, list) else []


def roots_here(store: "Store") -> list[int]:
    """Return the ids of the music folders that are there: of a disk that is not mounted nothing is to change."""
    return [row[0] for row in store.connection.execute("SELECT id, path FROM roots") if os.path.isdir(bytes(row[1]))]

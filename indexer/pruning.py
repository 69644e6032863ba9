"""Delete what a user wants forgotten: rows whose files are gone. The only place that deletes tracks."""

import os
from typing import TYPE_CHECKING

from indexer.reading.presence import is_gone
from indexer.storing.store import Store
from indexer.storing.tracks import delete_tracks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def prunable(library: "Path") -> list[int]:
    """Return the ids of tracks without a file: under roots that are there. An absent root may only be unmounted."""
    with Store(library) as store:
        return _without_file(store)


def prune(library: "Path", track_ids: "Sequence[int]") -> int:
    """Delete tracks with all that hangs on them, and covers and lyrics that nobody has any more; returns how many.

    A track whose file has come back since it was found prunable is kept.
    """
    if not track_ids:
        return 0
    with Store(library) as store, store.indexing(), store.writing() as connection:
        gone = sorted(set(track_ids) & set(_without_file(store)))
        delete_tracks(connection, gone)
        for table in ("covers", "lyrics"):
            column = "cover_hash" if table == "covers" else "lyrics_hash"
            connection.execute(
                f"DELETE FROM {table} WHERE hash NOT IN (SELECT {column} FROM tracks WHERE {column} IS NOT NULL)"
            )
        connection.execute(
            "INSERT INTO facts VALUES ('blocks_version', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        )
    return len(gone)


def _without_file(store: Store) -> list[int]:
    query = "SELECT t.id, t.path, r.path AS root FROM tracks t JOIN roots r ON r.id = t.root_id ORDER BY t.id"
    return [
        row["id"]
        for row in store.connection.execute(query)
        if os.path.isdir(bytes(row["root"])) and is_gone(os.path.join(bytes(row["root"]), bytes(row["path"])))
    ]

"""Keep which tracks are loved and which banned: banned ones come up in nothing like a track, no mix and no path."""

import time
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.storing.version import DATABASE

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

LOVE, BAN = "love", "ban"


def judged(connection: "sqlite3.Connection", kind: str) -> frozenset[int]:
    """Return the ids of the tracks that are loved, or banned."""
    rows = connection.execute("SELECT track_id FROM feedback WHERE kind = ?", (kind,))
    return frozenset(int(row[0]) for row in rows)


def judge(library: "Path", track_id: int, kind: str | None) -> None:
    """Say that a track is loved or banned, or with None neither; it is never both.

    Raises
    ------
    IndexerError
        When there is no such track or no library, which is not made for it, or the library cannot be written.

    """
    from indexer.storing.store import Store

    if not (library / DATABASE).is_file():
        raise IndexerError(f"no library in {library} any more: put {DATABASE} back, or index your music again")
    with Store(library) as store, store.db.atomic():
        if store.connection.execute("SELECT 1 FROM tracks WHERE id = ?", (track_id,)).fetchone() is None:
            raise IndexerError(f"no track has the id {track_id} any more: its file was pruned")
        store.connection.execute("DELETE FROM feedback WHERE track_id = ? AND kind IN (?, ?)", (track_id, LOVE, BAN))
        if kind is not None:
            store.connection.execute(
                "INSERT INTO feedback (track_id, kind, at) VALUES (?, ?, ?)", (track_id, kind, time.time())
            )

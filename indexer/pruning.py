"""Delete what a user wants forgotten: rows whose files are gone, or a folder. The only place that deletes tracks."""

import os
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.reading.presence import is_gone
from indexer.storing.store import Store
from indexer.storing.tracks import delete_tracks

if TYPE_CHECKING:
    import sqlite3
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
        _delete(connection, gone)
    return len(gone)


def tracks_of_folder(library: "Path", folder: "Path") -> int:
    """Return how many tracks a music folder has, those without a file counted.

    Raises IndexerError when the library does not know it.
    """
    with Store(library) as store:
        return len(_tracks_of(store.connection, _root_id(store.connection, folder)))


def forget_folder(library: "Path", folder: "Path") -> int:
    """Delete a music folder from the library, with its tracks and playlist files; returns how many tracks.

    The files stay as they are, and a folder that is not there can be forgotten too. Raises IndexerError when the
    library does not know it.
    """
    with Store(library) as store, store.indexing(), store.writing() as connection:
        root = _root_id(connection, folder)
        gone = _tracks_of(connection, root)
        _delete(connection, gone)
        connection.execute("DELETE FROM playlists WHERE root_id = ?", (root,))
        connection.execute("DELETE FROM roots WHERE id = ?", (root,))
    return len(gone)


def _delete(connection: "sqlite3.Connection", gone: list[int]) -> None:
    delete_tracks(connection, gone)
    _forget_names(connection)
    for table in ("covers", "lyrics"):
        column = "cover_hash" if table == "covers" else "lyrics_hash"
        connection.execute(
            f"DELETE FROM {table} WHERE hash NOT IN (SELECT {column} FROM tracks WHERE {column} IS NOT NULL)"
        )
    connection.execute(
        "INSERT INTO facts VALUES ('blocks_version', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )


def _forget_names(connection: "sqlite3.Connection") -> None:
    """Delete the names that no track is tied to any more: artists, albums, genres and playlists of the graph."""
    connection.execute(
        "DELETE FROM nodes WHERE NOT EXISTS (SELECT 1 FROM tied e WHERE e.target = nodes.id AND e.source > 0)"
    )
    connection.execute("DELETE FROM tied WHERE source < 0 AND source NOT IN (SELECT id FROM nodes)")


def _root_id(connection: "sqlite3.Connection", folder: "Path") -> int:
    places = {os.fsencode(place(folder)) for place in (os.path.realpath, os.path.abspath)}
    for root, path in connection.execute("SELECT id, path FROM roots"):
        if bytes(path) in places:
            return int(root)
    raise IndexerError(f"{folder} is no music folder of this library: `fairouz-tui roots` lists them")


def _tracks_of(connection: "sqlite3.Connection", root: int) -> list[int]:
    return [i for (i,) in connection.execute("SELECT id FROM tracks WHERE root_id = ? ORDER BY id", (root,))]


def _without_file(store: Store) -> list[int]:
    query = "SELECT t.id, t.path, r.path AS root FROM tracks t JOIN roots r ON r.id = t.root_id ORDER BY t.id"
    return [
        row["id"]
        for row in store.connection.execute(query)
        if os.path.isdir(bytes(row["root"])) and is_gone(os.path.join(bytes(row["root"]), bytes(row["path"])))
    ]

"""Take in the playlist files that lie in a music folder, and tie their entries to tracks."""

import os
from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.reading.playlist_files import read_playlist
from indexer.reading.presence import is_gone
from indexer.storing.problems import failed_files, put_problem
from indexer.storing.tracks import FileState

if TYPE_CHECKING:
    import sqlite3

    from indexer.reading.walk import Found
    from indexer.stages.scan import Plan
    from indexer.storing.store import Store


def take_playlists(store: "Store", plan: "Plan") -> None:
    """Read new and changed playlist files under a scanned folder, and forget those that are gone."""
    query = "SELECT path, size, mtime_ns FROM playlists WHERE root_id = ?"
    known = {bytes(row[0]): (row[1], row[2]) for row in store.connection.execute(query, (plan.root_id,))}
    tried = failed_files(store.connection, plan.root_id, "playlist") | known
    found = {plan.prefix + playlist.relative: playlist for playlist in plan.playlists}
    # A list of a folder that was not walked this time (a scan of a part of the root) is left alone.
    gone = [path for path in known if path not in found and is_gone(os.path.join(plan.root, path))]
    if gone and not plan.keeps_gone:
        with store.writing() as connection:
            connection.executemany(
                "DELETE FROM playlists WHERE root_id = ? AND path = ?", [(plan.root_id, path) for path in gone]
            )
    for path, file in found.items():
        if tried.get(path) != (file.size, file.mtime_ns):
            _take(store, plan, path, file)


def tie_entries(store: "Store") -> None:
    """Find the track of every playlist entry that has none yet; entries naming absent files stay untied."""
    roots = [
        (row[0], bytes(row[1]).rstrip(b"/") + b"/") for row in store.connection.execute("SELECT id, path FROM roots")
    ]
    query = "SELECT DISTINCT path FROM playlist_entries WHERE track_id IS NULL"
    untied = [bytes(row[0]) for row in store.connection.execute(query)]
    found = (
        (_track_at(store, roots, path) or _track_at(store, roots, os.path.realpath(path)), path) for path in untied
    )
    ties = [(track_id, path) for track_id, path in found if track_id is not None]
    if ties:
        with store.writing() as connection:
            connection.executemany("UPDATE playlist_entries SET track_id = ? WHERE path = ? AND track_id IS NULL", ties)


def _track_at(store: "Store", roots: list[tuple[int, bytes]], path: bytes) -> int | None:
    """Return the track whose file has this absolute path, or None."""
    for root_id, root in roots:
        if path.startswith(root):
            query = "SELECT id FROM tracks WHERE root_id = ? AND path = ?"
            row = store.connection.execute(query, (root_id, path[len(root) :])).fetchone()
            if row is not None:
                return int(row[0])
    return None


def _take(store: "Store", plan: "Plan", path: bytes, file: "Found") -> None:
    state = FileState(plan.root_id, path, file.size, file.mtime_ns, "")
    with store.writing() as connection:
        ties = _forget(connection, plan.root_id, path)
        try:
            playlist = read_playlist(os.fsdecode(os.path.join(plan.root, path)))
        except ReadError as error:
            put_problem(connection, state, "playlist", error.reason)
            return
        # Addresses on the network are no files of ours.
        files = [os.path.normpath(entry) for entry in playlist.entries if isinstance(entry, bytes)]
        playlist_id = connection.execute(
            "INSERT INTO playlists (root_id, path, name, size, mtime_ns) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (plan.root_id, path, playlist.name, file.size, file.mtime_ns),
        ).fetchone()[0]
        connection.executemany(
            "INSERT INTO playlist_entries VALUES (?, ?, ?, ?)",
            [(playlist_id, i, entry, ties.get(entry)) for i, entry in enumerate(files)],
        )
        missing = sum(not os.path.lexists(entry) for entry in files)
        if missing:
            put_problem(connection, state, "playlist", f"{missing} of the {len(files)} files it names are not there")


def _forget(connection: "sqlite3.Connection", root_id: int, path: bytes) -> dict[bytes, int | None]:
    """Delete what is stored of a list, and return which track stood for which path.

    A track that moved keeps its place by that, though the list still has its old path.
    """
    query = (
        "SELECT e.path, e.track_id FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id "
        "WHERE p.root_id = ? AND p.path = ?"
    )
    ties = {bytes(row[0]): row[1] for row in connection.execute(query, (root_id, path))}
    connection.execute("DELETE FROM playlists WHERE root_id = ? AND path = ?", (root_id, path))
    connection.execute("DELETE FROM problems WHERE root_id = ? AND path = ?", (root_id, path))
    return ties

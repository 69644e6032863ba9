"""Take in the playlist files that lie in a music folder, and tie their entries to tracks."""

import os
from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.reading.playlist_files import read_playlist
from indexer.stages.read import put_problem
from indexer.storing.tracks import FileState

if TYPE_CHECKING:
    from indexer.reading.walk import Found
    from indexer.stages.scan import Plan
    from indexer.storing.store import Store


def take_playlists(store: "Store", plan: "Plan") -> bool:
    """Read new and changed playlist files under a scanned folder; True when any of them changed the store."""
    if not os.path.isdir(plan.root):
        return False
    query = "SELECT path, size, mtime_ns FROM playlists WHERE root_id = ?"
    known = {bytes(row[0]): (row[1], row[2]) for row in store.connection.execute(query, (plan.root_id,))}
    found = {_relative(plan, playlist): playlist for playlist in plan.playlists}
    changed = [path for path, file in found.items() if known.get(path) != (file.size, file.mtime_ns)]
    # A list of a folder that was not walked this time (a scan of a part of the root) is left alone.
    gone = [path for path in known if path not in found and not os.path.lexists(os.path.join(plan.root, path))]
    if not changed and not gone:
        return False
    with store.writing() as connection:
        connection.executemany(
            "DELETE FROM playlists WHERE root_id = ? AND path = ?", [(plan.root_id, path) for path in gone]
        )
    for path in changed:
        _take(store, plan, path, found[path])
    return True


def tie_entries(store: "Store") -> None:
    """Find the track of every playlist entry that has none yet; entries naming absent files stay untied."""
    tracks = {
        os.path.join(bytes(root), bytes(path)): track_id
        for track_id, path, root in store.connection.execute(
            "SELECT t.id, t.path, r.path FROM tracks t JOIN roots r ON r.id = t.root_id"
        )
    }
    query = "SELECT playlist_id, position, path FROM playlist_entries WHERE track_id IS NULL"
    ties = [
        (track_id, playlist_id, position)
        for playlist_id, position, path in store.connection.execute(query)
        if (track_id := tracks.get(bytes(path))) is not None
    ]
    if ties:
        with store.writing() as connection:
            connection.executemany(
                "UPDATE playlist_entries SET track_id = ? WHERE playlist_id = ? AND position = ?", ties
            )


def _relative(plan: "Plan", playlist: "Found") -> bytes:
    return plan.prefix + playlist.relative


def _take(store: "Store", plan: "Plan", path: bytes, file: "Found") -> None:
    state = FileState(plan.root_id, path, file.size, file.mtime_ns, "")
    with store.writing() as connection:
        connection.execute("DELETE FROM playlists WHERE root_id = ? AND path = ?", (plan.root_id, path))
        connection.execute("DELETE FROM problems WHERE root_id = ? AND path = ?", (plan.root_id, path))
        try:
            playlist = read_playlist(os.fsdecode(os.path.join(plan.root, path)))
        except ReadError as error:
            put_problem(connection, state, "playlist", error.reason)
            return
        # Addresses on the network are no files of ours.
        files = [entry for entry in playlist.entries if isinstance(entry, bytes)]
        playlist_id = connection.execute(
            "INSERT INTO playlists (root_id, path, name, size, mtime_ns) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (plan.root_id, path, playlist.name, file.size, file.mtime_ns),
        ).fetchone()[0]
        connection.executemany(
            "INSERT INTO playlist_entries (playlist_id, position, path) VALUES (?, ?, ?)",
            [(playlist_id, i, os.path.normpath(entry)) for i, entry in enumerate(files)],
        )
        missing = sum(not os.path.lexists(entry) for entry in files)
        if missing:
            put_problem(connection, state, "playlist", f"{missing} of the {len(files)} files it names are not there")

"""Remember why files, or parts of them, could not be read: listed, and not tried again until they change."""

import os
import time
from typing import TYPE_CHECKING

from indexer.reading.presence import is_gone

if TYPE_CHECKING:
    import sqlite3

    from indexer.storing.tracks import FileState


def put_problem(connection: "sqlite3.Connection", state: "FileState", stage: str, reason: str) -> None:
    """Record why a file, or a part of it, could not be read; "part" problems are no failures."""
    connection.execute(
        "INSERT OR REPLACE INTO problems VALUES (?, ?, ?, ?, ?, ?, ?)",
        (state.root_id, state.path, stage, reason, state.size, state.mtime_ns, time.time()),
    )


def forget_reading(connection: "sqlite3.Connection", state: "FileState") -> None:
    """Forget what was wrong when a file's tags were read: they were read anew, or are as they were before that."""
    connection.execute(
        "DELETE FROM problems WHERE root_id = ? AND path = ? AND stage IN ('read', 'part')", (state.root_id, state.path)
    )


def failed_files(connection: "sqlite3.Connection", root_id: int, stage: str) -> dict[bytes, tuple[int, int]]:
    """Return path -> (size, mtime) of the files of a root that failed at a stage, as they stood then."""
    query = "SELECT path, size, mtime_ns FROM problems WHERE root_id = ? AND stage = ?"
    return {bytes(path): (size, mtime_ns) for path, size, mtime_ns in connection.execute(query, (root_id, stage))}


def forget_failures(connection: "sqlite3.Connection") -> None:
    """Forget what failed, so that it is tried again; remarks on files that were read stay."""
    connection.execute("DELETE FROM problems WHERE stage IN ('read', 'sound')")
    connection.execute(
        "DELETE FROM problems WHERE stage = 'playlist' AND NOT EXISTS "
        "(SELECT 1 FROM playlists l WHERE l.root_id = problems.root_id AND l.path = problems.path)"
    )


def forget_vanished(connection: "sqlite3.Connection", root_id: int, root: bytes) -> None:
    """Forget problems of files that are gone and of which the library has no track."""
    query = (
        "SELECT DISTINCT p.path FROM problems p LEFT JOIN tracks t ON t.root_id = p.root_id AND t.path = p.path "
        "WHERE p.root_id = ? AND t.id IS NULL"
    )
    paths = [bytes(row[0]) for row in connection.execute(query, (root_id,))]
    connection.executemany(
        "DELETE FROM problems WHERE root_id = ? AND path = ?",
        [(root_id, path) for path in paths if is_gone(os.path.join(root, path))],
    )

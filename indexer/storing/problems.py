"""Remember why files, or parts of them, could not be read: listed, and not tried again until they change."""

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from indexer.reading.presence import is_gone

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from indexer.storing.tracks import FileState

FAILED = (
    "(p.stage IN ('read', 'sound') OR p.stage = 'playlist' AND NOT EXISTS "
    "(SELECT 1 FROM playlists l WHERE l.root_id = p.root_id AND l.path = p.path))"
)
"""What is a failure, and no remark on a file that was read."""


class Place(NamedTuple):
    """Where a file lies that failed."""

    root_id: int
    path: bytes
    """Relative to the root."""
    file: bytes
    """The whole path."""


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
    connection.execute(f"DELETE FROM problems AS p WHERE {FAILED}")


def failures_among(connection: "sqlite3.Connection", files: "Iterable[bytes] | None" = None) -> list[Place]:
    """Return each of `files` (whole paths; None: of all) that failed, once, by path."""
    query = f"SELECT DISTINCT p.root_id, p.path, r.path FROM problems p JOIN roots r ON r.id = p.root_id WHERE {FAILED}"
    places = [
        Place(root_id, bytes(path), os.path.join(bytes(root), bytes(path)))
        for root_id, path, root in connection.execute(query)
    ]
    wanted = None if files is None else set(files)
    return sorted((place for place in places if wanted is None or place.file in wanted), key=lambda place: place.file)


def forget_failures_of(connection: "sqlite3.Connection", places: "Sequence[Place]") -> None:
    """Forget how these files failed; remarks stay."""
    connection.executemany(
        f"DELETE FROM problems AS p WHERE p.root_id = ? AND p.path = ? AND {FAILED}",
        [(place.root_id, place.path) for place in places],
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

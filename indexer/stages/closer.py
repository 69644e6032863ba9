"""Look closer at tracks that were read by their tags alone: the sound's header and hash, and the cover.

Takes some milliseconds a file, most of them to open it as sound. What is done is marked on the row, so that a run that
was stopped goes on where it was.
"""

import os
from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.progress import Pace, Progress
from indexer.reading.file import examine_file
from indexer.reading.presence import is_gone
from indexer.stages.order import in_turn, roots_here
from indexer.stages.read import CHUNK, SECONDS_PER_FILE, put_failure
from indexer.storing.problems import forget_reading, put_problem
from indexer.storing.tracks import FileState, put_look, put_track

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from indexer.reading.workers import Workers
    from indexer.storing.store import Store
    from indexer.track import Reading

STAGE = "looking closer"
_BATCH = 256

_Job = tuple[int, FileState, bytes]
"""Track id, file, root."""

UNREAD = (
    "FROM tracks t WHERE NOT t.examined AND t.missing_since IS NULL AND NOT EXISTS (SELECT 1 FROM problems p "
    "WHERE p.root_id = t.root_id AND p.path = t.path AND p.stage = 'read' AND p.size = t.size "
    "AND p.mtime_ns = t.mtime_ns)"
)
"""The tracks still to be looked at; a file that failed waits until it changes or is tried again."""


def look_closer(store: "Store", workers: "Workers", *, only: "Sequence[int] | None" = None) -> "Iterator[Progress]":
    """Examine every track that was not examined yet, in the order in which they are listed, or `only` some of them."""
    here = set(roots_here(store))
    wanted = [i for i, root_id in store.connection.execute(f"SELECT t.id, t.root_id {UNREAD}") if root_id in here]
    if only is not None:
        wanted = sorted(set(wanted) & set(only))
    pace = Pace(STAGE, len(wanted))
    pending: list[tuple[_Job, tuple[Reading, bool] | ReadError]] = []
    jobs = (job for ids in in_turn(store, wanted, CHUNK) for job in _jobs(store.connection, ids))
    for job, result in workers.run_each(_examine, jobs, seconds_per_item=SECONDS_PER_FILE, chunk=CHUNK, name=_path):
        pending.append((job, result))
        if len(pending) >= _BATCH:
            _store(store, pending)
            pending = []
        yield pace.advance(failed=int(isinstance(result, ReadError)))
    _store(store, pending)


def _jobs(connection: "sqlite3.Connection", ids: "Sequence[int]") -> "Iterator[_Job]":
    marks = ",".join("?" * len(ids))
    query = (
        "SELECT t.id, t.root_id, t.path, t.size, t.mtime_ns, t.side_hash, r.path FROM tracks t "
        f"JOIN roots r ON r.id = t.root_id WHERE t.id IN ({marks})"
    )
    rows = {row[0]: row for row in connection.execute(query, list(ids))}
    for track_id in ids:
        _, root_id, path, size, mtime_ns, side_hash, root = rows[track_id]
        yield track_id, FileState(root_id, bytes(path), size, mtime_ns, side_hash), bytes(root)


def _path(job: _Job) -> str:
    return os.fsdecode(os.path.join(job[2], job[1].path))


def _examine(job: _Job) -> "tuple[Reading, bool]":
    return examine_file(_path(job), os.fsdecode(job[1].path))


def _store(store: "Store", results: "list[tuple[_Job, tuple[Reading, bool] | ReadError]]") -> None:
    if not results:
        return
    with store.writing() as connection:
        for (track_id, state, root), result in results:
            if isinstance(result, ReadError):
                # Gone since the scan, or a disk that is not mounted: the next scan will say what became of it.
                if not is_gone(os.path.join(root, state.path)):
                    put_failure(connection, state, result)
                continue
            reading, is_as_before = result
            forget_reading(connection, state)
            if reading.problems:
                put_problem(connection, state, "part", "; ".join(reading.problems))
            if is_as_before:
                put_look(connection, track_id, reading)
            else:
                put_track(connection, state, reading, track_id=track_id)

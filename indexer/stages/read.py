"""Read tags, covers and lyrics of new and changed files in worker processes, and find those that only moved.

A new file that carries the sound of a row whose file has gone is that row: it keeps its id, vectors, plays and playlist
places. Copies whose original is still there are tracks of their own.
"""

import os
from itertools import takewhile
from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.progress import Counts, Pace, Progress
from indexer.reading.file import read_file
from indexer.reading.presence import is_gone
from indexer.reading.workers import run_each
from indexer.storing.problems import forget_reading, put_problem
from indexer.storing.tracks import FileState, put_track

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from indexer.stages.scan import Plan
    from indexer.storing.store import Store
    from indexer.track import Reading

_SECONDS_PER_FILE = 30.0
"""Tags come in milliseconds; only a broken or hostile file, or a dying disk, takes longer."""
_CHUNK = 16
"""Files handed to a worker together."""
_BATCH = 64
"""Tracks to a transaction: what a kill can lose."""
_SETTLED = (
    "title, artist, album, album_artist, genre, year, track_number, disc_number, comment, compilation, content_hash, "
    "cover_hash, lyrics_hash, "
    "(SELECT group_concat(role || ' ' || name, char(10)) FROM credits WHERE track_id = tracks.id)"
)
"""What must be equal after rereading for a file with a doubtful time to count as unchanged."""

_Job = tuple[FileState, bytes, int | None]
"""A file, its root, and the track it is known as."""


def read(
    store: "Store", plan: "Plan", counts: Counts, outcomes: dict[int, str], *, workers: int
) -> "Iterator[Progress]":
    """Read what `plan` lists and store it batch by batch.

    `outcomes` gets, by track id, "new", "changed", "moved" or "unchanged"; files that cannot be read count as failed.
    """
    names = {os.path.basename(path) for path in plan.gone}
    # Files that kept their name choose first, so that of two copies each finds its own row again.
    new = sorted(plan.new, key=lambda state: os.path.basename(state.path) not in names)
    doubtful = {track_id for _, track_id in plan.doubtful}
    jobs: list[_Job] = [(state, plan.root, None) for state in new]
    jobs += [(state, plan.root, track_id) for state, track_id in (*plan.changed, *plan.doubtful)]
    pace = Pace("reading tags", len(jobs))
    pending: list[tuple[_Job, Reading | ReadError]] = []
    results = run_each(_read, jobs, workers=workers, seconds_per_item=_SECONDS_PER_FILE, chunk=_CHUNK, name=job_path)
    for job, result in results:
        pending.append((job, result))
        if len(pending) >= _BATCH:
            _store(store, plan, pending, counts, outcomes, doubtful)
            pending = []
        yield pace.advance(failed=int(isinstance(result, ReadError)))
    _store(store, plan, pending, counts, outcomes, doubtful)


def job_path(job: _Job) -> str:
    """Return the absolute path of a job's file."""
    state, root, _ = job
    return os.fsdecode(os.path.join(root, state.path))


def _read(job: _Job) -> "Reading":
    return read_file(job_path(job), os.fsdecode(job[0].path))


def _store(
    store: "Store",
    plan: "Plan",
    results: "list[tuple[_Job, Reading | ReadError]]",
    counts: Counts,
    outcomes: dict[int, str],
    doubtful: set[int],
) -> None:
    if not results:
        return
    with store.writing() as connection:
        for (state, _, track_id), reading in results:
            forget_reading(connection, state)
            if isinstance(reading, ReadError):
                # One failure a file: what was wrong with its sound no longer matters.
                connection.execute(
                    "DELETE FROM problems WHERE root_id = ? AND path = ? AND stage = 'sound'",
                    (state.root_id, state.path),
                )
                put_problem(connection, state, "read", reading.reason)
                plan.read_well.discard(state.path)
                counts.failed += 1
                continue
            if reading.problems:
                put_problem(connection, state, "part", "; ".join(reading.problems))
            if track_id is not None:
                before = _settled(connection, track_id)
                put_track(connection, state, reading, track_id=track_id)
                same = track_id in doubtful and before == _settled(connection, track_id)
                outcomes[track_id] = "unchanged" if same else "changed"
                continue
            moved = _moved_from(connection, plan, reading.content_hash, state, outcomes)
            stored = put_track(connection, state, reading, track_id=moved)
            outcomes[stored] = "new" if moved is None else "moved"


def _settled(connection: "sqlite3.Connection", track_id: int) -> tuple[object, ...]:
    return tuple(connection.execute(f"SELECT {_SETTLED} FROM tracks WHERE id = ?", (track_id,)).fetchone())


def _moved_from(
    connection: "sqlite3.Connection", plan: "Plan", content_hash: str | None, state: FileState, outcomes: dict[int, str]
) -> int | None:
    """Return the row whose file is gone and whose sound this file has, the likest path first; None without one."""
    if content_hash is None:
        return None
    query = (
        "SELECT t.id, t.root_id, t.path, r.path FROM tracks t JOIN roots r ON r.id = t.root_id WHERE t.content_hash = ?"
    )
    candidates = [
        (-_same_end(bytes(path), state.path), track_id)
        for track_id, root_id, path, root in connection.execute(query, (content_hash,))
        if track_id not in outcomes and _is_gone(plan, root_id, bytes(root), bytes(path))
    ]
    return min(candidates)[1] if candidates else None


def _is_gone(plan: "Plan", root_id: int, root: bytes, path: bytes) -> bool:
    """Tell whether a row has no file any more: by the scan where it looked, by the disk elsewhere."""
    if root_id == plan.root_id and path.startswith(plan.prefix):
        return path in plan.gone
    return is_gone(os.path.join(root, path))


def _same_end(a: bytes, b: bytes) -> int:
    """Count the parts that two paths have in common at their ends."""
    parts = zip(reversed(a.split(b"/")), reversed(b.split(b"/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], parts))

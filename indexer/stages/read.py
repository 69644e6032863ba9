"""Read tags and words of new and changed files in worker processes, and find those that only moved.

Files are read by their tags alone; header, hash and cover come with the closer look (indexer/stages/closer.py). Where a
new file may be one that moved, or where only hash and cover can tell whether a file changed, it is read whole at once.

A new file that carries the sound of a row whose file has gone is that row: it keeps its id, vectors, plays and playlist
places. Copies whose original is still there are tracks of their own.
"""

import os
import time
from itertools import takewhile
from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.progress import Counts, Pace, Progress
from indexer.reading.file import read_file, read_tags_alone
from indexer.reading.presence import is_gone
from indexer.storing.problems import forget_reading, put_problem
from indexer.storing.tracks import FileState, put_track

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from indexer.reading.workers import Workers
    from indexer.stages.scan import Plan
    from indexer.storing.store import Store
    from indexer.track import Reading

STAGE = "reading tags"
SECONDS_PER_FILE = 30.0
"""Tags come in milliseconds; only a broken or hostile file, or a dying disk, takes longer."""
CHUNK = 64
"""Files handed to a worker together: a tenth of which would cost as much to hand over as to read."""
_BATCH, _BATCH_SECONDS = 512, 0.5
"""Tracks to a transaction, and how long one may be gathered: what a kill can lose, and what the screen waits for."""
_SETTLED = (
    "title, artist, album, album_artist, genre, year, track_number, disc_number, comment, compilation, content_hash, "
    "cover_hash, lyrics_hash, "
    "(SELECT group_concat(role || ' ' || name, char(10)) FROM credits WHERE track_id = tracks.id)"
)
"""What must be equal after rereading for a file with a doubtful time to count as unchanged."""

_Job = tuple[FileState, bytes, int | None, bool]
"""A file, its root, the track it is known as, and whether it is to be read whole."""


def read(
    store: "Store", plan: "Plan", counts: Counts, outcomes: dict[int, str], workers: "Workers", *, moves: bool
) -> "Iterator[Progress]":
    """Read what `plan` lists and store it batch by batch.

    moves : whether some row has lost its file, which a new file may be.
    `outcomes` gets, by track id, "new", "changed", "moved" or "unchanged"; files that cannot be read count as failed.
    """
    doubtful = {track_id for _, track_id in plan.doubtful}
    pace = Pace(STAGE, len(plan.new) + len(plan.changed) + len(plan.doubtful))
    pending: list[tuple[_Job, Reading | ReadError]] = []
    stored = time.monotonic()
    jobs = _jobs(plan, moves=moves)
    for job, result in workers.run_each(_read, jobs, seconds_per_item=SECONDS_PER_FILE, chunk=CHUNK, name=_path):
        pending.append((job, result))
        if len(pending) >= _BATCH or time.monotonic() - stored > _BATCH_SECONDS:
            _store(store, plan, pending, counts, outcomes, doubtful)
            pending, stored = [], time.monotonic()
        yield pace.advance(failed=int(isinstance(result, ReadError)))
    _store(store, plan, pending, counts, outcomes, doubtful)


def _jobs(plan: "Plan", *, moves: bool) -> "Iterator[_Job]":
    names = {os.path.basename(path) for path in plan.gone}
    # Files that kept their name choose first, so that of two copies each finds its own row again.
    new = sorted(plan.new, key=lambda state: os.path.basename(state.path) not in names) if names else plan.new
    yield from ((state, plan.root, None, moves) for state in new)
    yield from ((state, plan.root, track_id, False) for state, track_id in plan.changed)
    yield from ((state, plan.root, track_id, True) for state, track_id in plan.doubtful)


def _path(job: _Job) -> str:
    return os.fsdecode(os.path.join(job[1], job[0].path))


def _read(job: _Job) -> "Reading":
    return (read_file if job[3] else read_tags_alone)(_path(job), os.fsdecode(job[0].path))


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
        for (state, _, track_id, _), reading in results:
            forget_reading(connection, state)
            if isinstance(reading, ReadError):
                put_failure(connection, state, reading)
                plan.failed.add(state.path)
                counts.failed += 1
                continue
            if reading.problems:
                put_problem(connection, state, "part", "; ".join(reading.problems))
            if track_id is not None:
                before = _settled(connection, track_id) if track_id in doubtful else None
                put_track(connection, state, reading, track_id=track_id)
                same = before is not None and before == _settled(connection, track_id)
                outcomes[track_id] = "unchanged" if same else "changed"
                continue
            moved = _moved_from(connection, plan, reading.content_hash, state, outcomes)
            stored = put_track(connection, state, reading, track_id=moved)
            outcomes[stored] = "new" if moved is None else "moved"


def put_failure(connection: "sqlite3.Connection", state: FileState, error: ReadError) -> None:
    """Record that a file cannot be read. One failure a file: what was wrong with its sound no longer matters."""
    connection.execute(
        "DELETE FROM problems WHERE root_id = ? AND path = ? AND stage = 'sound'", (state.root_id, state.path)
    )
    put_problem(connection, state, "read", error.reason)


def _settled(connection: "sqlite3.Connection", track_id: int) -> tuple[object, ...]:
    return tuple(connection.execute(f"SELECT {_SETTLED} FROM tracks WHERE id = ?", (track_id,)).fetchone())


def _moved_from(
    connection: "sqlite3.Connection", plan: "Plan", content_hash: str | None, state: FileState, outcomes: dict[int, str]
) -> int | None:
    """Return the row whose file is gone and whose sound this file has, the likest path first; None without one.

    Of a row that a stopped run read by its tags alone the sound is not known; size and time of the file stand for it.
    """
    if content_hash is None:
        return None
    query = (
        "SELECT t.id, t.root_id, t.path, r.path FROM tracks t JOIN roots r ON r.id = t.root_id "
        "WHERE t.content_hash = ? UNION ALL "
        "SELECT t.id, t.root_id, t.path, r.path FROM tracks t JOIN roots r ON r.id = t.root_id "
        "WHERE NOT t.examined AND t.content_hash IS NULL AND t.size = ? AND t.mtime_ns = ?"
    )
    candidates = [
        (-_same_end(bytes(path), state.path), track_id)
        for track_id, root_id, path, root in connection.execute(query, (content_hash, state.size, state.mtime_ns))
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

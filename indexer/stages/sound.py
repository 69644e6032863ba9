"""Analyse the sound of tracks that have no current AUDIO vector, in worker processes; only new sound is decoded."""

import os
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import ReadError
from indexer.progress import Pace, Progress
from indexer.reading.audio import analyse
from indexer.reading.presence import is_gone
from indexer.reading.workers import run_each
from indexer.storing.problems import put_problem
from indexer.storing.tracks import FileState
from indexer.storing.vectors import input_hashes, put_vectors, reuse_vector
from models.encoders.names import AUDIO_ENCODER
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from indexer.storing.store import Store
    from indexer.track import Sound

_SECONDS_PER_FILE = 60.0
"""Three excerpts take a tenth of a second; a file that needs a minute is broken."""
_BATCH = 16
_PART = "part of the sound"
"""The stage under which damage is listed that is no failure; the reader's "part" of the same file stands beside it."""

_Job = tuple[int, FileState, bytes, str]
"""Track id, file, root, input hash."""


def analyse_sound(store: "Store", *, workers: int) -> "Iterator[Progress]":
    """Decode and describe every track that needs it, copying what another track with the same sound already has."""
    jobs = [job for job in _wanted(store) if not _reuse(store, job)]
    pace = Pace("listening", len(jobs))
    pending: list[tuple[_Job, Sound | ReadError]] = []
    for job, result in run_each(_analyse, jobs, workers=workers, seconds_per_item=_SECONDS_PER_FILE, name=_path):
        pending.append((job, result))
        if len(pending) >= _BATCH:
            _store(store, pending)
            pending = []
        yield pace.advance(failed=int(isinstance(result, ReadError)))
    _store(store, pending)


def _path(job: _Job) -> str:
    _, state, root, _ = job
    return os.fsdecode(os.path.join(root, state.path))


def _analyse(job: _Job) -> "Sound":
    return analyse(_path(job))


def _wanted(store: "Store") -> list[_Job]:
    """List present tracks without a current vector whose file has not failed as it stands."""
    have = input_hashes(store.connection, Modality.AUDIO, AUDIO_ENCODER)
    query = (
        "SELECT t.id, t.root_id, t.path, t.size, t.mtime_ns, t.content_hash, r.path AS root FROM tracks t "
        "JOIN roots r ON r.id = t.root_id LEFT JOIN problems p ON p.root_id = t.root_id AND p.path = t.path "
        "AND p.stage = 'sound' AND p.size = t.size AND p.mtime_ns = t.mtime_ns "
        "WHERE t.missing_since IS NULL AND p.stage IS NULL AND NOT EXISTS (SELECT 1 FROM problems r "
        "WHERE r.root_id = t.root_id AND r.path = t.path AND r.stage = 'read') ORDER BY t.id"
    )
    jobs: list[_Job] = []
    here = {bytes(row[0]): os.path.isdir(bytes(row[0])) for row in store.connection.execute("SELECT path FROM roots")}
    for row in store.connection.execute(query):
        if not here[bytes(row["root"])]:
            # The disk is not mounted: nothing about its tracks is to change.
            continue
        input_hash = row["content_hash"] or f"file:{row['size']}:{row['mtime_ns']}"
        if have.get(row["id"]) != input_hash:
            state = FileState(row["root_id"], bytes(row["path"]), row["size"], row["mtime_ns"], "")
            jobs.append((row["id"], state, bytes(row["root"]), input_hash))
    return jobs


def _reuse(store: "Store", job: _Job) -> bool:
    """Take vector, attributes and words over from a track with the same sound; False when there is none."""
    track_id, state, _, input_hash = job
    row = store.connection.execute(
        "SELECT track_id FROM vectors WHERE modality = ? AND encoder = ? AND input_hash = ? AND track_id != ? LIMIT 1",
        (Modality.AUDIO.value, AUDIO_ENCODER, input_hash, track_id),
    ).fetchone()
    if row is None:
        return False
    with store.writing() as connection:
        _forget(connection, track_id, state)
        reuse_vector(connection, Modality.AUDIO, AUDIO_ENCODER, track_id, input_hash)
        connection.execute(
            "INSERT INTO attributes SELECT ?, name, value, text, confidence FROM attributes WHERE track_id = ?",
            (track_id, row[0]),
        )
        connection.execute(
            "INSERT INTO sound_words SELECT ?, words FROM sound_words WHERE track_id = ?", (track_id, row[0])
        )
    return True


def _forget(connection: "sqlite3.Connection", track_id: int, state: FileState) -> None:
    for table in ("attributes", "sound_words"):
        connection.execute(f"DELETE FROM {table} WHERE track_id = ?", (track_id,))
    connection.execute(
        "DELETE FROM problems WHERE root_id = ? AND path = ? AND stage IN ('sound', ?)",
        (state.root_id, state.path, _PART),
    )


def _store(store: "Store", results: "list[tuple[_Job, Sound | ReadError]]") -> None:
    if not results:
        return
    with store.writing() as connection:
        for (track_id, state, root, input_hash), sound in results:
            if isinstance(sound, ReadError) and is_gone(os.path.join(root, state.path)):
                # Gone since the scan: the next scan will say what became of it.
                continue
            _forget(connection, track_id, state)
            if isinstance(sound, ReadError):
                connection.execute(
                    "DELETE FROM vectors WHERE track_id = ? AND modality = ?", (track_id, Modality.AUDIO.value)
                )
                put_problem(connection, state, "sound", sound.reason)
                continue
            if sound.problems:
                put_problem(connection, state, _PART, "; ".join(sound.problems))
            row = (track_id, input_hash, np.asarray(sound.vector, np.float32))
            put_vectors(connection, Modality.AUDIO, AUDIO_ENCODER, [row])
            connection.executemany(
                "INSERT INTO attributes VALUES (?, ?, ?, ?, ?)",
                [(track_id, a.name, a.value, a.text, a.confidence) for a in sound.attributes],
            )
            connection.execute("INSERT INTO sound_words VALUES (?, ?)", (track_id, " ".join(sound.words)))

"""Analyse the sound of tracks that have no current AUDIO vector, in worker processes; only new sound is decoded."""

import os
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders.audio import audio_encoder, audio_id, kind_of, pictures
from indexer.errors import IndexerError, ReadError
from indexer.progress import Pace, Progress
from indexer.reading.audio import analyse
from indexer.reading.presence import is_gone
from indexer.stages.embed import notes_of, waits
from indexer.stages.order import in_turn, roots_here
from indexer.storing.problems import put_problem
from indexer.storing.sounds import copy_sound, drop_sound, put_sound
from indexer.storing.switching import Destination
from indexer.storing.tracks import FileState
from models.errors import ModelError
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from indexer.encoders.audio import AudioEncoder
    from indexer.reading.workers import Workers
    from indexer.storing.store import Store
    from indexer.track import Sound
    from models.encoders.known import Kind

_SECONDS_PER_FILE = 60.0
"""Three excerpts take a tenth of a second; a file that needs a minute is broken."""
_BATCH, _BATCH_SECONDS = 64, 2.0
"""Tracks to a transaction, and how long one may be gathered: what a kill can lose."""
_BATCH_OF_PICTURES = 8
"""The same where a fetched encoder looks at pictures of the sound: up to 6 MB a track."""
_AT_ONCE = 64
_PART = "part of the sound"
"""The stage under which damage is listed that is no failure; the reader's "part" of the same file stands beside it."""
_INPUT = "coalesce(t.content_hash, 'file:' || t.size || ':' || t.mtime_ns)"
_WANTED = (
    "SELECT t.id, t.root_id FROM tracks t LEFT JOIN {table} v ON v.track_id = t.id "
    f"AND v.modality = '{Modality.AUDIO}' AND v.encoder = ? AND v.input_hash = {_INPUT} "
    "WHERE t.missing_since IS NULL AND v.track_id IS NULL AND NOT EXISTS (SELECT 1 FROM problems p "
    "WHERE p.root_id = t.root_id AND p.path = t.path AND (p.stage = 'read' OR "
    "p.stage = 'sound' AND p.size = t.size AND p.mtime_ns = t.mtime_ns)) ORDER BY t.id"
)
"""Present tracks without a current vector whose file has not failed as it stands."""

_Job = tuple[int, FileState, bytes, str]
"""Track id, file, root, input hash."""
_Heard = tuple["Sound", "NDArray[np.float32] | None"]
"""What a worker makes of a file: our own analysis, and the pictures that a fetched encoder looks at."""


def analyse_sound(store: "Store", workers: "Workers", *, only: "Sequence[int] | None" = None) -> "Iterator[Progress]":
    """Decode and describe every track that needs it, copying what another track with the same sound already has.

    The order is that of the list as it opens, what is asked for first (indexer/stages/order.py). `only` limits it to
    some tracks.
    """
    try:
        encoder = audio_encoder(store)
    except IndexerError as error:
        yield Progress("listening", 0, 0, note=waits(str(error)))
        return
    destination = Destination(store, Modality.AUDIO, audio_id(store))
    unheard = _unheard(store, destination)
    wanted = _without_twins(store, destination, unheard if only is None else sorted(set(unheard) & set(only)))
    pace = Pace("listening", len(wanted))
    pending: list[tuple[_Job, _Heard | ReadError]] = []
    stored = time.monotonic()
    jobs = (job for ids in in_turn(store, wanted, _AT_ONCE) for job in _jobs(store.connection, ids))
    hear = partial(_hear, kind=None if encoder is None else kind_of(encoder))
    most = _BATCH if encoder is None else _BATCH_OF_PICTURES
    for job, result in workers.run_each(hear, jobs, seconds_per_item=_SECONDS_PER_FILE, name=_path):
        pending.append((job, result))
        if len(pending) >= most or time.monotonic() - stored > _BATCH_SECONDS:
            _store(store, destination, encoder, pending)
            pending, stored = [], time.monotonic()
        yield pace.advance(failed=int(isinstance(result, ReadError)))
    _store(store, destination, encoder, pending)
    yield from notes_of(encoder, "listening")


def unheard_tracks(store: "Store") -> list[int]:
    """Return the ids of the tracks whose sound is to be analysed, by rising id; those whose disk is away are not.

    None where the encoder that the library was told to use never was here.
    """
    try:
        return _unheard(store, Destination(store, Modality.AUDIO, audio_id(store)))
    except IndexerError:
        return []


def _unheard(store: "Store", destination: Destination) -> list[int]:
    here = set(roots_here(store))
    rows = store.connection.execute(_WANTED.format(table=destination.table), (destination.encoder,))
    return [track_id for track_id, root_id in rows if root_id in here]


def _path(job: _Job) -> str:
    _, state, root, _ = job
    return os.fsdecode(os.path.join(root, state.path))


def _hear(job: _Job, *, kind: "Kind | None") -> _Heard:
    return analyse(_path(job)), None if kind is None else pictures(_path(job), kind)


def _jobs(connection: "sqlite3.Connection", ids: "Sequence[int]") -> "Iterator[_Job]":
    marks = ",".join("?" * len(ids))
    query = (
        f"SELECT t.id, t.root_id, t.path, t.size, t.mtime_ns, r.path, {_INPUT} FROM tracks t "
        f"JOIN roots r ON r.id = t.root_id WHERE t.id IN ({marks})"
    )
    rows = {row[0]: row for row in connection.execute(query, list(ids))}
    for track_id in ids:
        _, root_id, path, size, mtime_ns, root, input_hash = rows[track_id]
        yield track_id, FileState(root_id, bytes(path), size, mtime_ns, ""), bytes(root), input_hash


def _without_twins(store: "Store", destination: Destination, wanted: list[int]) -> list[int]:
    """Give the tracks whose sound another track has that one's vector; return the others."""
    twins: list[_Job] = []
    for start in range(0, len(wanted), _AT_ONCE):
        jobs = _jobs(store.connection, wanted[start : start + _AT_ONCE])
        twins += [job for job in jobs if destination.twin(store.connection, job[0], job[3]) is not None]
    for start in range(0, len(twins), _AT_ONCE):
        with store.writing() as connection:
            for job in twins[start : start + _AT_ONCE]:
                _reuse(connection, destination, job)
    copied = {job[0] for job in twins}
    return [track_id for track_id in wanted if track_id not in copied]


def _reuse(connection: "sqlite3.Connection", destination: Destination, job: _Job) -> None:
    """Take the vector and what was heard over from the track with the same sound."""
    track_id, state, _, input_hash = job
    twin = destination.twin(connection, track_id, input_hash)
    _forget(connection, track_id, state)
    destination.copy(connection, twin, track_id)
    copy_sound(connection, twin, track_id)


def _forget(connection: "sqlite3.Connection", track_id: int, state: FileState) -> None:
    drop_sound(connection, track_id)
    connection.execute(
        "DELETE FROM problems WHERE root_id = ? AND path = ? AND stage IN ('sound', ?)",
        (state.root_id, state.path, _PART),
    )


def _store(
    store: "Store",
    destination: Destination,
    encoder: "AudioEncoder | None",
    results: "list[tuple[_Job, _Heard | ReadError]]",
) -> None:
    if not results:
        return
    vectors = _vectors(encoder, results)
    with store.writing() as connection:
        for (track_id, state, root, input_hash), result in results:
            if isinstance(result, ReadError) and is_gone(os.path.join(root, state.path)):
                # Gone since the scan: the next scan will say what became of it.
                continue
            _forget(connection, track_id, state)
            if isinstance(result, ReadError):
                destination.drop(connection, [track_id])
                put_problem(connection, state, "sound", result.reason)
                continue
            sound, _ = result
            if sound.problems:
                put_problem(connection, state, _PART, "; ".join(sound.problems))
            destination.put(connection, [(track_id, input_hash, vectors[track_id])])
            put_sound(connection, track_id, sound.attributes, sound.words)


def _vectors(
    encoder: "AudioEncoder | None", results: "list[tuple[_Job, _Heard | ReadError]]"
) -> "dict[int, NDArray[np.float32]]":
    """Return the vector of each track whose file could be read, by our own analysis or by `encoder`."""
    heard = {job[0]: result for job, result in results if not isinstance(result, ReadError)}
    if encoder is None:
        return {track_id: np.asarray(sound.vector, np.float32) for track_id, (sound, _) in heard.items()}
    try:
        vectors = encoder.encode([seen for _, seen in heard.values() if seen is not None])
    except ModelError as error:
        raise IndexerError(str(error)) from error
    return dict(zip(heard, vectors, strict=True))

"""Find the tracks most like a track or a file."""

import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.exploring.answer import Answer
from indexer.exploring.outside import open_outside
from indexer.exploring.rank import hits, verdict
from indexer.exploring.scale import modality_scale, track_scale
from indexer.exploring.session import Point, Session, parse_faders
from indexer.storing.vectors import encoder_read_by, load_vectors
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.exploring.answer import Hit

_SPARE = 50
"""Proposals beyond those asked for: float16 may swap neighbours in the index, exact scores put them right."""


def similar(
    session: Session, track_id: int, *, count: int, faders: "Mapping[str, float] | None" = None, hub: bool = True
) -> Answer:
    """Rank the `count` tracks most like a track by the joint score, itself left out."""
    started = time.perf_counter()
    name = _name(session, track_id)
    ranked = _ranked(session, session.point(track_id), count=count, faders=faders, hub=hub, leave_out=track_id)
    return _answer(name, started, ranked)


def similar_to_file(
    session: Session, path: str, *, count: int, faders: "Mapping[str, float] | None" = None, hub: bool = True
) -> Answer:
    """Rank the tracks most like a file outside the library, by all that can be read of it; nothing is stored.

    Raises
    ------
    IndexerError
        When the file cannot be read, or nothing in it can be compared; see exploring/outside.py.

    """
    started = time.perf_counter()
    outside = open_outside(session, path, asked=_up(faders))
    ranked = _ranked(session, outside.point(session), count=count, faders=faders, hub=hub, leave_out=None)
    return _answer(path, started, ranked, note=outside.note)


def similar_by(session: Session, track_id: int, modality: str, *, count: int) -> Answer:
    """Rank by the cosine of one modality's own encoder vectors, centred by the space's mean."""
    started = time.perf_counter()
    name = _name(session, track_id)
    m = parse_modality(modality)
    ids, unit = _own_vectors(session, m)
    row = int(np.searchsorted(ids, track_id))
    if row == len(ids) or ids[row] != track_id:
        raise IndexerError(f"{name} has no {modality}: choose another modality, or none")
    return _answer(name, started, _by_cosine(session, m, ids, unit, unit[row], count=count, leave_out=row))


def similar_to_file_by(session: Session, path: str, modality: str, *, count: int) -> Answer:
    """Rank as `similar_by` does by one modality of a file outside the library; raises as `similar_to_file`."""
    started = time.perf_counter()
    m = parse_modality(modality)
    outside = open_outside(session, path, asked=frozenset([m]))
    ids, unit = _own_vectors(session, m)
    asked = _unit((outside.vectors[m] - session.space.heads[m].mean)[None])[0]
    ranked = _by_cosine(session, m, ids, unit, asked, count=count, leave_out=None)
    return _answer(path, started, ranked, note=outside.note)


def parse_modality(name: str) -> Modality:
    """Turn the name of a modality into it; raises IndexerError for another word."""
    if name not in {m.value for m in Modality}:
        raise IndexerError(f'"{name}" is no modality (known: {", ".join(m.value for m in Modality)})')
    return Modality(name)


def _own_vectors(session: Session, m: Modality) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Return the ids of the tracks that have a modality, and its centred vectors as unit rows [n, d]."""
    head = session.space.heads.get(m)
    ids, vectors = load_vectors(session.connection, m, encoder_read_by(session.connection, m, head))
    return ids, _unit(vectors - head.mean) if head is not None and len(ids) else vectors


def _by_cosine(
    session: Session,
    m: Modality,
    ids: "NDArray[np.int64]",
    unit: "NDArray[np.float32]",
    asked: "NDArray[np.float32]",
    *,
    count: int,
    leave_out: int | None,
) -> "tuple[Hit, ...]":
    """Rank the rows of `unit` [n, d] by their cosine with `asked` [d], row `leave_out` left out."""
    if not len(ids):
        return ()
    cosines = unit.astype(np.float64) @ asked.astype(np.float64)
    best = [int(i) for i in np.argsort(-cosines, kind="stable")[: count + 1] if i != leave_out][:count]
    named = [{m.value: float(cosines[i])} for i in best]
    return hits(
        session.catalogue, [int(ids[i]) for i in best], named, modality_scale(session, m, ids, unit), count=count
    )


def _up(faders: "Mapping[str, float] | None") -> frozenset[Modality]:
    """Return the modalities whose faders are not at 0: nothing else of a file needs to be encoded."""
    parsed = parse_faders(faders) or {}
    return frozenset(m for m in MODALITIES if parsed.get(m, 1.0) > 0)


def _ranked(
    session: Session,
    point: Point,
    *,
    count: int,
    faders: "Mapping[str, float] | None",
    hub: bool,
    leave_out: int | None,
) -> "tuple[Hit, ...]":
    parsed = parse_faders(faders)
    proposed = session.propose(point, count=count + 1 + _SPARE, faders=parsed, hub=hub)
    ids = [i for i in proposed if i != leave_out]
    named = session.contributions(point, ids, faders=parsed, hub=hub)
    return hits(session.catalogue, ids, named, track_scale(session, parsed, hub=hub), count=count)


def _answer(query: str, started: float, ranked: "tuple[Hit, ...]", *, note: str = "") -> Answer:
    note = "; ".join(part for part in (note, verdict(ranked)) if part)
    return Answer(query, (time.perf_counter() - started) * 1000, ranked, note=note)


def _name(session: Session, track_id: int) -> str:
    rows = session.catalogue.rows([track_id])
    if not rows:
        raise IndexerError(f"no track has the id {track_id}")
    return f"{rows[0].artist} - {rows[0].title}" if rows[0].artist else rows[0].title


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit

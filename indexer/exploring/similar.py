"""Find the tracks most like a track or a file."""

import os
import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import cover_encoder, text_encoder
from indexer.errors import IndexerError, ReadError
from indexer.exploring.answer import Answer
from indexer.exploring.rank import hits, verdict
from indexer.exploring.scale import modality_scale, track_scale
from indexer.exploring.session import Point, Session, parse_faders
from indexer.stages.embed import picture, tag_text
from indexer.storing.vectors import load_vectors
from models.encoders.text import readable
from models.modality import Modality

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
    """Rank the tracks most like an audio file outside the library; nothing is stored.

    Raises
    ------
    IndexerError
        When the file cannot be read or decoded.

    """
    started = time.perf_counter()
    ranked = _ranked(session, file_point(session, path), count=count, faders=faders, hub=hub, leave_out=None)
    return _answer(path, started, ranked)


def similar_by(session: Session, track_id: int, modality: str, *, count: int) -> Answer:
    """Rank by the cosine of one modality's own encoder vectors, centred by the space's mean."""
    started = time.perf_counter()
    name = _name(session, track_id)
    if modality not in {m.value for m in Modality}:
        raise IndexerError(f'"{modality}" is no modality (known: {", ".join(m.value for m in Modality)})')
    m = Modality(modality)
    head = session.space.heads.get(m)
    ids, vectors = load_vectors(session.connection, m, head.encoder if head else "")
    row = np.searchsorted(ids, track_id)
    if head is None or row == len(ids) or ids[row] != track_id:
        raise IndexerError(f"{name} has no {modality}: choose another modality, or none")
    unit = _unit(vectors - head.mean)
    cosines = unit.astype(np.float64) @ unit[row].astype(np.float64)
    cosines[row] = -np.inf
    best = np.argsort(-cosines, kind="stable")[: min(count, len(ids) - 1)]
    named = [{modality: float(cosines[i])} for i in best]
    scale = modality_scale(session, m, ids, unit)
    return _answer(name, started, hits(session.catalogue, [int(ids[i]) for i in best], named, scale, count=count))


def file_point(session: Session, path: str) -> Point:
    """Encode an audio file as a query: sound, words, lyrics and cover; its graph and playlists are not known."""
    from indexer.reading.audio import analyse
    from indexer.reading.file import read_file

    try:
        reading = read_file(path, os.path.basename(path))
        sound = analyse(path)
    except ReadError as error:
        raise IndexerError(str(error)) from error
    encoder = text_encoder()
    tags = reading.tags
    x: dict[Modality, NDArray[np.float32]] = {Modality.AUDIO: np.asarray(sound.vector, np.float32)[None]}
    if text := tag_text(tags.title, "; ".join(tags.genres), tags.comment, " ".join(sound.words), tags.year):
        x[Modality.TAGS] = encoder.encode([text])
    if reading.lyrics is not None and readable(reading.lyrics.text):
        x[Modality.LYRICS] = encoder.encode([reading.lyrics.text])
    if reading.cover is not None:
        cover_model = session.catalogue.fact("cover_model")
        x[Modality.COVER] = cover_encoder(cover_model).encode([picture(reading.cover.thumbnail)])
    blocks, mask = session.space.blocks(x)
    return Point(blocks[0], mask[0])


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


def _answer(query: str, started: float, ranked: "tuple[Hit, ...]") -> Answer:
    return Answer(query, (time.perf_counter() - started) * 1000, ranked, note=verdict(ranked))


def _name(session: Session, track_id: int) -> str:
    rows = session.catalogue.rows([track_id])
    if not rows:
        raise IndexerError(f"no track has the id {track_id}")
    return f"{rows[0].artist} - {rows[0].title}" if rows[0].artist else rows[0].title


def _unit(vectors: "NDArray[np.float32]") -> "NDArray[np.float32]":
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return unit

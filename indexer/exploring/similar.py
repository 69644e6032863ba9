"""Find the tracks most like a track or a file."""

import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.exploring.answer import Answer
from indexer.exploring.feedback import BAN, judged
from indexer.exploring.limits import NONE, Limits, limited
from indexer.exploring.narrowing import meeting
from indexer.exploring.outside import open_outside
from indexer.exploring.rank import hits, is_far, leading, verdict
from indexer.exploring.scale import modality_scale, track_scale
from indexer.exploring.session import Point, Session, parse_faders
from indexer.storing.vectors import each_vectors, encoder_read_by, vectors_of
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from indexer.exploring.answer import Hit

_SPARE = 500
"""Proposals by one modality's own vectors beyond those asked for: codes confuse neighbours."""


def similar(
    session: Session,
    track_id: int,
    *,
    count: int,
    faders: "Mapping[str, float] | None" = None,
    hub: bool = True,
    limits: Limits = NONE,
    within: str = "",
) -> Answer:
    """Rank the `count` tracks most like a track by the joint score, itself left out, within the limits.

    within : fields that every one of them must meet, as in a query.
    """
    started = time.perf_counter()
    name, point = _name(session, track_id), session.point(track_id)
    among = meeting(session.connection, within)

    def best(number: int) -> "tuple[Hit, ...]":
        return _ranked(session, point, count=number, faders=faders, hub=hub, leave_out=track_id, among=among)

    return _answer(name, started, *limited(session, best, count=count, limits=limits))


def similar_to_file(
    session: Session,
    path: str,
    *,
    count: int,
    faders: "Mapping[str, float] | None" = None,
    hub: bool = True,
    limits: Limits = NONE,
) -> Answer:
    """Rank the tracks most like a file outside the library, by all that can be read of it; nothing is stored.

    Raises
    ------
    IndexerError
        When the file cannot be read, or nothing in it can be compared; see exploring/outside.py.

    """
    started = time.perf_counter()
    outside = open_outside(session, path, asked=_up(faders))
    point = outside.point(session)

    def best(number: int) -> "tuple[Hit, ...]":
        return _ranked(session, point, count=number, faders=faders, hub=hub, leave_out=None)

    return _answer(path, started, *limited(session, best, count=count, limits=limits), outside.note)


def similar_by(session: Session, track_id: int, modality: str, *, count: int, limits: Limits = NONE) -> Answer:
    """Rank by the cosine of one modality's own encoder vectors, centred by the space's mean."""
    started = time.perf_counter()
    name = _name(session, track_id)
    m = parse_modality(modality)
    head = session.space.heads.get(m)
    _, own = vectors_of(session.connection, m, encoder_read_by(session.connection, m, head), [track_id])
    if head is None or not len(own):
        raise IndexerError(f"{name} has no {modality}: choose another modality, or none")
    asked = own[0] - head.mean

    def best(number: int) -> "tuple[Hit, ...]":
        return _by_cosine(session, m, asked, count=number, leave_out=track_id)

    return _answer(name, started, *limited(session, best, count=count, limits=limits))


def similar_to_file_by(session: Session, path: str, modality: str, *, count: int, limits: Limits = NONE) -> Answer:
    """Rank as `similar_by` does by one modality of a file outside the library; raises as `similar_to_file`."""
    started = time.perf_counter()
    m = parse_modality(modality)
    outside = open_outside(session, path, asked=frozenset([m]))
    asked = outside.vectors[m] - session.space.heads[m].mean

    def best(number: int) -> "tuple[Hit, ...]":
        return _by_cosine(session, m, asked, count=number, leave_out=None)

    return _answer(path, started, *limited(session, best, count=count, limits=limits), outside.note)


def parse_modality(name: str) -> Modality:
    """Turn the name of a modality into it; raises IndexerError for another word."""
    if name not in {m.value for m in Modality}:
        raise IndexerError(f'"{name}" is no modality (known: {", ".join(m.value for m in Modality)})')
    return Modality(name)


def _by_cosine(
    session: Session, m: Modality, asked: "NDArray[np.float32]", *, count: int, leave_out: int | None
) -> "tuple[Hit, ...]":
    """Rank the tracks that have a modality by the cosine of its centred vectors with `asked` [d], one id left out."""
    head = session.space.heads[m]
    (unit,) = unit_rows(asked[None])
    best: list[tuple[float, int]] = []
    banned = judged(session.connection, BAN)
    out = np.array([*banned, -1 if leave_out is None else leave_out])
    for ids, rows in _proposed(session, m, unit, count=count + len(banned)):
        centred = unit_rows(rows - head.mean)
        first = np.array(leading(centred @ unit, count + len(out)), np.int64)
        first = first[~np.isin(ids[first], out)]
        # Row by row: a product of matrices rounds its last digit by the number of rows.
        cosines = (centred[first] * unit).sum(axis=1)
        best = sorted([*best, *zip((-cosines).tolist(), ids[first].tolist(), strict=True)])[:count]
    named = [{m.value: -score} for score, _ in best]
    return hits(session.catalogue, [i for _, i in best], named, modality_scale(session, m), count=count)


def _proposed(
    session: Session, m: Modality, unit: "NDArray[np.float64]", *, count: int
) -> "Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]":
    """Yield ids and vectors of tracks among which the `count` nearest to a centred vector [d] are, a part at a time.

    Of few tracks all vectors are read; of more, codes tell which (see storing/nearest.py).
    """
    encoder = encoder_read_by(session.connection, m, session.space.heads[m])
    nearest = session.nearest_own(m)
    if nearest is None:
        yield from each_vectors(session.connection, m, encoder)
    elif len(near := nearest.search(unit, count=count + 1 + _SPARE, hub=False)):
        yield vectors_of(session.connection, m, encoder, np.sort(near).tolist())


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
    among: "NDArray[np.int64] | None" = None,
) -> "tuple[Hit, ...]":
    parsed = parse_faders(faders)
    banned = judged(session.connection, BAN)
    proposed = session.propose(point, count=count + 1 + len(banned), faders=parsed, hub=hub, among=among)
    ids = [i for i in proposed if i != leave_out and i not in banned]
    blocks, masks, hubs = session.blocks(ids)
    terms = hubs if hub else None
    rows = leading(session.rough_scores(point, blocks, terms, faders=parsed), count)
    named = session.contributions_to(
        point, blocks[rows], masks[rows], None if terms is None else terms[rows], faders=parsed
    )
    found = [ids[row] for row in rows]
    return hits(session.catalogue, found, named, track_scale(session, parsed, hub=hub), count=count)


def _answer(query: str, started: float, ranked: "tuple[Hit, ...]", *notes: str) -> Answer:
    note = "; ".join(part for part in (*reversed(notes), verdict(ranked)) if part)
    return Answer(query, (time.perf_counter() - started) * 1000, ranked, note=note, nothing_close=is_far(ranked))


def _name(session: Session, track_id: int) -> str:
    rows = session.catalogue.rows([track_id])
    if not rows:
        raise IndexerError(f"no track has the id {track_id}")
    return f"{rows[0].artist} - {rows[0].title}" if rows[0].artist else rows[0].title

"""Say where a score stands among the library's own: the percentile of a hit.

The scale is made of the score of the nearest neighbour of each of some hundred tracks, asked in the same way (as a
track, as a text, by one modality) with the same faders. One of texts is half of those, and half of the best scores of
made-up words: a track's own tags are a long text, and no few words score as it does. The scales of untouched faders are
kept beside the library.
"""

import json
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from indexer.exploring.nonsense import best_of_nonsense, points_of, vectors_of_nonsense
from indexer.exploring.session import Point, Session
from indexer.storing.replacing import replacing
from indexer.storing.vectors import each_vectors, encoder_read_by, vectors_of
from models.joint.whitening import unit_rows
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

SAMPLE = 200
"""Tracks asked: a percentile is then good to some three points."""
SAMPLE_MOVED = 50
"""Tracks asked when faders have been moved, while somebody waits: good to some seven points."""
ENOUGH = 20
"""With fewer tracks a percentile would say nothing and is not given."""
NOTHING_CLOSE = 5.0
"""A best hit below this percentile is announced as "nothing close"."""
_EQUAL = 1e-6
"""Scores that differ by less are equal: those of a scale are computed in float32, and many tracks share a picture."""
_TRIED = 20
"""Proposals scored for each track asked: the nearest one is nearly always among so many."""
_FILE = "nearest.scales.json"


def percentile(scale: "NDArray[np.float64]", score: float) -> float | None:
    """Return 0-100, the share of the scale at or below `score`; None when the scale is too short to tell."""
    if len(scale) < ENOUGH:
        return None
    return float(100.0 * np.searchsorted(scale, score + _EQUAL, side="right") / len(scale))


def track_scale(session: Session, faders: "dict[Modality, float] | None", *, hub: bool) -> "NDArray[np.float64]":
    """Return the rising scores of nearest neighbours between tracks."""

    def made() -> "NDArray[np.float64]":
        ids = _sampled(session.nearest.ids, _size(faders))
        blocks, masks, _ = session.blocks(ids)
        points = [Point(row, mask) for row, mask in zip(blocks, masks, strict=True)]
        return _best_scores(session, ids, points, faders, hub=hub)

    return _kept(session, "track" if hub else "track without hub", faders, made)


def text_scale(session: Session, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    """Return the rising scores of nearest neighbours for texts: tracks' own TAGS, and as many made-up words."""

    def made() -> "NDArray[np.float64]":
        own, strange = _of_tags(session, faders), _of_nonsense(session, "latin", faders)
        if not len(own) or not len(strange):
            return own
        shares = np.linspace(0.0, 1.0, max(len(own), len(strange)))
        return np.sort(np.concatenate([np.quantile(own, shares), np.quantile(strange[:, 0], shares)]))

    return _kept(session, "words", faders, made)


def nonsense_scale(session: Session, script: str, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    """Return the rising largest deviations that made-up words of a script reach; see exploring/nonsense.py."""

    def made() -> "NDArray[np.float64]":
        strange = _of_nonsense(session, script, faders)
        return np.sort(strange[:, 1]) if len(strange) else np.zeros(0)

    return _kept(session, f"nonsense {script}", faders, made)


def nonsense_queries(session: Session, script: str, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    """Return the query vectors of made-up words [n, 768]; [0, 768] where the text encoder cannot be loaded."""
    key = ("queries of nonsense", script, tuple(sorted((faders or {}).items())))
    if key not in session.scales:
        vectors = vectors_of_nonsense(session, script)
        blocks, masks = points_of(session, np.zeros((0, 0), np.float32) if vectors is None else vectors)
        for old in [k for k in list(session.scales) if k[:2] == key[:2] and k[-1]]:
            session.scales.pop(old, None)  # of faders as they stood before: each is 300 kB
        session.scales[key] = session.space.queries(blocks[: _size(faders)], masks[: _size(faders)], faders=faders)
    return session.scales[key]


def _of_nonsense(session: Session, script: str, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    return best_of_nonsense(session, nonsense_queries(session, script, faders))


def _of_tags(session: Session, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    head = session.space.heads.get(Modality.TAGS)
    encoder = encoder_read_by(session.connection, Modality.TAGS, head)
    ids, vectors = vectors_of(
        session.connection, Modality.TAGS, encoder, _sampled(session.nearest.ids, 2 * _size(faders))
    )
    points = []
    for vector in vectors[: _size(faders)]:
        blocks, mask = session.space.text_blocks(vector)
        points.append(Point(blocks, mask, is_text=True))
    return _best_scores(session, ids[: len(points)].tolist(), points, faders, hub=False)


def modality_scale(session: Session, modality: Modality) -> "NDArray[np.float64]":
    """Return the rising cosines of nearest neighbours by one modality's own vectors."""

    def made() -> "NDArray[np.float64]":
        head = session.space.heads[modality]
        encoder = encoder_read_by(session.connection, modality, head)
        asked, vectors = vectors_of(session.connection, modality, encoder, _sampled(session.nearest.ids, SAMPLE))
        if not len(asked):
            return np.zeros(0)
        best = np.full(len(asked), -np.inf)
        queries = unit_rows(vectors - head.mean).astype(np.float32)
        for ids, rows in each_vectors(session.connection, modality, encoder):
            cosines = queries @ unit_rows(rows - head.mean).astype(np.float32).T
            cosines[asked[:, None] == ids[None]] = -np.inf
            best = np.maximum(best, cosines.max(axis=1))
        return np.sort(best[np.isfinite(best)])

    return _kept(session, f"{modality} alone", None, made)


def _size(faders: "dict[Modality, float] | None") -> int:
    return SAMPLE if _untouched(faders) else SAMPLE_MOVED


def _untouched(faders: "dict[Modality, float] | None") -> bool:
    return all(value == 1.0 for value in (faders or {}).values())


def _kept(
    session: Session, kind: str, faders: "dict[Modality, float] | None", made: "Callable[[], NDArray[np.float64]]"
) -> "NDArray[np.float64]":
    """Return the scale of a kind of query and faders: as remembered, as kept beside the library, or made now."""
    if not _untouched(faders):
        key = (kind, tuple(sorted((faders or {}).items())))
        if key not in session.scales:
            session.scales[key] = made()
        return session.scales[key]
    if (kind,) not in session.scales:
        stored = _stored(session)
        if kind not in stored:
            stored[kind] = made().tolist()
            _store(session, stored)
        session.scales[kind,] = np.array(stored[kind], np.float64)
    return session.scales[kind,]


def _stored(session: Session) -> dict[str, list[float]]:
    """Read the scales that were kept for these blocks; none when they are of others or cannot be read."""
    try:
        kept = json.loads((session.catalogue.library / _FILE).read_text())
        scales = kept["scales"] if kept["mark"] == session.mark else {}
        return {str(kind): [float(score) for score in scores] for kind, scores in scales.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _store(session: Session, scales: dict[str, list[float]]) -> None:
    """Keep the scales; a disk that is full or read-only costs only the next session some time."""
    with suppress(OSError), replacing(session.catalogue.library / _FILE) as file:
        file.write_text(json.dumps({"mark": session.mark, "scales": scales}))


def _sampled(ids: "NDArray[np.int64]", most: int) -> list[int]:
    """Pick up to `most` ids, evenly spread, the same ones every time."""
    rows = np.linspace(0, len(ids) - 1, min(len(ids), most)).round().astype(int)
    picked: list[int] = ids[rows].tolist()
    return picked


def _best_scores(
    session: Session,
    ids: "Sequence[int]",
    points: list[Point],
    faders: "dict[Modality, float] | None",
    *,
    hub: bool,
) -> "NDArray[np.float64]":
    """Return, rising, the score of the best other track for each point that has anything to compare by."""
    gains = session.space.gains(faders)
    usable = [(i, p) for i, p in zip(ids, points, strict=True) if (p.mask & (gains > 0)).any()]
    if len(usable) < ENOUGH:
        return np.zeros(0)
    queries = session.space.queries(
        np.stack([p.blocks for _, p in usable]), np.stack([p.mask for _, p in usable]), faders=faders
    )
    best = []
    found = session.nearest.search_many(queries, count=_TRIED, hub=hub)
    for (own, _), query, near in zip(usable, queries, found, strict=True):
        others = near[near != own]
        if len(others):
            blocks, _, hubs = session.blocks(others.tolist())
            best.append(float((blocks.astype(np.float64) @ query + (hubs if hub else 0.0)).max()))
    return np.sort(np.array(best, np.float64))

"""Say where a score stands among the library's own: the percentile of a hit.

The scale is made of the score of the nearest neighbour of each of some hundred tracks, asked in the same way (as a
track, as a text, by one modality) with the same faders.
"""

from typing import TYPE_CHECKING

import numpy as np

from indexer.exploring.session import Point, Session
from indexer.storing.vectors import encoder_read_by, load_vectors
from models.modality import Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE = 200
"""Tracks asked: a percentile is then good to some three points."""
ENOUGH = 20
"""With fewer tracks a percentile would say nothing and is not given."""
NOTHING_CLOSE = 5.0
"""A best hit below this percentile is announced as "nothing close"."""


def percentile(scale: "NDArray[np.float64]", score: float) -> float | None:
    """Return 0-100, the share of the scale at or below `score`; None when the scale is too short to tell."""
    if len(scale) < ENOUGH:
        return None
    return float(100.0 * np.searchsorted(scale, score, side="right") / len(scale))


def track_scale(session: Session, faders: "dict[Modality, float] | None", *, hub: bool) -> "NDArray[np.float64]":
    """Return the rising scores of nearest neighbours between tracks."""
    key = ("track", tuple(sorted((faders or {}).items())), hub)
    if key not in session.scales:
        ids = _sampled(session.nearest.ids)
        blocks, masks, _ = session.blocks(ids)
        points = [Point(row, mask) for row, mask in zip(blocks, masks, strict=True)]
        session.scales[key] = _best_scores(session, ids, points, faders, hub=hub)
    return session.scales[key]


def text_scale(session: Session, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
    """Return the rising scores of nearest neighbours when each track's own TAGS text is the query."""
    key = ("text", tuple(sorted((faders or {}).items())))
    if key not in session.scales:
        head = session.space.heads.get(Modality.TAGS)
        all_ids, vectors = load_vectors(
            session.connection, Modality.TAGS, encoder_read_by(session.connection, Modality.TAGS, head)
        )
        ids = _sampled(all_ids)
        rows = np.searchsorted(all_ids, ids)
        points = []
        for row in rows:
            blocks, mask = session.space.text_blocks(vectors[row])
            points.append(Point(blocks, mask, is_text=True))
        session.scales[key] = _best_scores(session, ids, points, faders, hub=False)
    return session.scales[key]


def modality_scale(
    session: Session, modality: Modality, ids: "NDArray[np.int64]", unit: "NDArray[np.float32]"
) -> "NDArray[np.float64]":
    """Return the rising cosines of nearest neighbours by one modality's own vectors, unit rows [n, d]."""
    key = ("modality", modality)
    if key not in session.scales:
        rows = np.searchsorted(ids, _sampled(ids))
        cosines = unit[rows] @ unit.T
        cosines[np.arange(len(rows)), rows] = -np.inf
        session.scales[key] = np.sort(cosines.max(axis=1).astype(np.float64)) if len(ids) > 1 else np.zeros(0)
    return session.scales[key]


def _sampled(ids: "NDArray[np.int64]") -> list[int]:
    """Pick up to SAMPLE ids, evenly spread, the same ones every time."""
    if len(ids) <= SAMPLE:
        return [int(i) for i in ids]
    return [int(ids[i]) for i in np.linspace(0, len(ids) - 1, SAMPLE).round().astype(int)]


def _best_scores(
    session: Session, ids: list[int], points: list[Point], faders: "dict[Modality, float] | None", *, hub: bool
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
    for (own, point), found in zip(usable, session.nearest.search_many(queries, count=2, hub=hub), strict=True):
        other = [int(i) for i in found if int(i) != own][:1]
        if other:
            best.append(sum(session.contributions(point, other, faders=faders, hub=hub)[0].values()))
    return np.sort(np.array(best, np.float64))

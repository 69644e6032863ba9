"""Measure a space on the user's own library, without leaks: folds by artist, the graph left out.

The library has no labels but its tags, so what can be asked is whether tracks of one artist find each other by sound,
words and covers, and whether one modality finds the same track in another.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from models.joint.additive import Space

FOLDS = 5
_CUT = 10
_WORTH = 0.005
"""A gain of less than this is noise and not worth moving everybody's neighbours for."""
_WORST_LOSS = 0.02
_CONTENT = (Modality.AUDIO, Modality.LYRICS, Modality.TAGS, Modality.COVER)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the report says of a space; each figure in [0, 1], NaN where the library has nothing to ask."""

    same_artist_ndcg10: float
    cross_modal_recall10: float

    def figures(self) -> dict[str, float | None]:
        """Return the figures for JSON, None where there was nothing to ask."""
        return {name: None if np.isnan(getattr(self, name)) else getattr(self, name) for name in self.__slots__}

    def better_than(self, other: "Measured") -> bool:
        """Tell whether the mean figure is higher, and same-artist retrieval not noticeably lower."""
        mine = np.nan_to_num([self.same_artist_ndcg10, self.cross_modal_recall10])
        theirs = np.nan_to_num([other.same_artist_ndcg10, other.cross_modal_recall10])
        return bool(mine.mean() > theirs.mean() + _WORTH and mine[0] >= theirs[0] - _WORST_LOSS)


def measure(
    connection: "sqlite3.Connection",
    ids: "NDArray[np.int64]",
    x: "Mapping[Modality, NDArray[np.float32]]",
    present: "NDArray[np.bool_]",
    fit: "Callable[[NDArray[np.bool_]], Space]",
) -> Measured:
    """Measure on each fold a space that `fit` made from the rows of the other folds.

    ids, x, present : as in stages/space.py: n tracks, vectors [n, d] by modality, mask [n, 6].
    """
    artists = _artists(connection, ids)
    folds = _folds(artists)
    ndcg: list[float] = []
    recall: list[float] = []
    for fold in range(FOLDS):
        here = folds == fold
        if here.sum() < 3 or (~here).sum() < 3:
            continue
        space = fit(~here)
        blocks, mask = space.blocks({m: v[here] for m, v in x.items()}, present[here])
        ndcg += _same_artist(space, blocks, mask, artists[here])
        recall += _cross_modal(space, blocks, mask)
    return Measured(_mean(ndcg), _mean(recall))


def _artists(connection: "sqlite3.Connection", ids: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return one number per track for its first artist; -1 for a guessed or missing one."""
    query = (
        "SELECT c.track_id, c.folded FROM credits c WHERE c.role = 'artist' AND c.evidence != 'path' "
        "ORDER BY c.track_id, c.position DESC"
    )
    first = {track_id: folded for track_id, folded in connection.execute(query)}
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(first[int(i)], len(numbers)) if int(i) in first else -1 for i in ids], np.int64)


def _folds(artists: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Deal artists into folds, largest first into the emptiest, so that none is in two; unknown ones go round."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, artist in enumerate(artists):
        members[int(artist) if artist >= 0 else -row - 2].append(row)
    folds = np.zeros(len(artists), np.int64)
    sizes = [0] * FOLDS
    for rows in sorted(members.values(), key=lambda rows: (-len(rows), rows[0])):
        fold = sizes.index(min(sizes))
        folds[rows] = fold
        sizes[fold] += len(rows)
    return folds


def _same_artist(
    space: "Space", blocks: "NDArray[np.float16]", mask: "NDArray[np.bool_]", artists: "NDArray[np.int64]"
) -> list[float]:
    """Return nDCG@10 of same-artist retrieval within the fold, for each track that has a fellow; content alone."""
    faders = {m: 0.0 for m in MODALITIES if m not in _CONTENT}
    scores = space.queries(blocks, mask, faders=faders) @ blocks.astype(np.float64).T
    np.fill_diagonal(scores, -np.inf)
    discounts = 1 / np.log2(np.arange(2, _CUT + 2))
    figures = []
    for row, artist in enumerate(artists):
        relevant = int((artists == artist).sum()) - 1
        if artist < 0 or relevant < 1 or not mask[row].any():
            continue
        top = np.argsort(-scores[row], kind="stable")[: min(_CUT, len(artists) - 1)]
        gain = (artists[top] == artist) @ discounts[: len(top)]
        figures.append(float(gain / discounts[: min(relevant, _CUT)].sum()))
    return figures


def _cross_modal(space: "Space", blocks: "NDArray[np.float16]", mask: "NDArray[np.bool_]") -> list[float]:
    """Return recall@10 of finding a track by one modality's shared block among another's."""
    figures = []
    rows = blocks.astype(np.float64).reshape(len(blocks), len(MODALITIES), 2, -1)[:, :, 0]
    for a in _CONTENT:
        for b in _CONTENT:
            i, j = MODALITIES.index(a), MODALITIES.index(b)
            both = np.flatnonzero(mask[:, i] & mask[:, j])
            if a == b or len(both) <= _CUT:
                continue
            scores = rows[both, i] @ rows[both, j].T
            own = np.diag(scores)[:, None]
            above, tied = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
            # Ties are broken at random, in expectation: without shared blocks that is chance, which is high in a small
            # fold; counted as nothing found, any refit would look like a gain.
            figures += np.clip((_CUT - above) / tied, 0, 1).tolist()
    return figures


def _mean(figures: list[float]) -> float:
    return float(np.mean(figures)) if figures else float("nan")

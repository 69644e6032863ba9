"""Turn private blocks towards the genres: ridge directions that predict them, mixed with the principal ones."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.joint.eigen import eigen
from models.joint.views import View
from models.joint.whitening import BLOCK
from models.modality import Modality

TRACKS_A_GENRE = 8
"""A genre with fewer tracks teaches nothing."""
TRACKS_FOR_ALL = 600
"""With fewer tracks that have a genre the directions count for proportionally less: 60 tracks would only be learned by
heart (genre kNN -.015)."""
SHARE = {Modality.AUDIO: 0.45, Modality.LYRICS: 0.3, Modality.COVER: 0.15}
"""Share of the block's energy in the directions; sound knows the genre best. On the Fairouz data (folds by artist) they
give .02 of genre nDCG@10 and .03 of genre kNN, and cost .001 to .002 of same-artist nDCG@10."""
SHARE_ELSE = 0.3
EXPONENT = {Modality.COVER: 0.75}
"""How far the spread of the principal directions is evened out."""
EXPONENT_ELSE = 0.5
_EXPONENT_BEFORE = 0.25
_RIDGE = 10.0


def genre_indicators(genres: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Return which track has which genre, 1 or 0, float64 [n, g], for the genres of at least eight tracks, by name."""
    counts = Counter(genre for listed in genres for genre in set(listed))
    names = sorted(genre for genre, count in counts.items() if count >= TRACKS_A_GENRE)
    return np.array([[name in listed for name in names] for listed in genres], np.float64).reshape(len(genres), -1)


def private_map(m: Modality, view: View) -> NDArray[np.float64]:
    """Return the map [r, 64] of a view's scores to its private block by shrunken PCA alone."""
    return principal_map(view, EXPONENT.get(m, EXPONENT_ELSE))


def private_map_with_genres(
    m: Modality, view: View, indicators: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the map [r, 64] of a view's scores to its private block: shrunken PCA mixed with directions of the genres.

    `indicators` [n, g] say which track has which genre, `weights` [n] how much a track counts. Without two genres, or
    with hardly a track that has one, it is PCA alone.
    """
    start = private_map(m, view)
    labelled = np.flatnonzero(indicators[view.rows].any(axis=1))
    if indicators.shape[1] < 2 or len(labelled) < TRACKS_A_GENRE * 2:
        return start
    share = SHARE.get(m, SHARE_ELSE) * min(1.0, len(labelled) / TRACKS_FOR_ALL)
    directions = _predicting(view, labelled, indicators[view.rows[labelled]], weights[view.rows[labelled]])
    mixed = np.hstack([np.sqrt(1 - share) * start, np.sqrt(share) * directions])
    block = view.scores @ mixed
    _, axes = eigen(block.T @ block)
    return mixed @ axes[:, ::-1][:, :BLOCK]


def principal_map(view: View, exponent: float) -> NDArray[np.float64]:
    """Return shrunken PCA as a map [r, 64] of a view's scores, of unit mean energy; zeros beyond the rank."""
    projection = np.zeros((len(view.variances), BLOCK))
    size = min(BLOCK, len(view.variances))
    projection[np.arange(size), np.arange(size)] = view.shrunken[:size] ** (-exponent / 2)
    return _scaled(projection, view)


def _predicting(
    view: View, rows: NDArray[np.int64], indicators: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the map [r, g] of ridge regression onto standardised genres, of unit mean energy."""
    before = principal_map(view, _EXPONENT_BEFORE)
    inputs, weights = view.scores[rows] @ before, weights / weights.mean()
    targets = indicators - np.average(indicators, axis=0, weights=weights)
    targets = targets / np.sqrt(np.maximum(np.average(targets**2, axis=0, weights=weights), 1e-9))
    gram = inputs.T @ (weights[:, None] * inputs) + _RIDGE * np.eye(inputs.shape[1])
    return _scaled(before @ np.linalg.solve(gram, inputs.T @ (weights[:, None] * targets)), view)


def _scaled(projection: NDArray[np.float64], view: View) -> NDArray[np.float64]:
    """Scale a map so that what it gives has a mean squared length of one."""
    energy = float(np.mean(((view.scores @ projection) ** 2).sum(axis=1)))
    return projection / np.sqrt(energy) if energy > 0 else projection

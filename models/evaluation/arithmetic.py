"""Measure whether a joint space can be calculated with: swap a track's genre and see what stands near the result."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.evaluation.retrieval import CUT, Fold, inner

TRACKS_A_GENRE = 20
"""A genre's centre is the mean of at least so many tracks."""


def genre_swap(dataset: Dataset, vectors: NDArray[np.floating], fold: Fold) -> dict[str, float]:
    """Return the share of the first ten places that have the new genre after track - old centre + new centre.

    Every track of the gallery with a main genre is moved to every other genre that has a centre (the mean joint vector
    of the other folds' tracks with that main genre, at least twenty) and some track in the gallery. "before" is the
    same share for the track as it is. `vectors` is [n, d] of the whole dataset.
    """
    centres = _centres(dataset, vectors, fold)
    has = {genre: np.array([genre in dataset.genres[row] for row in fold.gallery]) for genre in centres}
    asked = [
        (i, old, new)
        for i, row in enumerate(fold.gallery)
        for old in dataset.genres[row][:1]
        for new in centres
        if old in centres and new != old and has[new].any()
    ]
    if not asked:
        return {"genre swap P@10": float("nan"), "genre swap P@10 before": float("nan")}
    rows = np.array([i for i, _, _ in asked])
    shift = np.array([centres[new] - centres[old] for _, old, new in asked])
    wanted = np.array([has[new] for _, _, new in asked])
    tracks = np.asarray(vectors, np.float64)[fold.gallery]
    return {
        "genre swap P@10": _precision(inner(tracks[rows] + shift, tracks), rows, wanted),
        "genre swap P@10 before": _precision(inner(tracks[rows], tracks), rows, wanted),
    }


def _centres(dataset: Dataset, vectors: NDArray[np.floating], fold: Fold) -> dict[str, NDArray[np.float64]]:
    members: dict[str, list[int]] = defaultdict(list)
    for row in fold.reference.tolist():
        for genre in dataset.genres[row][:1]:
            members[genre].append(row)
    return {
        genre: np.asarray(vectors[rows], np.float64).mean(axis=0)
        for genre, rows in sorted(members.items())
        if len(rows) >= TRACKS_A_GENRE
    }


def _precision(scores: NDArray[np.float64], itself: NDArray[np.int64], wanted: NDArray[np.bool_]) -> float:
    scores[np.arange(len(scores)), itself] = -np.inf
    top = np.argsort(-scores, axis=1, kind="stable")[:, :CUT]
    return float(np.take_along_axis(wanted, top, axis=1).mean())

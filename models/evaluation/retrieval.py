"""Measure a model by what a track's neighbours are: of the artist, of another album of it, of the genre."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNKNOWN, Dataset
from models.evaluation.metrics import (
    average_precision_at_k,
    hit_rate_at_k,
    ndcg_at_k,
    reciprocal_rank_at_k,
)

TRACKS_AN_ARTIST = 15
"""Of an artist with more tracks only the first so many stand in the gallery: one artist must not be the answer."""
CUT = 10
NEIGHBOURS = 10

Scorer = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
"""Return the likeness of some rows (queries) to others (tracks), float64 [queries, tracks], greater meaning nearer."""

_METRICS = {
    "nDCG@10": ndcg_at_k,
    "HR@10": hit_rate_at_k,
    "MAP@10": average_precision_at_k,
    "MRR@10": reciprocal_rank_at_k,
}


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One fold of a dataset as a retrieval task."""

    gallery: NDArray[np.int64]
    """Rows of the fold, rising, at most 15 an artist: each in turn is the query, and looked for among the others."""
    reference: NDArray[np.int64]
    """Rows of the other folds."""


def fold_of(dataset: Dataset, folds: NDArray[np.int64], fold: int) -> Fold:
    """Set the task of one fold up."""
    seen: Counter[int] = Counter()
    gallery = []
    for row in np.flatnonzero(folds == fold).tolist():
        artist = int(dataset.artists[row])
        seen[artist] += 1
        if artist == UNKNOWN or seen[artist] <= TRACKS_AN_ARTIST:
            gallery.append(row)
    return Fold(np.array(gallery, np.int64), np.flatnonzero(folds != fold))


def retrieval(dataset: Dataset, scorer: Scorer, fold: Fold) -> dict[str, float]:
    """Return the mean figures of one fold."""
    return ranking(dataset, scorer(fold.gallery, fold.gallery), fold) | {"genre kNN": genre_knn(dataset, scorer, fold)}


def by_inner_product(vectors: NDArray[np.floating], others: NDArray[np.floating] | None = None) -> Scorer:
    """Compare joint vectors [n, d] of the whole dataset; `others` are those of the tracks where they differ."""
    tracks = vectors if others is None else others
    return lambda rows, columns: inner(vectors[rows], tracks[columns])


def ranking(dataset: Dataset, scores: NDArray[np.float64], fold: Fold) -> dict[str, float]:
    """Return the mean figures of one fold for scores [gallery, gallery] (query, track), greater meaning nearer."""
    query, gallery = fold.gallery[:, None], fold.gallery[None]
    itself = (query == gallery) | (dataset.titles[query] == dataset.titles[gallery])
    known = dataset.artists[query] != UNKNOWN
    artist = known & (dataset.artists[query] == dataset.artists[gallery])
    album = (dataset.albums[query] != UNKNOWN) & (dataset.albums[query] == dataset.albums[gallery])
    genre = shared_genre(dataset, fold.gallery, fold.gallery)
    figures: dict[str, float] = {}
    for name, relevant, hidden in (
        ("artist", artist, itself),
        ("other album", artist, itself | album),
        ("genre", genre, itself),
    ):
        ranked = ranked_relevance(scores, relevant, hidden)
        asked = ranked[ranked.any(axis=1)]
        for metric, measure in _METRICS.items():
            figures[f"{name} {metric}"] = float(measure(asked, k=CUT).mean()) if len(asked) else float("nan")
    return figures


def inner(queries: NDArray[np.floating], gallery: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return inner products in float64, [q, g]."""
    return np.asarray(queries, np.float64) @ np.asarray(gallery, np.float64).T


def ranked_relevance(
    scores: NDArray[np.float64], relevant: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Order relevance [q, g] by falling score; hidden items go last, relevant to nobody. Ties keep their order."""
    order = np.argsort(np.where(hidden, np.inf, -scores), axis=1, kind="stable")
    return np.take_along_axis(relevant & ~hidden, order, axis=1)


def shared_genre(dataset: Dataset, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which pairs of tracks have a genre in common, bool [rows, others]."""
    names = sorted({genre for genres in dataset.genres for genre in genres})
    number = {name: i for i, name in enumerate(names)}
    has = np.zeros((len(dataset), len(names)), np.int64)
    for row, genres in enumerate(dataset.genres):
        has[row, [number[genre] for genre in genres]] = 1
    shared: NDArray[np.bool_] = has[rows] @ has[others].T > 0
    return shared


def genre_knn(dataset: Dataset, scorer: Scorer, fold: Fold) -> float:
    """Return how often the main genre is that of most of the ten nearest tracks of the other folds.

    Tracks without a genre are left out on both sides; of equally frequent genres the one that comes first wins.
    """
    queries = np.array([row for row in fold.gallery if dataset.genres[row]], np.int64)
    reference = np.array([row for row in fold.reference if dataset.genres[row]], np.int64)
    if not len(queries) or not len(reference):
        return float("nan")
    scores = scorer(queries, reference)
    nearest = reference[np.argsort(-scores, axis=1, kind="stable")[:, :NEIGHBOURS]]
    hits = [
        Counter(dataset.genres[row][0] for row in near).most_common(1)[0][0] == dataset.genres[query][0]
        for query, near in zip(queries, nearest, strict=True)
    ]
    return float(np.mean(hits))

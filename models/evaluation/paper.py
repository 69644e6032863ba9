"""Measure joint vectors as the Fairouz paper does, its traps included, so that its printed figures can be compared.

A track's positives are those that the data lists (made from nearest neighbours in single modalities), the query stays
in its own list and counts as wrong (which caps P@10 at .90), and the model was trained on the very pairs it is asked
about. "Unseen" is the same question asked honestly: five folds by artist, the query's fold and its pairs kept from
training, the gallery still all tracks.
"""

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.evaluation.metrics import (
    average_precision_at_k,
    hit_rate_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

CUTS = (10, 15, 20, 25)


def paper(dataset: Dataset, ranked_rows: NDArray[np.int64], queries: NDArray[np.int64]) -> dict[str, float]:
    """Return the mean figures of some rows as queries, given for each all rows in order of nearness, [queries, n].

    Raises ModelError where the data lists no positives.
    """
    if not dataset.positives:
        raise ModelError("this data lists no positives: measure it with --protocol artist-folds")
    relevant = np.zeros((len(queries), len(dataset)), np.bool_)
    for i, row in enumerate(queries):
        relevant[i, dataset.positives[row]] = True
    ranked = np.take_along_axis(relevant, ranked_rows, axis=1)
    figures = {f"P@{k}": float(precision_at_k(ranked, k=k).mean()) for k in CUTS}
    return figures | {
        "R@25": float(recall_at_k(ranked, k=25).mean()),
        "HR@10": float(hit_rate_at_k(ranked, k=10).mean()),
        "MAP@10": float(average_precision_at_k(ranked, k=10).mean()),
        "MRR@10": float(reciprocal_rank_at_k(ranked, k=10).mean()),
        "nDCG@10": float(ndcg_at_k(ranked, k=10).mean()),
    }


def nearest(vectors: NDArray[np.floating], queries: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank all rows of [n, d] for some of them by Euclidean distance, nearest first; ties keep their order."""
    rows = np.asarray(vectors, np.float64)
    squared = (rows**2).sum(axis=1)
    distances = squared[queries, None] - 2 * rows[queries] @ rows.T + squared[None]
    return np.argsort(distances, axis=1, kind="stable")

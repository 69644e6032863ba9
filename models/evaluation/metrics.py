"""Score ranked lists, one figure a query.

`relevant` is bool [q, n]: for each query the whole ranked list, best first. A query's relevant items all stand in it.
A query without any gives 0, so leave such queries out where they should not count. Lists shorter than k are lists
whose further places are wrong. No queries give no figures.
"""

import numpy as np
from numpy.typing import NDArray

Relevant = NDArray[np.bool_]
Figures = NDArray[np.float64]


def precision_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return the share of the first k places that are relevant, [q]."""
    hits: Figures = relevant[:, :k].sum(axis=1).astype(np.float64)
    return hits / k


def recall_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return the share of all relevant items that stand in the first k places, [q]."""
    hits: Figures = relevant[:, :k].sum(axis=1).astype(np.float64)
    total: NDArray[np.int64] = relevant.sum(axis=1)
    figures: Figures = np.divide(hits, total, out=np.zeros(len(hits)), where=total > 0)
    return figures


def hit_rate_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return 1 where the first k places hold something relevant, [q]."""
    return np.asarray(relevant[:, :k].any(axis=1), np.float64)


def average_precision_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return the mean of the precisions at the relevant places among the first k, [q].

    The sum is divided by the number of places that could be relevant, min(k, relevant items), so that a perfect list
    scores 1.
    """
    top = relevant[:, :k]
    precisions = top.cumsum(axis=1) / np.arange(1, top.shape[1] + 1)
    figures: Figures = (precisions * top).sum(axis=1) / np.clip(relevant.sum(axis=1), 1, k)
    return figures


def reciprocal_rank_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return 1 / the place of the first relevant item, 0 where it is past k, [q]."""
    top = relevant[:, :k]
    first = top.argmax(axis=1) + 1
    return np.where(top.any(axis=1), 1.0 / first, 0.0)


def ndcg_at_k(relevant: Relevant, *, k: int) -> Figures:
    """Return the normalised discounted cumulative gain of the first k places, [q]; gains are 0 or 1.

    Jarvelin and Kekalainen, "Cumulated gain-based evaluation of IR techniques", 2002.
    """
    top = relevant[:, :k]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.clip(relevant.sum(axis=1), 0, k)]
    gained = top @ discounts[: top.shape[1]]
    figures: Figures = np.divide(gained, ideal, out=np.zeros(len(relevant)), where=ideal > 0)
    return figures

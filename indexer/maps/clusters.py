"""Find groups of tracks in a space."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST, MOST = 2, 40
_SMALLEST = 8
"""Tracks a cluster has on average, at least."""


def how_many(tracks: int) -> int:
    """Return how many clusters are sought: the root of half the tracks, 2 to 40, with 8 tracks each or more."""
    return int(np.clip(round((tracks / 2) ** 0.5), FEWEST, min(MOST, max(FEWEST, tracks // _SMALLEST))))


def find_clusters(rows: "NDArray[np.float32]") -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Group rows [n, k] by k-means: (labels int64 [n], centres float32 [c, k]), largest cluster first.

    Fewer than 16 rows are one cluster.
    """
    if len(rows) < FEWEST * _SMALLEST:
        return np.zeros(len(rows), np.int64), rows.mean(axis=0, keepdims=True)
    import faiss

    means = faiss.Kmeans(rows.shape[1], how_many(len(rows)), niter=25, nredo=3, seed=1, min_points_per_centroid=1)
    means.train(np.ascontiguousarray(rows))
    centres = np.asarray(means.centroids, np.float32)
    labels = nearest_centre(rows, centres)
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return np.argsort(order)[labels], centres[order]


def nearest_centre(rows: "NDArray[np.float32]", centres: "NDArray[np.float32]") -> "NDArray[np.int64]":
    """Return the number of the nearest centre of each row: int64 [n]."""
    return np.asarray(np.argmin((centres**2).sum(axis=1) - 2 * rows @ centres.T, axis=1), np.int64)

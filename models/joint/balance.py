"""Keep artists with many tracks from deciding alone what tracks are like."""

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNKNOWN


def balanced(artists: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return how much each track counts, float64 [n], mean 1: 1 / root of its artist's tracks; one if unknown."""
    _, place, counts = np.unique(artists, return_inverse=True, return_counts=True)
    tracks = np.where(artists == UNKNOWN, 1, counts[place])
    weights = tracks**-0.5
    return np.asarray(weights / weights.mean() if len(weights) else weights)


def within_scatter(x: NDArray[np.floating], artists: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the scatter of rows [k, r] about the mean of their artist, [r, r]; unknown artists are left out."""
    rows = np.asarray(x[artists != UNKNOWN], np.float64)
    _, place, counts = np.unique(artists[artists != UNKNOWN], return_inverse=True, return_counts=True)
    sums = np.zeros((len(counts), rows.shape[1]))
    np.add.at(sums, place, rows)
    residual = rows - (sums / counts[:, None])[place]
    return residual.T @ residual

"""Bring the numbers of an encoder to mean 0 and spread 1, as networks like them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.gcca import ROWS_AT_MOST, sampled

LEAST_SPREAD = 1e-6
"""A column with less than this share of the widest column's spread is a constant: it is centred but not stretched."""


@dataclass(frozen=True, slots=True, eq=False)
class Standardisation:
    """What is taken off each number and what it is divided by."""

    mean: NDArray[np.float32]
    """[d]."""
    scale: NDArray[np.float32]
    """[d], above 0."""

    def apply(self, x: NDArray[np.floating]) -> NDArray[np.float32]:
        """Standardise vectors [n, d], float32; numbers beyond float32 come out infinite."""
        with np.errstate(over="ignore"):
            rows: NDArray[np.float32] = ((np.asarray(x, np.float64) - self.mean) / self.scale).astype(np.float32)
        return rows


def fit_standardisation(x: NDArray[np.floating]) -> Standardisation:
    """Fit to training vectors [n, d], n >= 1; of more than 50,000 a seeded sample is used.

    Raises ModelError for no rows or for numbers that are not finite.
    """
    rows = np.asarray(x[sampled(len(x), rows_at_most=ROWS_AT_MOST, seed=0)], np.float64)
    if rows.ndim != 2 or rows.size == 0 or not np.isfinite(rows).all():
        raise ModelError(f"vectors of shape {rows.shape} that are none or not finite: embed that modality again")
    spread = rows.std(axis=0)
    stretched = spread > LEAST_SPREAD * spread.max()
    return Standardisation(rows.mean(axis=0).astype(np.float32), np.where(stretched, spread, 1).astype(np.float32))

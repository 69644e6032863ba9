"""Centre vectors and turn them into a few directions of balanced strength."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.encoders.hashing import seeded_gaussian
from models.errors import ModelError
from models.joint.eigen import eigen

BLOCK = 64
"""Numbers in one block of the joint space."""

PARTIAL = 0.5
"""How much of the difference in spread between the directions is taken out: 0 none (PCA), 1 all (full whitening). Half
was best on the Fairouz data: full whitening lifts noise, none leaves a few directions to decide alone."""

RANK_TOLERANCE = 1e-7
"""A direction with less than this share of the greatest variance is rounding of float32 input, not signal."""


@dataclass(frozen=True, slots=True)
class Whitening:
    """A centring and a projection: `(x - mean) @ projection`."""

    mean: NDArray[np.float32]
    """[d]."""
    projection: NDArray[np.float32]
    """[d, size]; columns beyond the rank of the training data are zero."""

    def apply(self, x: NDArray[np.floating]) -> NDArray[np.float32]:
        """Project vectors [n, d] to float32 [n, size]; no rows give no rows."""
        centred: NDArray[np.float32] = np.asarray(x, dtype=np.float32) - self.mean
        return centred @ self.projection


def unit_rows(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Scale every row of [n, d] to length one, in float64; a zero row stays zero."""
    rows = np.asarray(x, dtype=np.float64)
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    unit: NDArray[np.float64] = np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)
    return unit


def fit_whitening(x: NDArray[np.floating], *, size: int = BLOCK, exponent: float = PARTIAL) -> Whitening:
    """Fit centring and shrunken PCA to vectors [n, d], n >= 1.

    A column of the projection is an eigenvector of the Ledoit-Wolf covariance times eigenvalue^(-exponent / 2),
    strongest first, its largest entry positive, so that a refit on the same data does not flip. Where n - 1 or d
    (or the rank) is below `size` the rest is zero; one row, or rows all alike, have no direction at all and project
    to zero. Raises ModelError for no rows or for numbers that are not finite.

    Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", 2004.
    """
    rows = checked(x)
    mean = rows.mean(axis=0)
    variances, directions = principal(rows - mean)
    shrinkage = ledoit_wolf(rows - mean, variances)
    shrunken = (1 - shrinkage) * variances + shrinkage * variances.sum() / rows.shape[1]
    kept = directions[:, :size] * shrunken[:size] ** (-exponent / 2)
    projection = np.zeros((rows.shape[1], size), dtype=np.float32)
    projection[:, : kept.shape[1]] = kept
    return Whitening(mean=mean.astype(np.float32), projection=projection)


def checked(x: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return training vectors as float64 [n, d]; raise ModelError where nothing can be fitted to them."""
    rows = np.asarray(x, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] == 0 or rows.shape[1] == 0:
        raise ModelError(f"no vectors to fit a projection to (shape {rows.shape}): index some music first")
    if not np.isfinite(rows).all():
        raise ModelError("an encoder gave numbers that are not finite: embed that modality again")
    return rows


def principal(centred: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the variances [r], falling, and the directions [d, r] of centred rows [n, d]; r is their rank.

    Works on the smaller of the two Gram matrices: 50,000 rows of 1,024 numbers take about five seconds on two cores.
    """
    count, width = centred.shape
    if count >= width:
        variances, directions = eigen(centred.T @ centred / count)
    else:
        variances, left = eigen(centred @ centred.T / count)
        directions = centred.T @ left
    least = RANK_TOLERANCE * max(float(variances[-1]), float(np.finfo(np.float32).tiny))
    kept = np.flatnonzero(variances > least)[::-1]
    directions = directions[:, kept] / np.linalg.norm(directions[:, kept], axis=0)
    return variances[kept], oriented(directions)


def oriented(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn every column so that its largest entry is positive."""
    if directions.size == 0:
        return directions
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=0)[None], axis=0)
    turned: NDArray[np.float64] = directions * np.where(largest < 0, -1.0, 1.0)
    return turned


def ledoit_wolf(centred: NDArray[np.float64], variances: NDArray[np.float64]) -> float:
    """Estimate how much the covariance of centred rows [n, d] is shrunk to a multiple of the identity, in [0, 1].

    `variances` are its eigenvalues. Few rows of many numbers give much shrinkage.
    """
    count, width = centred.shape
    squared = float((variances**2).sum())
    spread = squared / width - (float(variances.sum()) / width) ** 2
    if spread <= 0:
        return 0.0
    fourth = float((np.einsum("ij,ij->i", centred, centred) ** 2).sum())
    noise = (fourth / count - squared) / (count * width)
    return float(min(max(noise, 0.0), spread) / spread)


def completed(whitening: Whitening, *, key: str) -> Whitening:
    """Fill the zero columns of a projection with directions that the training data did not have.

    A corpus of nine covers knows eight directions; another library's covers differ in more. The rest is drawn from a
    hash of `key`, made orthogonal to what is there and as long as the weakest known direction, so that nothing unseen
    is lost and nothing seen is drowned. Columns beyond d stay zero.
    """
    projection = whitening.projection.astype(np.float64)
    known = np.linalg.norm(projection, axis=0) > 0
    width, size = projection.shape
    missing = min(size, width) - int(known.sum())
    if missing <= 0:
        return whitening
    length = np.linalg.norm(projection[:, known], axis=0).min() if known.any() else 1.0
    drawn = np.stack([seeded_gaussian(f"{key}:{i}", dimension=width) for i in range(missing)], axis=1)
    basis, _ = np.linalg.qr(np.hstack([projection[:, known], drawn]))
    fresh = oriented(basis[:, int(known.sum()) :]) * length
    projection[:, np.flatnonzero(~known)[:missing]] = fresh
    return Whitening(whitening.mean, projection.astype(np.float32))

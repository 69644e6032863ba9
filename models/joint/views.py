"""See a modality by its principal directions: what closed forms and training start from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.joint.whitening import checked, ledoit_wolf, principal

RANK = 96
"""Principal directions that closed forms look at; on the Fairouz data 128 gave the same and 64 less."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The k of n tracks that have a modality, in the coordinates of its r strongest principal directions."""

    rows: NDArray[np.int64]
    """[k], which of the n tracks."""
    mean: NDArray[np.float64]
    """[d]."""
    basis: NDArray[np.float64]
    """[d, r], orthonormal columns, strongest first; a map M [r, s] of the scores is basis @ M on centred vectors."""
    scores: NDArray[np.float32]
    """[k, r], centred vectors @ basis."""
    variances: NDArray[np.float64]
    """[r], of the scores."""
    shrunken: NDArray[np.float64]
    """[r], the same after Ledoit-Wolf shrinkage towards their mean."""
    total: float
    """Variance of the modality in all directions."""

    def unfolded(self, projection: NDArray[np.float64]) -> NDArray[np.float32]:
        """Carry a map [q, s] of the first q scores back to the encoder's own numbers: float32 [d, s]."""
        return (self.basis[:, : len(projection)] @ projection).astype(np.float32)


def view_of(x: NDArray[np.floating], has: NDArray[np.bool_], *, rank: int = RANK) -> View:
    """See vectors [n, d] of the tracks that have the modality, bool [n]; r is at most `rank`, less where ranks are.

    Raises ModelError where no track has it, or for numbers that are not finite.
    """
    rows = np.flatnonzero(has)
    vectors = checked(np.asarray(x[rows]))
    mean = vectors.mean(axis=0)
    vectors -= mean
    variances, basis = principal(vectors)
    share, total = ledoit_wolf(vectors, variances), float(variances.sum())
    variances, basis = variances[:rank], basis[:, :rank]
    shrunken = (1 - share) * variances + share * total / vectors.shape[1]
    return View(rows, mean, basis, (vectors @ basis).astype(np.float32), variances, shrunken, total)

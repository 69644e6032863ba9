"""Rank what belongs together before what does not, by a margin, in both directions."""

import torch
from torch import Tensor

MARGIN = 0.05
"""What the two-branch network of album reviews and sound was trained with, on unit vectors."""


def hinge_ranking(
    left: Tensor,
    right: Tensor,
    positives: Tensor | None = None,
    *,
    excluded: Tensor | None = None,
    margin: float = MARGIN,
) -> Tensor:
    """Return the mean hinge [margin + d(x, y+) - d(x, y-)]+ over triplets, averaged over the two directions.

    `left` is float [n, d], `right` float [m, d], d the Euclidean distance; scale the rows to unit length first.
    `positives`, bool [n, m], says which belong together (row i with row i when None, n = m); every other pair is
    negative unless `excluded`, bool [n, m], rules it out. Neighbours within one space: pass it twice, its
    neighbours as `positives`, the diagonal as `excluded`. Equal rows have no gradient between them. A direction
    without triplets counts 0.

    Wang, Li and Lazebnik, "Learning two-branch neural networks for image-text matching tasks", TPAMI 2018.
    """
    alike = torch.eye(len(left), dtype=torch.bool, device=left.device) if positives is None else positives
    compared = torch.ones_like(alike) if excluded is None else ~excluded
    # The short way through a matrix product is too coarse for near duplicates, and its gradient at 0 is not 0.
    distances = torch.cdist(left, right, compute_mode="donot_use_mm_for_euclid_dist")
    wanted, unwanted = alike & compared, ~alike & compared
    there = one_way(distances, wanted, unwanted, margin=margin)
    back = one_way(distances.T, wanted.T, unwanted.T, margin=margin)
    return (there + back) / 2


def one_way(distances: Tensor, positives: Tensor, negatives: Tensor, *, margin: float) -> Tensor:
    """Return the mean hinge over the triplets (row, positive column, negative column); 0 where there are none.

    All arguments are [n, m]. Takes memory for one number per positive pair and column.
    """
    row, column = positives.nonzero(as_tuple=True)
    hinge = (margin + distances[row, column][:, None] - distances[row]).relu()
    counted = negatives[row]
    return torch.where(counted, hinge, 0).sum() / counted.sum().clamp(min=1)

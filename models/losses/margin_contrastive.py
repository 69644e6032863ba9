"""Pull pairs that belong together to one point, push the others at least a margin apart."""

import torch
from torch import Tensor

MARGIN = 0.5
"""What the Fairouz model was trained with."""


def margin_contrastive(embeddings: Tensor, pairs: Tensor, alike: Tensor, *, margin: float = MARGIN) -> Tensor:
    """Return the mean over pairs of 0.5 d^2 where alike and max(0, margin - d)^2 where not, d the Euclidean distance.

    `embeddings` is float [n, d], `pairs` int64 [p, 2] are rows of it, `alike` is bool [p]. The factor of one half
    stands before the positives alone, as in the Fairouz model. Two equal rows have distance 0 and no gradient: as a
    negative pair they cost margin^2 and are not moved by it. No pairs give 0.

    Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping", CVPR 2006 (which halves
    both terms).
    """
    difference = embeddings[pairs[:, 0]] - embeddings[pairs[:, 1]]
    attraction = 0.5 * difference.square().sum(dim=1)
    # vector_norm has gradient 0 at 0, where a square root would have none.
    repulsion = (margin - torch.linalg.vector_norm(difference, dim=1)).relu().square()
    return torch.where(alike, attraction, repulsion).sum() / max(len(pairs), 1)

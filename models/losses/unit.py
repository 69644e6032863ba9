"""Scale rows to unit length where gradients must stay finite."""

import torch
from torch import Tensor


def unit(x: Tensor) -> Tensor:
    """Scale every row of float [n, d], d > 0, to length one; a zero row stays zero, and its gradient is finite.

    Rows are first divided by their largest entry, a constant to the gradient, so that squares neither overflow nor
    vanish in float32.
    """
    largest = x.detach().abs().amax(dim=-1, keepdim=True)
    scaled = x / torch.where(largest > 0, largest, 1)
    length = torch.linalg.vector_norm(scaled, dim=-1, keepdim=True)
    return scaled / torch.where(length > 0, length, 1)

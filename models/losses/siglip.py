"""Ask of every pair of views alone whether the two belong together: a sigmoid instead of a softmax over the batch."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from models.losses.unit import unit

LOG_SCALE = 2.302585092994046
BIAS = -10.0
"""Where the paper starts the two learned numbers: t' = log 10, b = -10, so that at first nothing belongs together."""


def siglip(
    left: Tensor,
    right: Tensor,
    both: Tensor | None = None,
    *,
    positives: Tensor | None = None,
    log_scale: Tensor,
    bias: Tensor,
) -> Tensor:
    """Return the sum over pairs of -log sigmoid(z (exp(log_scale) cosine + bias)), z = 1 or -1, per track.

    `left` and `right`, float [n, d], are two views of the same n tracks; `both`, bool [n], says which tracks have both,
    the other rows are not looked at. z is 1 for a track's own two views and for `positives`, bool [n, n] (row: left,
    column: right). `log_scale` (the logarithm of the inverse temperature, t' in the paper) and `bias` are learned
    scalars; LOG_SCALE and BIAS are where to start them. No tracks give 0.

    Zhai, Mustafa, Kolesnikov and Beyer, "Sigmoid loss for language image pre-training", ICCV 2023.
    """
    if both is not None:
        left, right = left[both], right[both]
        positives = None if positives is None else positives[both][:, both]
    alike = torch.eye(len(left), dtype=torch.bool, device=left.device)
    alike = alike if positives is None else alike | positives
    logits = unit(left) @ unit(right).T * log_scale.exp() + bias
    return -logsigmoid(torch.where(alike, logits, -logits)).sum() / max(len(left), 1)

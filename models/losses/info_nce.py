"""Let each track's one view find its other view among those of the batch."""

import torch
from torch import Tensor

from models.losses.unit import unit

TEMPERATURE = 0.1
"""Ferraro et al. 2021."""


def info_nce(
    left: Tensor,
    right: Tensor,
    both: Tensor | None = None,
    *,
    positives: Tensor | None = None,
    temperature: float | Tensor = TEMPERATURE,
) -> Tensor:
    """Return the mean cross-entropy of finding right i from left i and left i from right i, by cosine / temperature.

    `left` and `right`, float [n, d], are two views (modalities) of the same n tracks; `both`, bool [n], says which
    tracks have both views, the other rows are not looked at. `positives`, bool [n, n] (row: left, column: right), marks
    pairs of different tracks that belong together: they are left out of the negatives. Negatives come from the other
    view only, as between modalities they should; the form with negatives from both is `supervised_contrastive` of the
    2 n rows with one label a track. Fewer than two tracks give 0.

    Van den Oord, Li and Vinyals, "Representation learning with contrastive predictive coding", 2018; NT-Xent: Chen,
    Kornblith, Norouzi and Hinton, "A simple framework for contrastive learning of visual representations", ICML 2020;
    between modalities of music: Ferraro, Favory, Drossos, Kim and Bogdanov, "Enriched music representations with
    multiple cross-modal contrastive learning", 2021.
    """
    if both is not None:
        left, right = left[both], right[both]
        positives = None if positives is None else positives[both][:, both]
    logits = unit(left) @ unit(right).T / temperature
    if positives is not None:
        others = ~torch.eye(len(left), dtype=torch.bool, device=left.device)
        logits = logits.masked_fill(positives & others, -torch.inf)
    terms = logits.logsumexp(dim=1) + logits.logsumexp(dim=0) - 2 * logits.diagonal()
    return terms.sum() / max(2 * len(left), 1)

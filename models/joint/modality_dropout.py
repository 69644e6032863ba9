"""Take modalities away at random while training, so that no one of them is relied upon."""

import torch
from torch import Tensor

from models.errors import ModelError


def drop_modalities(present: Tensor, *, probability: float, generator: torch.Generator) -> Tensor:
    """Drop each present modality by itself with `probability`, in [0, 1]: bool [n, 6] for a mask bool [n, 6].

    A track that would lose all keeps one, each as likely as the other; one that has none stays without. `generator`
    lives on the device of the mask. Raises ModelError for a probability out of range.

    Neverova, Wolf, Taylor and Nebout, "ModDrop: adaptive multi-modal gesture recognition", TPAMI 2016.
    """
    if not 0 <= probability <= 1:
        raise ModelError(f"the modality dropout is {probability}: give a number from 0 to 1")
    drawn = torch.rand(present.shape, generator=generator, device=present.device)
    kept = present & (drawn >= probability)
    bare = ~kept.any(dim=1, keepdim=True)
    # Given that all were dropped, each is as likely as the other to have drawn the highest number.
    last = drawn.masked_fill(~present, -1).argmax(dim=1, keepdim=True)
    kept_after_all = torch.zeros_like(present).scatter(1, last, bare)
    return kept | (kept_after_all & present)

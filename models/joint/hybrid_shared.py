"""Tune the shared maps of a space by InfoNCE between every two modalities of a track, from the closed form's on."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.joint.gcca import LEAST_EIGENVALUE
from models.joint.views import RANK, View
from models.losses.info_nce import info_nce
from models.modality import Modality

MEMBERS = 2
"""Runs from the same start, their maps averaged."""
EPOCHS, BATCH, LEARNING_RATE, TEMPERATURE, DROPOUT = 80, 220, 3e-4, 0.5, 0.3
"""A short, soft tuning: on the Fairouz data cross-modal R@10 rises from .2725 to .277, and falls when it goes on."""
INPUT_RIDGE = 10.0
"""Scores come in hardly whitened: variance added to each, in units of total / 96."""
_LEAST_BATCH = 16


def tuned_shared(
    views: Mapping[Modality, View], start: Mapping[Modality, NDArray[np.float64]], count: int, *, seed: int
) -> dict[Modality, NDArray[np.float64]]:
    """Return maps of the same shapes as `start` ([q, 64] of the scores of views of `count` tracks); torch, one thread.

    Van den Oord, Li and Vinyals, "Representation learning with contrastive predictive coding", 2018; averaging after
    Wortsman et al., "Model soups", 2022.
    """
    inputs = {m: _Inputs(view, start[m], count) for m, view in views.items()}
    runs = [_tuned(inputs, count, seed=seed * MEMBERS + member) for member in range(MEMBERS)]
    return {
        m: np.mean([run[m].double().numpy() for run in runs], axis=0) * one.scale[:, None] for m, one in inputs.items()
    }


class _Inputs:
    """One modality's scores, evenly scaled, and the map to start from."""

    def __init__(self, view: View, start: NDArray[np.float64], count: int) -> None:
        scale = 1 / np.sqrt(view.variances[: len(start)] + INPUT_RIDGE * view.total / RANK + LEAST_EIGENVALUE)
        self.scale = scale / np.sqrt(max(float((view.variances[: len(start)] * scale**2).sum()), LEAST_EIGENVALUE))
        self.x = torch.zeros(count, len(start))
        self.x[torch.from_numpy(view.rows)] = torch.from_numpy(view.scores[:, : len(start)] * self.scale).float()
        self.present = torch.zeros(count, dtype=torch.bool)
        self.present[torch.from_numpy(view.rows)] = True
        weight = torch.from_numpy(start / self.scale[:, None]).float()
        self.start = weight / (self.x[self.present] @ weight).norm(dim=1).mean().clamp(min=1e-12)


def _tuned(inputs: Mapping[Modality, _Inputs], count: int, *, seed: int) -> dict[Modality, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    weights = {m: one.start.clone().requires_grad_() for m, one in inputs.items()}
    optimizer = torch.optim.AdamW(list(weights.values()), lr=LEARNING_RATE, weight_decay=0.0, betas=(0.9, 0.98))
    for _ in range(EPOCHS):
        order = torch.randperm(count, generator=generator)
        for start in range(0, count, BATCH):
            rows = order[start : start + BATCH]
            if len(rows) < min(_LEAST_BATCH, count):
                continue
            loss = _loss(inputs, weights, rows, generator)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return {m: weight.detach() for m, weight in weights.items()}


def _loss(
    inputs: Mapping[Modality, _Inputs], weights: Mapping[Modality, Tensor], rows: Tensor, generator: torch.Generator
) -> Tensor:
    blocks = {}
    for m, one in inputs.items():
        x = one.x[rows]
        kept = (torch.rand(x.shape, generator=generator) > DROPOUT) / (1 - DROPOUT)
        blocks[m] = functional.normalize(x * kept @ weights[m], dim=1)
    losses = [
        info_nce(blocks[a], blocks[b], inputs[a].present[rows] & inputs[b].present[rows], temperature=TEMPERATURE)
        for a, b in combinations(inputs, 2)
    ]
    return torch.stack(losses).mean()

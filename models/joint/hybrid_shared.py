"""Tune the shared maps of a space by InfoNCE between every two modalities of a track, from the closed form's on."""

from collections.abc import Mapping
from dataclasses import dataclass
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

_LEAST_BATCH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How long and how strongly the shared maps are tuned.

    A short, soft tuning: on the Fairouz data cross-modal R@10 rises from .2725 to .277, and falls when it goes on.
    """

    members: int = 2
    """Runs from the same start, their maps averaged."""
    epochs: int = 80
    batch: int = 220
    learning_rate: float = 3e-4
    temperature: float = 0.5
    dropout: float = 0.3
    """How often a score of a track is hidden."""
    ridge: float = 10.0
    """Scores come in hardly whitened: variance added to each, in units of total / 96."""


def tuned_shared(
    views: Mapping[Modality, View],
    start: Mapping[Modality, NDArray[np.float64]],
    count: int,
    *,
    seed: int,
    tuning: Tuning,
) -> dict[Modality, NDArray[np.float64]]:
    """Return maps of the same shapes as `start` ([q, 64] of the scores of views of `count` tracks); torch, one thread.

    Van den Oord, Li and Vinyals, "Representation learning with contrastive predictive coding", 2018; averaging after
    Wortsman et al., "Model soups", 2022.
    """
    inputs = {m: _Inputs(view, start[m], count, tuning.ridge) for m, view in views.items()}
    members = range(tuning.members)
    runs = [_tuned(inputs, count, tuning, seed=seed * tuning.members + member) for member in members]
    return {
        m: np.mean([run[m].double().numpy() for run in runs], axis=0) * one.scale[:, None] for m, one in inputs.items()
    }


class _Inputs:
    """One modality's scores, evenly scaled, and the map to start from."""

    def __init__(self, view: View, start: NDArray[np.float64], count: int, ridge: float) -> None:
        scale = 1 / np.sqrt(view.variances[: len(start)] + ridge * view.total / RANK + LEAST_EIGENVALUE)
        self.scale = scale / np.sqrt(max(float((view.variances[: len(start)] * scale**2).sum()), LEAST_EIGENVALUE))
        self.x = torch.zeros(count, len(start))
        self.x[torch.from_numpy(view.rows)] = torch.from_numpy(view.scores[:, : len(start)] * self.scale).float()
        self.present = torch.zeros(count, dtype=torch.bool)
        self.present[torch.from_numpy(view.rows)] = True
        weight = torch.from_numpy(start / self.scale[:, None]).float()
        self.start = weight / (self.x[self.present] @ weight).norm(dim=1).mean().clamp(min=1e-12)


def _tuned(inputs: Mapping[Modality, _Inputs], count: int, tuning: Tuning, *, seed: int) -> dict[Modality, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    weights = {m: one.start.clone().requires_grad_() for m, one in inputs.items()}
    optimizer = torch.optim.AdamW(list(weights.values()), lr=tuning.learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
    for _ in range(tuning.epochs):
        order = torch.randperm(count, generator=generator)
        for start in range(0, count, tuning.batch):
            rows = order[start : start + tuning.batch]
            if len(rows) < min(_LEAST_BATCH, count):
                continue
            loss = _loss(inputs, weights, rows, tuning, generator)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return {m: weight.detach() for m, weight in weights.items()}


def _loss(
    inputs: Mapping[Modality, _Inputs],
    weights: Mapping[Modality, Tensor],
    rows: Tensor,
    tuning: Tuning,
    generator: torch.Generator,
) -> Tensor:
    blocks = {}
    for m, one in inputs.items():
        x = one.x[rows]
        kept = (torch.rand(x.shape, generator=generator) > tuning.dropout) / (1 - tuning.dropout)
        blocks[m] = functional.normalize(x * kept @ weights[m], dim=1)
    losses = [
        info_nce(
            blocks[a], blocks[b], inputs[a].present[rows] & inputs[b].present[rows], temperature=tuning.temperature
        )
        for a, b in combinations(inputs, 2)
    ]
    return torch.stack(losses).mean()

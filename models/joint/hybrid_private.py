"""Refine the private maps of a space, so that tracks of one artist and of one genre come closer in the sum of all."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.dataset import UNKNOWN, Dataset
from models.joint.views import View
from models.modality import Modality

_NEVER = -1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """How long and how strongly the private maps are refined."""

    steps: int = 30
    """On all tracks at once; 120 without the pull below end under the start."""
    learning_rate: float = 1e-3
    temperature: float = 0.07
    dropout: float = 0.5
    """How often a principal direction is hidden."""
    modality_dropout: float = 0.2
    """How often a modality of a track is hidden."""
    genre_weight: float = 0.5
    pull: float = 5.0
    """Weight of the squared change of the maps, as a share of their own squared size."""
    same_album: float = 0.3
    """How much a track of the same album counts as a positive: its cover is the same picture, and teaches nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Who belongs with whom among n tracks, [n, n] each."""

    itself: Tensor
    """bool: the track, and others of the same artist and title."""
    same_artist: Tensor
    """bool."""
    by_artist: Tensor
    """float, rows sum to 1 where there are any: other tracks of the artist."""
    by_genre: Tensor
    """The same: tracks of other artists that share a genre."""


def refined_private(
    data: Dataset,
    views: Mapping[Modality, View],
    start: Mapping[Modality, NDArray[np.float64]],
    indicators: NDArray[np.float64],
    weights: NDArray[np.float64],
    gains: Mapping[Modality, float],
    *,
    seed: int,
    refinement: Refinement,
) -> dict[Modality, NDArray[np.float64]]:
    """Return maps of the same shapes as `start` ([r, 64] of the scores of the views of all tracks of `data`).

    `indicators` [n, g] say which track has which genre, `weights` [n] how much a track counts, `gains` how much a
    modality does. Holds a few n x n matrices: for some thousand tracks.

    Khosla et al., "Supervised contrastive learning", 2020; pull towards the start after Li, Grandvalet and Davoine,
    "Explicit inductive bias for transfer learning", 2018.
    """
    generator = torch.Generator().manual_seed(seed)
    pairs = _pairs(data, indicators, refinement.same_album)
    scale = {m: views[m].shrunken ** 0.25 for m in start}
    x, present = _inputs(views, scale, len(data))
    first = {m: torch.from_numpy(start[m] * scale[m][:, None]).float() for m in start}
    change = {m: torch.zeros_like(weight, requires_grad=True) for m, weight in first.items()}
    size = sum((weight**2).sum() for weight in first.values())
    optimizer = torch.optim.Adam(list(change.values()), lr=refinement.learning_rate)
    for _ in range(refinement.steps):
        maps = {m: first[m] + change[m] for m in first}
        scores = _scores(x, present, maps, gains, refinement, generator) / refinement.temperature
        pulled = torch.stack([(moved**2).sum() for moved in change.values()]).sum() / size
        loss = _loss(scores, pairs, torch.from_numpy(weights).float(), refinement.genre_weight)
        loss = loss + refinement.pull * pulled
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return {m: start[m] + change[m].detach().double().numpy() / scale[m][:, None] for m in start}


def _inputs(
    views: Mapping[Modality, View], scale: Mapping[Modality, NDArray[np.float64]], count: int
) -> tuple[dict[Modality, Tensor], dict[Modality, Tensor]]:
    x, present = {}, {}
    for m, view in views.items():
        rows = torch.from_numpy(view.rows)
        x[m] = torch.zeros(count, len(view.variances))
        x[m][rows] = torch.from_numpy(view.scores / scale[m]).float()
        present[m] = torch.zeros(count, 1)
        present[m][rows] = 1.0
    return x, present


def _scores(
    x: Mapping[Modality, Tensor],
    present: Mapping[Modality, Tensor],
    maps: Mapping[Modality, Tensor],
    gains: Mapping[Modality, float],
    refinement: Refinement,
    generator: torch.Generator,
) -> Tensor:
    """Return the private part of the score of all pairs, [n, n], with directions and modalities hidden at random."""
    blocks = []
    for m, weight in maps.items():
        kept = (torch.rand(1, x[m].shape[1], generator=generator) > refinement.dropout) / (1 - refinement.dropout)
        here = present[m] * (torch.rand(len(x[m]), 1, generator=generator) > refinement.modality_dropout)
        blocks.append(functional.normalize(x[m] * kept @ weight, dim=1) * here * gains[m])
    joint = torch.cat(blocks, dim=1)
    return joint @ joint.T / sum(gains[m] ** 2 for m in maps)


def _loss(scores: Tensor, pairs: _Pairs, weights: Tensor, genre_weight: float) -> Tensor:
    """Cross entropy of who belongs to whom: by artist among all, by genre among tracks of other artists."""
    scores = scores.masked_fill(pairs.itself, _NEVER)
    others = scores.masked_fill(pairs.same_artist, _NEVER)
    return _entropy(scores, pairs.by_artist, weights) + genre_weight * _entropy(others, pairs.by_genre, weights)


def _entropy(scores: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    asked = weights * (wanted.sum(dim=1) > 0)
    lost = -(torch.log_softmax(scores, dim=1) * wanted).sum(dim=1)
    return (lost * asked).sum() / asked.sum().clamp(min=1e-9)


def _pairs(data: Dataset, indicators: NDArray[np.float64], same_album: float) -> _Pairs:
    artist, album = _equal(data.artists), _equal(data.albums)
    itself = torch.eye(len(data), dtype=torch.bool) | _equal(data.titles)
    genres = torch.from_numpy(indicators).float()
    by_artist = (artist & ~itself).float() * torch.where(album, same_album, 1.0)
    by_genre = ((genres @ genres.T > 0) & ~itself & ~artist).float()
    return _Pairs(itself, artist, _shares(by_artist), _shares(by_genre))


def _equal(labels: NDArray[np.int64]) -> Tensor:
    return torch.from_numpy((labels[:, None] == labels[None]) & (labels[:, None] != UNKNOWN))


def _shares(wanted: Tensor) -> Tensor:
    return wanted / wanted.sum(dim=1, keepdim=True).clamp(min=1e-9)

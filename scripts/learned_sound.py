"""Learn encoders of sound that let views of one track agree: from the descriptor, or from the log-mel by convolution.

NT-Xent (Chen, Kornblith, Norouzi and Hinton, "A simple framework for contrastive learning of visual representations",
ICML 2020) is `supervised_contrastive` of two views of each track in the batch, labelled by their track.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.encoders.spectrogram import Array
from models.joint.whitening import fit_whitening
from models.losses.supervised_contrastive import supervised_contrastive
from scripts.sound_views import MEL_BANDS, Heard

EMBEDDING = 128
HIDDEN = 512
CHANNELS = (16, 32, 64, 128)
BATCH_TRACKS = 64
CROP_FRAMES = 128
"""The network learns from 6 s at a time, other ones at each step."""
DECIBELS = 20.0
"""About the standard deviation of a log-mel."""
WEIGHT_DECAY = 1e-2
DROPOUT = 0.2

Embed = Callable[[Array, Sequence[NDArray[np.float16]]], Array]
"""Turn descriptors [n, d] and log-mels of the same tracks into vectors, float32 [n, e]."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What is learned from: `VIEWS` views of each track, and a label that says whose views are to agree."""

    descriptors: Tensor
    """float32 [n, VIEWS, d]"""
    mels: Tensor
    """float16 [n, VIEWS, frames, MEL_BANDS]"""
    labels: Tensor
    """int64 [n]"""

    @classmethod
    def of(cls, heard: Sequence[Heard], labels: NDArray[np.int64]) -> "Lesson":
        """Gather what some tracks teach."""
        descriptors = np.stack([one.view_descriptors for one in heard])
        mels = np.stack([one.view_mels for one in heard])
        return cls(torch.from_numpy(descriptors), torch.from_numpy(mels), torch.from_numpy(labels))


class SoundNetwork(nn.Module):
    """Four strided convolutions over time and mel, mean and spread over time, one projection: 229,000 weights."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((1, *CHANNELS[:-1]), CHANNELS, strict=True):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        bands = MEL_BANDS // 2 ** len(CHANNELS)
        self.dropout = nn.Dropout(DROPOUT)
        self.projection = nn.Linear(2 * CHANNELS[-1] * bands, EMBEDDING)

    def forward(self, mels: Tensor) -> Tensor:
        """Embed log-mels in dB [n, frames, MEL_BANDS] of 32 frames or more, as [n, EMBEDDING]."""
        maps = self.convolutions(mels.float()[:, None] / DECIBELS)  # [n, channels, frames / 16, bands]
        series = maps.transpose(2, 3).flatten(1, 2)  # [n, channels * bands, frames / 16]
        # The small addition keeps the gradient finite in silence.
        spread = (series.var(dim=2, correction=0) + 1e-5).sqrt()
        pooled = torch.cat([series.mean(dim=2), spread], dim=1)
        embedded: Tensor = self.projection(self.dropout(pooled))
        return embedded


def linear_head(width: int) -> nn.Module:
    """Make one matrix over the descriptor, at first the identity: started at random it forgets more than it learns."""
    matrix = nn.Linear(width, width, bias=False)
    nn.init.eye_(matrix.weight)
    return nn.Sequential(nn.Dropout(DROPOUT), matrix)


def two_layer_head(width: int) -> nn.Module:
    """Make a perceptron over the descriptor."""
    first = (nn.Linear(width, HIDDEN), nn.BatchNorm1d(HIDDEN), nn.ReLU())
    return nn.Sequential(nn.Dropout(DROPOUT), *first, nn.Dropout(DROPOUT), nn.Linear(HIDDEN, EMBEDDING))


def learn(
    model: nn.Module, draw: Callable[[Tensor, Tensor], Tensor], lesson: Lesson, *, rate: float, steps: int, seed: int
) -> None:
    """Train by NT-Xent: each step draws tracks and two views of each; `draw` gives the input of (tracks, views)."""
    generator = torch.Generator().manual_seed(seed)
    tracks, views = lesson.descriptors.shape[:2]
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps)
    model.train()
    for _ in range(steps):
        rows = torch.randperm(tracks, generator=generator)[:BATCH_TRACKS]
        pair = torch.rand(len(rows), views, generator=generator).argsort(dim=1)[:, :2]
        embedded = torch.cat([model(draw(rows, pair[:, side])) for side in range(2)])
        loss = supervised_contrastive(embedded, lesson.labels[rows].repeat(2))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    model.eval()


def as_it_is(lesson: Lesson, seed: int) -> Embed:
    """Learn nothing: the descriptor."""
    return lambda descriptors, _: descriptors


def whitened_over_tracks(lesson: Lesson, seed: int) -> Embed:
    """Balance the directions in which tracks differ, as the joint space does with the tracks of a library."""
    fitted = fit_whitening(lesson.descriptors.mean(dim=1).numpy())
    return lambda descriptors, _: fitted.apply(descriptors)


def whitened_within_tracks(lesson: Lesson, seed: int) -> Embed:
    """Shrink the directions in which views of one track differ (within-class covariance normalisation).

    Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for SVM-based speaker recognition",
    Interspeech 2006; the covariance shrunk by Ledoit and Wolf.
    """
    views = lesson.descriptors.numpy()
    within = (views - views.mean(axis=1, keepdims=True)).reshape(-1, views.shape[2])
    fitted = fit_whitening(within, size=views.shape[2], exponent=1.0)
    return lambda descriptors, _: fitted.apply(descriptors)


def head(make: Callable[[int], nn.Module], *, rate: float, steps: int) -> Callable[[Lesson, int], Embed]:
    """Return how a head over the descriptor is learned."""

    def fit(lesson: Lesson, seed: int) -> Embed:
        torch.manual_seed(seed)
        model = make(lesson.descriptors.shape[2])
        # Numbers of the descriptor are about .02 each, and a layer likes them near 1.
        scale = 1 / lesson.descriptors.std()

        def draw(rows: Tensor, views: Tensor) -> Tensor:
            return lesson.descriptors[rows, views] * scale

        learn(model, draw, lesson, rate=rate, steps=steps, seed=seed)
        return lambda descriptors, _: _embedded(model, torch.from_numpy(descriptors) * scale)

    return fit


def network(*, rate: float, steps: int) -> Callable[[Lesson, int], Embed]:
    """Return how the convolutional network is learned."""

    def fit(lesson: Lesson, seed: int) -> Embed:
        torch.manual_seed(seed)
        model = SoundNetwork()
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a third faster
        rng = np.random.default_rng(seed)

        def draw(rows: Tensor, views: Tensor) -> Tensor:
            start = int(rng.integers(max(1, lesson.mels.shape[2] - CROP_FRAMES)))
            return lesson.mels[rows, views, start : start + CROP_FRAMES]

        learn(model, draw, lesson, rate=rate, steps=steps, seed=seed)
        return lambda _, mels: np.concatenate([_embedded(model, torch.from_numpy(mel)[None]) for mel in mels])

    return fit


def _embedded(model: nn.Module, inputs: Tensor) -> Array:
    with torch.inference_mode():
        return np.asarray(model(inputs).numpy(), dtype=np.float32)

"""Make the models that every table shows beside ours: concatenation, rank fusion and every single modality."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.evaluation.retrieval import Scorer, inner
from models.joint.model import Fit, JointModel, Vectors
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality

FUSION_OFFSET = 60
"""The constant of reciprocal rank fusion, as in its paper."""


@dataclass(frozen=True, slots=True, eq=False)
class Concatenation:
    """Unit vectors of all modalities side by side, each centred by its mean (zeros: raw)."""

    means: Mapping[Modality, NDArray[np.float64]]

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return float32 [n, sum of d]; zeros where a track lacks a modality."""
        blocks = [
            _block(x[m], mean, present, m) if m in x else np.zeros((len(present), len(mean)))
            for m, mean in self.means.items()
        ]
        return np.hstack(blocks).astype(np.float32)


def _block(
    x: NDArray[np.floating], mean: NDArray[np.float64], present: NDArray[np.bool_], m: Modality
) -> NDArray[np.float64]:
    has = present[:, MODALITIES.index(m)]
    return unit_rows(np.where(has[:, None], np.asarray(x, np.float64) - mean, 0.0))


def raw_concatenation(dataset: Dataset, seed: int = 0) -> Concatenation:
    """Put unit vectors side by side as they are."""
    return Concatenation({m: np.zeros(dataset.x[m].shape[1]) for m in dataset.modalities()})


def centred_concatenation(dataset: Dataset, seed: int = 0) -> Concatenation:
    """Put unit vectors side by side, each modality centred by its mean in `dataset`."""
    return Concatenation({m: _mean(dataset, m) for m in dataset.modalities()})


@dataclass(frozen=True, slots=True)
class AsGiven:
    """One modality's vectors as the encoder gave them."""

    modality: Modality
    width: int

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return float32 [n, d]; zeros where a track lacks the modality."""
        has = present[:, MODALITIES.index(self.modality), None]
        rows = x.get(self.modality, np.zeros((len(present), self.width)))
        return np.where(has, rows, 0).astype(np.float32)


def as_given(m: Modality, dataset: Dataset) -> AsGiven:
    """Take one modality alone, as it is."""
    return AsGiven(m, dataset.x[m].shape[1])


def single(m: Modality, dataset: Dataset) -> Concatenation:
    """Take one modality alone, centred."""
    return Concatenation({m: _mean(dataset, m)})


def _mean(dataset: Dataset, m: Modality) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = np.asarray(dataset.x[m][dataset.present[:, MODALITIES.index(m)]], np.float64).mean(
        axis=0
    )
    return mean


def baselines(train: Dataset, alone: Callable[[Modality, Dataset], JointModel]) -> dict[str, Fit]:
    """Return the fits that stand beside ours, by name; `alone` makes the model of one modality."""
    fits: dict[str, Fit] = {"raw concatenation": raw_concatenation, "centred concatenation": centred_concatenation}
    for m in train.modalities():
        fits[f"{m} alone"] = _of_one(m, alone)
    return fits


def _of_one(m: Modality, alone: Callable[[Modality, Dataset], JointModel]) -> Fit:
    return lambda train, seed: alone(m, train)


def rank_fusion(dataset: Dataset, parts: Concatenation) -> Scorer:
    """Add 1 / (60 + rank) over the modalities that query and track both have, ranks by the cosine of `parts`.

    Cormack, Clarke and Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
    2009.
    """
    blocks = {m: _block(dataset.x[m], mean, dataset.present, m) for m, mean in parts.means.items()}

    def scorer(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        fused = np.zeros((len(rows), len(columns)))
        for m, block in blocks.items():
            has = dataset.present[:, MODALITIES.index(m)]
            both = has[rows, None] & has[None, columns]
            scores = np.where(both, inner(block[rows], block[columns]), -np.inf)
            ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
            fused += np.where(both, 1.0 / (FUSION_OFFSET + 1 + ranks), 0.0)
        return fused

    return scorer

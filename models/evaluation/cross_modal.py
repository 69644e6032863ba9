"""Measure whether one modality of a track finds the same track by another."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.evaluation.retrieval import CUT, Fold, inner
from models.modality import MODALITIES, Modality

Embedded = Mapping[Modality, NDArray[np.floating]]
"""Joint vectors [n, d] of the whole dataset, made from one modality alone."""


def cross_modal(dataset: Dataset, alone: Embedded, fold: Fold) -> dict[str, float]:
    """Return recall@1, recall@10 and median rank for every ordered pair of modalities, and their mean.

    The mean is over the pairs that could be asked. Queries and gallery are the tracks of the fold's gallery that have
    all of these modalities, so that every direction is asked the same; where fewer than twenty have all, the tracks
    that have both. Ties are broken at random, in expectation: eight tracks of one album have one cover, and none of
    them is first.
    """
    figures: dict[str, float] = {}
    pairs = list(permutations(alone, 2))
    complete = having(dataset, fold.gallery, tuple(alone))
    for a, b in pairs:
        rows = complete if len(complete) >= 2 * CUT else having(dataset, fold.gallery, (a, b))
        above, tied = ranks(alone[a][rows], alone[b][rows])
        name = f"{a} to {b}"
        figures[f"{name} R@1"] = found(above, tied, k=1)
        figures[f"{name} R@10"] = found(above, tied, k=CUT)
        figures[f"{name} median rank"] = float(np.median(above + (tied + 1) / 2)) if len(above) else float("nan")
    for metric in ("R@1", "R@10", "median rank"):
        asked = [figure for a, b in pairs if not np.isnan(figure := figures[f"{a} to {b} {metric}"])]
        figures[f"cross-modal {metric}"] = float(np.mean(asked)) if asked else float("nan")
    return figures


def having(dataset: Dataset, rows: NDArray[np.int64], modalities: tuple[Modality, ...]) -> NDArray[np.int64]:
    """Return those of some rows that have all of some modalities."""
    columns = [MODALITIES.index(m) for m in modalities]
    return rows[dataset.present[rows][:, columns].all(axis=1)]


def ranks(queries: NDArray[np.floating], targets: NDArray[np.floating]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many targets [n, d] stand before each query's own one, and how many share its place (itself counted).

    Row i of `queries` and of `targets` is the same track.
    """
    scores = inner(queries, targets)
    own = np.diag(scores)[:, None]
    return (scores > own).sum(axis=1), (scores == own).sum(axis=1)


def found(above: NDArray[np.int64], tied: NDArray[np.int64], *, k: int) -> float:
    """Return the expected share of queries whose own track is among the first k; NaN for no queries."""
    return float(np.clip((k - above) / tied, 0, 1).mean()) if len(above) else float("nan")

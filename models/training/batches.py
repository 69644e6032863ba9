"""Deal examples into batches, and read of the vectors only the rows that a batch needs."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.dataset import Dataset
from models.modality import MODALITIES, Modality

SIDE_BY_SIDE = 4
"""Examples of one group that stay together in the order of an epoch: enough to learn what an artist's tracks share."""


def epoch_order(
    count: int, *, seed: int, epoch: int, groups: NDArray[np.int64] | None = None, together: int = SIDE_BY_SIDE
) -> NDArray[np.int64]:
    """Return the order of `count` examples in an epoch, drawn from (seed, epoch) alone: it need not be remembered.

    With groups [count] examples are shuffled, then up to `together` of one group are put side by side.
    """
    generator = np.random.default_rng([seed, 2, epoch])
    order = generator.permutation(count)
    if groups is None or count == 0:
        return order
    runs = _runs(groups[order], together)
    place = generator.permutation(int(runs.max()) + 1)
    return order[np.argsort(place[runs], kind="stable")]


def _runs(groups: NDArray[np.int64], together: int) -> NDArray[np.int64]:
    """Give a number to every run of up to `together` members of a group, in the order in which they stand: [n]."""
    order = np.argsort(groups, kind="stable")
    ranked = groups[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    within = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    numbers = np.empty(len(groups), np.int64)
    numbers[order] = np.cumsum(within % together == 0) - 1
    return numbers


def batches(order: NDArray[np.int64], *, size: int, start: int = 0) -> Iterator[NDArray[np.int64]]:
    """Cut an order into batches of `size`, from batch number `start` on; the last may be smaller."""
    for first in range(start * size, len(order), size):
        yield order[first : first + size]


def read_rows(dataset: Dataset, rows: NDArray[np.int64], device: str) -> tuple[dict[Modality, Tensor], Tensor]:
    """Read the vectors of some tracks, in any order, repeated or not: float32 [b, d] by modality, mask bool [b, 6].

    Rows of tracks without the modality are zero whatever the file holds. Memory is that of the batch.
    """
    present = dataset.present[rows]
    x = {}
    for m in dataset.modalities():
        here = present[:, MODALITIES.index(m)]
        vectors = np.zeros((len(rows), dataset.x[m].shape[1]), np.float32)
        vectors[here] = dataset.x[m][rows[here]]
        x[m] = torch.from_numpy(vectors).to(device)
    return x, torch.from_numpy(present).to(device)

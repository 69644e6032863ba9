"""Correct for hubs: tracks that are near to very many others lose what that brings them."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from indexer.spaces.inputs import spread
from models.joint.additive import parts
from models.joint.whitening import BLOCK
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from models.joint.additive import Space

    Read = Callable[[NDArray[np.int64]], tuple[NDArray[np.float16], NDArray[np.bool_]]]
    """Gives the blocks [b, 768] and masks [b, 6] of some rows of the library, rising."""

_NEIGHBOURS = 10
_SAMPLE = 20_000
"""Tracks that stand for the library when neighbours are averaged; all of them up to this size."""
_ROWS_AT_ONCE = 512
"""Rows of blocks at a time: 41 MB of scores with a full sample."""
_CONTENT = {Modality.GRAPH: 0.0, Modality.PLAYLISTS: 0.0}
"""Faders under which hubs are measured. In the graph all tracks of an artist are near each other: with it the
correction would punish artists for having many tracks, which is no hubness (same-artist P@1 .68 instead of .76)."""


class Hubs(NamedTuple):
    """The hub terms [n] of a library, and the mean from which they are counted."""

    terms: "NDArray[np.float64]"
    centre: float


def hub_terms(space: "Space", count: int, read: "Read") -> Hubs:
    """Return hub(t) of `count` tracks: minus half of t's mean score to its ten nearest, centred over the library.

    Fewer than three tracks have no hubs: zeros; neither has a track that has no modality at all. Memory does not grow
    with the library but for the answer.
    Conneau et al., "Word translation without parallel data", 2018 (CSLS): the part of it that depends on t.
    """
    if count < 3:
        return Hubs(np.zeros(count), 0.0)
    means = neighbour_means(space, count, read, np.arange(count))
    placed = ~np.isnan(means)
    centre = float(means[placed].mean()) if placed.any() else 0.0
    return Hubs(np.where(placed, -0.5 * (means - centre), 0.0), centre)


def neighbour_means(space: "Space", count: int, read: "Read", rows: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """Return the mean score of some `rows`, rising, to their ten nearest among a sample of `count` > 2 tracks, [r].

    NaN for a track that has no modality.
    """
    sample = spread(count, _SAMPLE)
    gains = space.gains(_CONTENT)
    queries = _queries(space, read, sample, gains)
    means = np.empty(len(rows))
    nearest = min(_NEIGHBOURS, len(sample) - 1)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows[start : start + _ROWS_AT_ONCE]
        blocks, masks = read(part)
        scores = _folded(space, blocks, gains) @ queries.T
        own = np.searchsorted(sample, part)
        itself = np.flatnonzero(sample[np.minimum(own, len(sample) - 1)] == part)
        scores[itself, own[itself]] = -np.inf
        mean = np.partition(scores, -nearest, axis=1)[:, -nearest:].mean(axis=1)
        means[start : start + len(part)] = np.where(masks.any(axis=1), mean, np.nan)
    return means


def _queries(
    space: "Space", read: "Read", sample: "NDArray[np.int64]", gains: "NDArray[np.float64]"
) -> "NDArray[np.float32]":
    """Return what the sampled tracks ask for, [s, d], a product of which with folded blocks is the score."""
    queries = []
    for start in range(0, len(sample), _ROWS_AT_ONCE):
        blocks, masks = read(sample[start : start + _ROWS_AT_ONCE])
        asked = _folded(space, blocks, gains)
        shared, private = space.scales(masks, gains)
        asked[:, :BLOCK] *= shared[:, None]
        asked[:, BLOCK:] *= private[:, None] * np.repeat(gains[gains > 0] ** 2, BLOCK)
        queries.append(asked)
    return np.concatenate(queries)


def _folded(space: "Space", blocks: "NDArray[np.float16]", gains: "NDArray[np.float64]") -> "NDArray[np.float32]":
    """Fold the shared blocks into their weighted sum, all that a score sees of them: a product of half the width."""
    shared, private = parts(blocks)
    pooled = np.einsum("nmd,m->nd", shared, gains * space.sharing)
    folded: NDArray[np.float32] = np.hstack([pooled, private[:, gains > 0].reshape(len(blocks), -1)]).astype(np.float32)
    return folded

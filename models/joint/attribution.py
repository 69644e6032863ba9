"""Explain the score of two tracks in a model that is no sum over modalities.

An additive space says exactly where a score comes from. For any other model two things can be said: how much each
modality contributes on average over all orders in which the two tracks could have got their modalities (Shapley values;
they add up to the score), and how far from additive the model is on the whole (`additivity`). The first is
one fair way among several of sharing out what modalities do together; the second says how much there is to share.
"""

from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.joint.additive import Space
from models.joint.model import JointModel, Vectors
from models.modality import MODALITIES

PAIRS_AT_ONCE = 64
"""With six modalities, 64 pairs are 8,192 rows to embed."""

PAIRS = 2000
"""Enough for R2 within about .02."""


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """Where the scores of p pairs come from: `empty + by_modality.sum(axis=1) == scores`, up to rounding of float64."""

    by_modality: NDArray[np.float64]
    """[p, 6] in the order of MODALITIES; 0 for what neither track has."""
    empty: NDArray[np.float64]
    """[p], the score of two tracks without anything: 0 for models that give zeros for them."""
    scores: NDArray[np.float64]
    """[p], the inner products of the joint vectors."""


def attribute(model: JointModel, x: Vectors, present: NDArray[np.bool_], pairs: NDArray[np.int64]) -> Attributions:
    """Share the scores of pairs of tracks out to the modalities, by exact Shapley values.

    `x` [n, d] and `present` bool [n, 6] are as for `embed`; `pairs`, int64 [p, 2], are rows. A modality is taken away
    from both tracks at once. Costs 2^k embeddings of both tracks for the k modalities that some track of the pairs has.

    Shapley, "A value for n-person games", 1953; Lundberg and Lee, "A unified approach to interpreting model
    predictions", NeurIPS 2017.
    """
    at_hand = np.isin(MODALITIES, list(x))
    players = np.flatnonzero(present[pairs.ravel()].any(axis=0) & at_hand)
    subsets = coalitions(len(players))
    values = subset_scores(model, x, present & at_hand, pairs, masks(subsets, players))
    # What neither track has changes nothing; nor shall the rounding of a network on other rows of a batch.
    either = (present[pairs].any(axis=1) & at_hand)[:, players] @ (1 << np.arange(len(players)))
    values = np.take_along_axis(values, np.arange(len(subsets)) & either[:, None], axis=1)
    by_modality = np.zeros((len(pairs), len(MODALITIES)))
    by_modality[:, players] = values @ shapley_weights(subsets)
    return Attributions(by_modality, empty=values[:, 0], scores=values[:, -1])


def additivity(model: JointModel, dataset: Dataset, *, pairs: int = PAIRS, seed: int = 0) -> float:
    """Return R2, at most 1, of the best additive account of the model's scores over random pairs of tracks.

    The scores of pairs are fitted, by least squares with a constant, by their scores in each modality alone (0 where
    one of the two lacks it); R2 is the share of their variance that this explains. 1: the model is additive on this
    data, and an explanation by modalities leaves nothing out; .4: six tenths of what tells pairs apart come from how
    modalities act together. The fit has at most seven numbers. Scores all alike give 1.
    Raises ModelError for fewer than two tracks or for no pairs.
    """
    if len(dataset) < 2 or pairs < 1:
        raise ModelError("additivity needs two tracks and a pair: give it more tracks")
    drawn = random_pairs(len(dataset), pairs, seed=seed)
    modalities = np.array([MODALITIES.index(m) for m in dataset.modalities()], np.int64)
    alone = np.eye(len(MODALITIES), dtype=np.bool_)[modalities]
    everything = np.ones((1, len(MODALITIES)), np.bool_)
    values = subset_scores(model, dataset.x, dataset.present, drawn, np.concatenate([alone, everything]))
    scores, singles = values[:, -1], values[:, :-1]
    spread = scores - scores.mean()
    design = np.column_stack([singles, np.ones(len(drawn))])
    residual = scores - design @ np.linalg.lstsq(design, scores, rcond=None)[0]
    variance = float(spread @ spread)
    return 1.0 if variance == 0 else 1 - float(residual @ residual) / variance


def explained(model: JointModel, dataset: Dataset, *, pairs: int = PAIRS) -> float:
    """Return how much of a model's scores its explanation by modalities accounts for, R2: exactly 1 for a Space.

    The contributions of an additive space add up to the score by construction; of any other model see `additivity`.
    """
    return 1.0 if isinstance(model, Space) else additivity(model, dataset, pairs=pairs)


def subset_scores(
    model: JointModel,
    x: Vectors,
    present: NDArray[np.bool_],
    pairs: NDArray[np.int64],
    kept: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return the scores of p pairs with only some modalities, float64 [p, s], for masks bool [s, 6]."""
    values = np.zeros((len(pairs), len(kept)))
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        rows = np.repeat(pairs[start : start + PAIRS_AT_ONCE].T, len(kept), axis=1).ravel()  # first tracks, then second
        mask = present[rows] & np.tile(kept, (len(rows) // len(kept), 1))
        vectors = model.embed({m: vectors[rows] for m, vectors in x.items()}, mask).astype(np.float64)
        first, second = vectors.reshape(2, -1, len(kept), vectors.shape[1])
        values[start : start + PAIRS_AT_ONCE] = np.einsum("psd,psd->ps", first, second)
    return values


def random_pairs(count: int, pairs: int, *, seed: int) -> NDArray[np.int64]:
    """Draw pairs of two different rows out of `count`, int64 [pairs, 2], with replacement."""
    rng = np.random.default_rng(seed)
    first = rng.integers(count, size=pairs)
    return np.column_stack([first, (first + rng.integers(1, count, size=pairs)) % count])


def coalitions(players: int) -> NDArray[np.bool_]:
    """Return all subsets of some players, bool [2^players, players]: nobody first, everybody last."""
    return (np.arange(2**players)[:, None] >> np.arange(players) & 1).astype(np.bool_)


def masks(subsets: NDArray[np.bool_], players: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Write subsets bool [s, k] of the players (columns of a mask) as masks bool [s, 6]."""
    kept = np.zeros((len(subsets), len(MODALITIES)), np.bool_)
    kept[:, players] = subsets
    return kept


def shapley_weights(subsets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how the value of each subset counts for each player, float64 [2^k, k]: Shapley values are values @ this.

    A subset S with the player counts (|S| - 1)! (k - |S|)! / k!, one without it -|S|! (k - |S| - 1)! / k!.
    """
    players = subsets.shape[1]
    weights = np.zeros(subsets.shape)
    for row, subset in enumerate(subsets):
        size = int(subset.sum())
        for player in range(players):
            before = size - int(subset[player])
            sign = 1 if subset[player] else -1
            weights[row, player] = sign * factorial(before) * factorial(players - before - 1) / factorial(players)
    return weights

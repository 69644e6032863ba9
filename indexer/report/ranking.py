"""Find the first places of many lists without sorting them whole, ties in a random order."""

import numpy as np
from numpy.typing import NDArray

from models.evaluation.metrics import ndcg_at_k

CUT = 10
ROWS_AT_ONCE = 256
"""Queries scored together: 100 MB of scores over 100,000 tracks."""
_JITTER = 1e-6
"""What breaks ties: less than a difference between scores in [-1, 1] that matters, more than float32's rounding."""

Rows = NDArray[np.int64]
Scores = NDArray[np.floating]


def chunks(rows: Rows) -> list[Rows]:
    """Cut rows into parts of at most ROWS_AT_ONCE; none give none."""
    return [rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)]


def sample(count: int, most: int, *, seed: int = 0) -> Rows:
    """Return rows of 0..count-1, rising: all of them, or `most` by `seed`."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size=most, replace=False))


def shaken(scores: Scores, rows: Rows, *, seed: int = 0) -> NDArray[np.float32]:
    """Return scores [q, n] (-1 to 1) of queries `rows` with ties broken at random, float32.

    Tracks of one album have the same cover, and tracks without a modality the same nothing: in the order of the
    library, which is that of the folders, such ties would put fellows of the album first, or make the first track
    everybody's neighbour. The random numbers are the same ones for every query, turned by a random number of places.
    """
    count = scores.shape[1]
    generator = np.random.default_rng([seed, count])
    noise = np.tile(generator.random(count, dtype=np.float32) * np.float32(_JITTER), 2)
    turns = generator.integers(count, size=int(rows.max(initial=0)) + 1)
    result = scores.astype(np.float32)
    for i, row in enumerate(rows):
        result[i] += noise[turns[row] : turns[row] + count]
    return result


def first(scores: NDArray[np.float32], hidden: NDArray[np.bool_], *, k: int = CUT) -> Rows:
    """Return the columns of the k greatest scores of each row, best first, int64 [q, k]; -1 where a list is shorter.

    Hidden columns are in no list. Changes `scores`.
    """
    scores[hidden] = -np.inf
    taken = min(k, scores.shape[1])
    best = np.argpartition(scores, -taken, axis=1)[:, -taken:] if taken else np.zeros((len(scores), 0), np.int64)
    values = np.take_along_axis(scores, best, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    best, values = np.take_along_axis(best, order, axis=1), np.take_along_axis(values, order, axis=1)
    places = np.full((len(scores), k), -1, np.int64)
    places[:, :taken] = np.where(np.isneginf(values), -1, best)
    return places


def first_again(scores: NDArray[np.float32], longer: Rows, hidden: NDArray[np.bool_], *, k: int = CUT) -> Rows:
    """Return what `first` would with more columns hidden, from the longer lists that it gave before.

    Where those end too early the whole is asked again. Changes `scores`.
    """
    left = (longer >= 0) & ~relevance(longer, hidden)
    places = np.take_along_axis(longer, np.argsort(~left, axis=1, kind="stable"), axis=1)[:, :k]
    places = np.where(np.sort(~left, axis=1)[:, :k], -1, places)
    short = np.flatnonzero(left.sum(axis=1) < k)
    places[short] = first(scores[short], hidden[short], k=k)
    return places


def relevance(places: Rows, relevant: NDArray[np.bool_], *, k: int = CUT) -> NDArray[np.bool_]:
    """Tell which of the first places [q, k] are relevant (bool [q, n]), bool [q, k]."""
    if not relevant.shape[1]:
        return np.zeros(places.shape, np.bool_)
    return np.take_along_axis(relevant, np.maximum(places, 0), axis=1) & (places >= 0)


def ndcg10(hits: NDArray[np.bool_], total: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return nDCG@10 from the first ten places, bool [q, 10], of lists with `total` [q] relevant tracks; NaN for none.

    The metric looks at nothing past the tenth place but how many relevant tracks stand there, and at most ten of them.
    """
    after = np.arange(CUT) < np.minimum(total - hits.sum(axis=1), CUT)[:, None]
    return np.where(total > 0, ndcg_at_k(np.hstack([hits, after]), k=CUT), np.nan)

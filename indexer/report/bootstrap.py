"""Say how sure a mean over queries is, by drawing artists anew.

The queries of one artist stand or fall together: they look for the same few tracks. Drawing single queries would take
them for independent and give intervals that are too narrow, so whole artists are drawn (the cluster bootstrap: Davison
and Hinkley, "Bootstrap methods and their application", 1997, section 3.8).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
_DRAWS_AT_ONCE = 100
"""16 MB of counts for 10,000 artists, twice."""
ENOUGH_QUERIES, ENOUGH_ARTISTS = 30, 8
"""With fewer the interval itself is a guess: of five artists the bootstrap draws 126 different sets."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval, and how much it rests on; NaN without a query."""

    mean: float
    low: float
    high: float
    queries: int
    artists: int

    @property
    def enough(self) -> bool:
        """Tell whether there is enough to decide by."""
        return self.queries >= ENOUGH_QUERIES and self.artists >= ENOUGH_ARTISTS

    def to_json(self) -> dict[str, float | int | None]:
        """Return the fields, None for NaN."""
        numbers = {"mean": self.mean, "low": self.low, "high": self.high}
        known = {name: None if np.isnan(value) else value for name, value in numbers.items()}
        return {**known, "queries": self.queries, "artists": self.artists}


def interval(figures: NDArray[np.float64], groups: NDArray[np.int64], *, draws: int = DRAWS, seed: int = 0) -> Interval:
    """Return the mean of `figures` and its interval.

    figures : [q], or [q, f] for several questions, whose means are averaged; NaN where a query was not asked.
    groups : [q], the artist of each query.
    """
    table = figures if figures.ndim == 2 else figures[:, None]
    asked = ~np.isnan(table)
    kept = asked.any(axis=1)
    table, asked, groups = table[kept], asked[kept], groups[kept]
    if not len(table):
        return Interval(np.nan, np.nan, np.nan, 0, 0)
    _, group = np.unique(groups, return_inverse=True)
    count = int(group.max()) + 1
    sums, counts = np.zeros((count, table.shape[1])), np.zeros((count, table.shape[1]))
    np.add.at(sums, group, np.nan_to_num(table))
    np.add.at(counts, group, asked)
    generator = np.random.default_rng(seed)
    means = np.concatenate(
        [
            _means(sums, counts, _weights(generator, count, min(_DRAWS_AT_ONCE, draws - start)))
            for start in range(0, draws, _DRAWS_AT_ONCE)
        ]
    )
    low, high = np.nanpercentile(means, [2.5, 97.5])
    mean = float(_means(sums, counts, np.ones((1, count)))[0])
    return Interval(mean, float(low), float(high), len(table), count)


def _weights(generator: np.random.Generator, count: int, draws: int) -> NDArray[np.float64]:
    """Draw `count` artists with replacement, `draws` times: how often each was drawn, [draws, count]."""
    drawn = generator.integers(count, size=(draws, count)) + count * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * count).reshape(draws, count).astype(np.float64)


def _means(sums: NDArray[np.float64], counts: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the questions' means for each draw, [draws]; a question that no artist of the draw was asked is left out.

    sums, counts : [artists, f]. NaN where no question was asked.
    """
    asked = weights @ counts
    means = np.divide(weights @ sums, asked, out=np.zeros_like(asked), where=asked > 0)
    questions = (asked > 0).sum(axis=1)
    summed: NDArray[np.float64] = means.sum(axis=1)
    return np.where(questions > 0, summed / np.maximum(questions, 1), np.nan)

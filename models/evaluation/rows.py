"""Collect figures over seeds into the rows of a table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one model: the mean over the seeds and the standard deviation between them (0 for one seed)."""

    model: str
    metric: str
    mean: float
    sd: float
    seeds: int

    def to_json(self) -> dict[str, str | float | int | None]:
        """Return the row for JSON; a figure that could not be asked for is None."""
        row = asdict(self)
        return row | {name: None for name in ("mean", "sd") if np.isnan(row[name])}


@dataclass(slots=True)
class Figures:
    """All figures seen so far, by model, metric and seed."""

    seen: dict[tuple[str, str], dict[int, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, model: str, seed: int, figures: Mapping[str, float]) -> None:
        """Note the figures of one fold (or of all data) under one seed."""
        for metric, value in figures.items():
            self.seen[model, metric][seed].append(value)

    def rows(self) -> list[Row]:
        """Return one row a figure: the mean over folds within a seed, then mean and deviation over the seeds.

        A fold in which nothing could be asked (NaN) is left out.
        """
        return [
            Row(model, metric, *_mean_and_deviation(by_seed.values()), len(by_seed))
            for (model, metric), by_seed in self.seen.items()
        ]


def _mean_and_deviation(seeds: Iterable[list[float]]) -> tuple[float, float]:
    known = [[value for value in folds if not np.isnan(value)] for folds in seeds]
    means = [float(np.mean(folds)) for folds in known if folds]
    if not means:
        return float("nan"), float("nan")
    return float(np.mean(means)), float(np.std(means, ddof=1)) if len(means) > 1 else 0.0

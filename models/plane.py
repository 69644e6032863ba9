"""Lay vectors out in two dimensions, and place further ones without moving those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

KEPT = 50
"""Dimensions in which neighbours are sought: van der Maaten and Hinton (2008) take 30, Kobak and Berens (2019) 50."""
NEIGHBOURS = 5
"""Known vectors whose places a further one gets the weighted mean of."""
_PERPLEXITY = 30
_STEPS = 500
_EARLY_STEPS = 250
_EXACT_UP_TO = 2_000
"""Up to so many vectors neighbours are found exactly."""
_INTERPOLATED_FROM = 10_000
"""From so many on, forces are interpolated on a grid (Linderman et al. 2019)."""
_OUTER = 99.5
"""Percentile, along either axis, that is drawn at the rim."""

_FEW = 3.0
"""Percent of the tracks along one side that may count as an island."""
_SPREADS = 2.0
"""Widths of the middle half, beside it: an even disc ends less than one of them out."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduction:
    """A projection on the first principal components: float32 mean [d], components [d, k] with k at most 50."""

    mean: Rows
    components: Rows

    def __call__(self, rows: NDArray[np.floating]) -> Rows:
        """Project rows [n, d] to float32 [n, k]."""
        projected: Rows = ((rows - self.mean) @ self.components).astype(np.float32)
        return projected


def reduction(parts: Iterable[NDArray[np.floating]], *, kept: int = KEPT) -> Reduction:
    """Fit the principal components of rows that come in parts [k, d]; each is looked at once.

    Raises
    ------
    ValueError
        Without any row.

    """
    count, total, products = 0, np.zeros(0), np.zeros((0, 0))
    for part in parts:
        rows = np.asarray(part, np.float64)
        if not count:
            total, products = np.zeros(rows.shape[1]), np.zeros((rows.shape[1], rows.shape[1]))
        count += len(rows)
        total += rows.sum(axis=0)
        products += rows.T @ rows
    if not count:
        raise ValueError("nothing to lay out: there is no vector")
    mean = total / count
    _, vectors = np.linalg.eigh(products / count - np.outer(mean, mean))
    first = vectors[:, ::-1][:, :kept]
    # The sign of an eigenvector means nothing; the same library must give the same map.
    signs = np.sign(first[np.abs(first).argmax(axis=0), np.arange(first.shape[1])])
    return Reduction(mean.astype(np.float32), (first * np.where(signs == 0, 1, signs)).astype(np.float32))


def principal_plane(rows: Rows) -> Rows:
    """Return the first two of reduced rows [n, k] as float32 [n, 2] within [-1, 1]; a missing second one is zero."""
    plane = np.zeros((len(rows), 2), np.float32)
    plane[:, : rows.shape[1]] = rows[:, :2]
    return framed(plane)


def neighbour_plane(rows: Rows, *, report: Callable[[float], object] | None = None, threads: int = 1) -> Rows:
    """Lay reduced rows [n, k] out so that neighbours stay neighbours: float32 [n, 2] within [-1, 1].

    t-SNE from the principal plane (van der Maaten and Hinton 2008; Kobak and Berens 2019), by openTSNE. `report` gets
    the share done, 0 to 1; an exception that it raises ends the work. Fewer than ten rows get the principal plane.
    """
    if len(rows) < 10:
        return principal_plane(rows)
    from openTSNE import TSNEEmbedding
    from openTSNE.affinity import PerplexityBasedNN

    exact = len(rows) <= _EXACT_UP_TO
    affinities = PerplexityBasedNN(
        rows,
        perplexity=min(_PERPLEXITY, (len(rows) - 1) / 3),
        method="exact" if exact else "annoy",
        n_jobs=threads,
        random_state=0,
    )
    start = np.asarray(principal_plane(rows), np.float64)
    start *= 1e-4 / max(float(start[:, 0].std()), 1e-12)
    gradient = "bh" if len(rows) < _INTERPOLATED_FROM else "fft"
    laid = TSNEEmbedding(start, affinities, negative_gradient_method=gradient, n_jobs=threads, random_state=0)
    often = {"inplace": True, "callbacks_every_iters": 25}
    laid.optimize(_EARLY_STEPS, exaggeration=12, momentum=0.5, callbacks=_counted(report, 0), **often)
    laid.optimize(_STEPS, momentum=0.8, callbacks=_counted(report, _EARLY_STEPS), **often)
    return framed(_without_islands(np.asarray(laid, np.float32)))


def _without_islands(plane: Rows) -> Rows:
    """Bring in what t-SNE threw far out: a handful of tracks like no other would leave the map empty but for a speck.

    At most `_FEW` percent along a side are moved, to where the others end or two usual spreads out, whichever is
    farther; how far groups lie apart means little in such a map.
    """
    few, first, third, all_but_few = np.percentile(plane, [_FEW, 25, 75, 100 - _FEW], axis=0)
    out = _SPREADS * float((third - first).max())
    low, high = np.minimum(first - out, few), np.maximum(third + out, all_but_few)
    brought: Rows = np.clip(plane, low, high).astype(np.float32)
    return brought


def _counted(report: Callable[[float], object] | None, done: int) -> Callable[[int, float, Any], None]:
    """Turn the callback of openTSNE into a report of the share done."""

    def told(step: int, _error: float, _embedding: Any) -> None:
        if report is not None:
            report(min((done + step) / (_EARLY_STEPS + _STEPS), 1.0))

    return told


def place(rows: Rows, known: Rows, plane: Rows) -> Rows:
    """Place rows [n, k] near the nearest of known ones [m, k] that lie at `plane` [m, 2]: float32 [n, 2].

    Mean of the places of the five nearest, weighted by the inverse of their squared distances; a row that is known
    already comes to lie where it lies.
    """
    import faiss

    index = faiss.IndexFlatL2(known.shape[1])
    index.add(np.ascontiguousarray(known, np.float32))
    distances, near = index.search(np.ascontiguousarray(rows, np.float32), min(NEIGHBOURS, len(known)))
    weights = 1.0 / np.maximum(distances, 1e-9)
    weights /= weights.sum(axis=1, keepdims=True)
    placed: Rows = np.einsum("nk,nkd->nd", weights, plane[near]).astype(np.float32)
    return placed


def framed(plane: NDArray[np.floating]) -> Rows:
    """Centre a plane [n, 2] and scale both axes alike: nearly all of it lies within [-1, 1], the rest at the rim."""
    if not len(plane):
        return np.zeros((0, 2), np.float32)
    low, high = np.percentile(plane, [100 - _OUTER, _OUTER], axis=0)
    reach = float((high - low).max()) / 2
    return np.asarray(np.clip((plane - (low + high) / 2) / max(reach, 1e-12), -1, 1), np.float32)

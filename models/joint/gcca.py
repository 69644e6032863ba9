"""Find the directions that modalities share, in closed form: regularised generalised canonical correlations."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from models.joint.balance import balanced, within_scatter
from models.joint.eigen import eigen
from models.joint.views import RANK, View
from models.joint.whitening import BLOCK, oriented
from models.modality import Modality

ROWS_AT_MOST = 50_000
"""More rows change the directions by less than their own noise."""

ROWS_PER_DIRECTION = 3
"""A view is first cut down to one direction for so many of its rows: with 60 tracks more would correlate by chance."""

RIDGE = 2.6
"""Variance added to every direction before whitening, in units of total / 96 * d / n: the fewer tracks for an encoder's
numbers, the less its weak directions are lifted. On the Fairouz data (fold by artist) cross-modal R@10 was .213 without
and .27 with it."""

WITHIN = 0.3
"""Share of the scatter within artists in what views are whitened by, where artists are known: what tells the tracks of
one artist apart is lifted less."""

CORRELATION_POWER = 0.5
"""A direction is as long as this power of its eigenvalue, which is 0 where only one modality sees it. On the Fairouz
data all powers from .5 to 1 did equally well across modalities; with 0 what they do not share comes in."""

LEAST_EIGENVALUE = 1e-9
"""Below it an eigenvalue is rounding."""

Present = Mapping[Modality, NDArray[np.bool_]]
"""Which of the n tracks have the modality: bool [n]."""


def sampled(count: int, *, rows_at_most: int, seed: int) -> NDArray[np.int64]:
    """Choose rows of `count`, rising: all of them, or `rows_at_most` at random by `seed`."""
    if count <= rows_at_most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, size=rows_at_most, replace=False))


def shared_maps(
    views: Mapping[Modality, View], count: int, *, artists: NDArray[np.int64] | None = None, size: int = BLOCK
) -> dict[Modality, NDArray[np.float64]]:
    """Fit maps M_m [r, size] of the scores of two or more views of `count` tracks: what they send a track to is alike.

    MAXVAR: each view is whitened with a ridge; the correlations of two views are taken over the tracks that have both,
    and shrunk by the part that chance explains, so that a pair with few common tracks shrinks to nothing; the leading
    eigenvectors of the matrix of all pairs are the directions, weighted by what they correlate. Directions that nothing
    shares are zero columns; a modality that shares nothing gets a map of zeros. Where `artists` are known (int [count],
    UNKNOWN where not), an artist counts by the root of its tracks, and the scatter within artists is whitened too.

    Kettenring, "Canonical analysis of several sets of variables", 1971; Hatch, Kajarekar and Stolcke, "Within-class
    covariance normalization", 2006; weighting after Gong et al., "A multi-view embedding space for modeling internet
    images, tags, and their semantics", 2014.
    """
    weights = np.ones(count) if artists is None else balanced(artists)
    whitenings = {m: whitening(view, artists) for m, view in views.items()}
    white = {m: np.zeros((count, whitenings[m].shape[1])) for m in views}
    for m, view in views.items():
        white[m][view.rows] = view.scores[:, : len(whitenings[m])] @ whitenings[m]
    masks = {m: np.isin(np.arange(count), view.rows) for m, view in views.items()}
    strengths, directions = shared_directions(correlations(white, masks, weights), size=size)
    edges = np.cumsum([0] + [white[m].shape[1] for m in views])
    return {m: whitenings[m] @ (directions[edges[i] : edges[i + 1]] * strengths) for i, m in enumerate(views)}


def whitening(view: View, artists: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """Return what whitens the first q scores of a view, with a ridge: [q, q]."""
    tracks = len(view.rows)
    size = min(RANK, max(1, tracks // ROWS_PER_DIRECTION), len(view.variances))
    scatter = np.diag(view.variances[:size])
    if artists is not None:
        within = within_scatter(view.scores[:, :size], artists[view.rows])
        if (trace := float(np.trace(within))) > LEAST_EIGENVALUE * view.total:
            scatter = (1 - WITHIN) * scatter + WITHIN * within * (view.variances[:size].sum() / trace)
    values, vectors = eigen(scatter)
    ridge = RIDGE * len(view.mean) / tracks * view.total / RANK
    lifted = np.maximum(values, 0) + ridge
    return np.divide(vectors, np.sqrt(lifted), out=np.zeros_like(vectors), where=lifted > 0)


def correlations(
    views: Mapping[Modality, NDArray[np.float64]], masks: Present, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Lay the correlations between all views out as one symmetric matrix [sum r, sum r], zero within a view."""
    edges = np.cumsum([0] + [view.shape[1] for view in views.values()])
    matrix = np.zeros((edges[-1], edges[-1]))
    for (i, a), (j, b) in combinations(enumerate(views), 2):
        both = masks[a] & masks[b]
        between = shrunken_correlation(views[a][both], views[b][both], weights[both])
        matrix[edges[i] : edges[i + 1], edges[j] : edges[j + 1]] = between
        matrix[edges[j] : edges[j + 1], edges[i] : edges[i + 1]] = between.T
    return matrix


def shrunken_correlation(
    a: NDArray[np.float64], b: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Correlate two whitened views [n, r] and [n, s] over n common tracks, less what chance explains: [r, s].

    Unrelated views have an expected squared norm of tr(A) tr(B) / n (A and B their covariances); the whole is scaled
    by the share of the squared norm above it, as James and Stein do. No common track gives zeros. `weights` [n] say
    how much a track counts, all the same when None.
    """
    if len(a) < 2:
        return np.zeros((a.shape[1], b.shape[1]))
    shares = np.full(len(a), 1 / len(a)) if weights is None else weights / weights.sum()
    between = (a * shares[:, None]).T @ b
    squared = float((between**2).sum())
    chance = float((a**2).sum() * (b**2).sum()) / len(a) ** 3
    result: NDArray[np.float64] = between * max(0.0, 1.0 - chance / squared) if squared > 0 else between
    return result


def shared_directions(matrix: NDArray[np.float64], *, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return strengths [size] and directions [sum r, size] of the leading eigenvectors; zero past the positive ones."""
    values, vectors = eigen(matrix)
    leading = np.argsort(values)[::-1][:size]
    leading = leading[values[leading] > LEAST_EIGENVALUE]
    strengths, directions = np.zeros(size), np.zeros((len(matrix), size))
    strengths[: len(leading)] = values[leading] ** CORRELATION_POWER
    directions[:, : len(leading)] = oriented(vectors[:, leading])
    return strengths, directions

"""Embed the graph of who is whose neighbour: tracks are near that are near in any one modality.

Training tracks i and j are linked where the data lists them as a pair (or, without listed pairs, where one is among the
nine nearest of the other in some modality). The leading eigenvectors of the normalised links are a spectral embedding
(Ng, Jordan and Weiss, "On spectral clustering", 2001; Belkin and Niyogi, "Laplacian eigenmaps", 2003). Another track
enters by its own links to the training tracks (Nystroem: Bengio et al., "Out-of-sample extensions", 2003), whichever
modalities it has.

This answers the question of the Fairouz paper's table, whose positives are the union of nearest neighbours in single
modalities: no sum over modalities can, since a pair that is close in one and far in all others has to come out close.
It is no additive space: it has no faders, its explanations are approximate, and on tracks of unknown artists it finds
the artist and genre far less well than the additive ones. The model keeps its training vectors.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.joint.eigen import eigen
from models.joint.gcca import sampled
from models.joint.model import Vectors
from models.joint.whitening import oriented, unit_rows
from models.modality import MODALITIES, Modality

SIZE = 256
NEIGHBOURS = 9
"""Nearest tracks of a modality that count as linked where the data lists no pairs, as in the Fairouz data."""
NEAR = 7
"""Links of a new track, per modality and direction. Fewer than nine, since some of its true neighbours are not among
the training tracks: on the Fairouz data nine gave P@10 .654 for unseen tracks, seven .665."""
POWER = 0.6
"""How much an eigenvector counts: its eigenvalue to this power. With 1 few directions decide, with 0 noise does."""
LEAST_EIGENVALUE = 1e-3
"""Below it, and below zero, a direction tells tracks apart that are linked."""
TRACKS_AT_MOST = 5_000
"""The eigenvectors take n^3; of more tracks a seeded sample is used."""
_SLACK = 1e-9
"""Distances that differ by less than this share of a squared length are equal: tracks of one album have one cover."""


_ROWS_AT_ONCE = 256


@dataclass(frozen=True, slots=True, eq=False)
class Neighbourhood:
    """A spectral embedding and what is needed to place new tracks in it; t training tracks."""

    x: Mapping[Modality, NDArray[np.float32]]
    """[t, d] by modality."""
    present: NDArray[np.bool_]
    """[t, 6]."""
    radii: Mapping[Modality, NDArray[np.float64]]
    """[t], the squared distance of each training track to its `near`th nearest one; -1 without the modality."""
    links: NDArray[np.float64]
    """[t, t], symmetric: how often a pair is listed (0, 1 or 2)."""
    basis: NDArray[np.float32]
    """[t, 256]."""
    near: int = NEAR
    """Links of a new track, per modality and direction."""

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return float32 [n, 256] of length one; zeros for a track without any modality of the training tracks.

        A training track, recognised by its vectors, has the links that it was trained with.
        """
        vectors = np.zeros((len(present), self.basis.shape[1]), np.float32)
        for start in range(0, len(present), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            links, known = self._links({m: values[rows] for m, values in x.items()}, present[rows])
            row, track = np.nonzero(known)
            links[row] = self.links[track]
            degrees = np.sqrt(np.maximum(links.sum(axis=1, keepdims=True), 1))
            vectors[rows] = unit_rows(links / degrees @ self.basis.astype(np.float64))
        return vectors

    def _links(self, x: Vectors, present: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Link new tracks with training tracks: how, [n, t], and which pairs are one and the same track, [n, t].

        1 where the training track is among the seven nearest in some modality, plus 1 where the new one is as near to
        it, in some modality, as its own seventh nearest.
        """
        columns = [MODALITIES.index(m) for m in self.x]
        differing = present[:, None, columns] != self.present[None, :, columns]
        known: NDArray[np.bool_] = np.logical_not(np.any(differing, axis=2))
        known &= np.asarray(present[:, columns].any(axis=1))[:, None]
        near, back = np.zeros_like(known), np.zeros_like(known)
        for m in (m for m in self.x if m in x):
            column = MODALITIES.index(m)
            both = present[:, column][:, None] & self.present[:, column][None]
            distances = np.where(
                both, squared_distances(_checked(x[m], self.x[m], present[:, column], m), self.x[m]), np.inf
            )
            slack = _slack(self.x[m])
            known &= ~both | (distances <= slack)
            near |= both & (distances <= _reach(distances, self.near)[:, None] + slack)
            back |= distances <= self.radii[m][None] + slack
        return near.astype(np.float64) + back, known


def fit_neighbourhood(dataset: Dataset, *, seed: int = 0, near: int = NEAR, power: float = POWER) -> Neighbourhood:
    """Fit to a dataset's pairs, or, where it lists none, to the nearest neighbours in each of its modalities.

    Closed form; `near` are the links of a new track, `power` says how much an eigenvector counts, `seed` chooses the
    tracks where there are more than 5,000. Raises ModelError for fewer than three tracks or for vectors that are not
    finite.
    """
    if len(dataset) > TRACKS_AT_MOST:
        dataset = dataset.take(sampled(len(dataset), rows_at_most=TRACKS_AT_MOST, seed=seed))
    if len(dataset) < 3:
        raise ModelError("a neighbourhood needs three tracks or more: add tracks")
    x = {
        m: _checked(dataset.x[m], dataset.x[m], dataset.present[:, MODALITIES.index(m)], m).astype(np.float32)
        for m in dataset.modalities()
    }
    links = _listed(dataset) if dataset.positives else _nearest(x, dataset.present)
    degrees = np.maximum(links.sum(axis=1), 1)
    values, directions = eigen(links / np.sqrt(degrees[:, None] * degrees[None]))
    strongest = np.flatnonzero(values > LEAST_EIGENVALUE)[::-1][:SIZE]
    basis = np.zeros((len(dataset), SIZE), np.float32)
    basis[:, : len(strongest)] = (
        oriented(directions[:, strongest]) * values[strongest] ** (power - 1) / np.sqrt(degrees)[:, None]
    )
    radii = {m: _radii(vectors, dataset.present[:, MODALITIES.index(m)], near) for m, vectors in x.items()}
    return Neighbourhood(x, dataset.present, radii, links, basis, near)


def squared_distances(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return squared Euclidean distances [n, t] of rows [n, d] and [t, d], in float64."""
    rows, others = np.asarray(a, np.float64), np.asarray(b, np.float64)
    squared: NDArray[np.float64] = (rows**2).sum(axis=1)[:, None] - 2 * rows @ others.T + (others**2).sum(axis=1)[None]
    return np.maximum(squared, 0)


def _checked(
    x: NDArray[np.floating], known: NDArray[np.floating], has: NDArray[np.bool_], m: Modality
) -> NDArray[np.float64]:
    """Return vectors [n, d] in float64, zeros where missing."""
    if x.ndim != 2 or x.shape[1] != known.shape[1]:
        raise ModelError(f"{m} vectors of shape {x.shape}, but the model knows {known.shape[1]} a track: embed again")
    rows = np.where(has[:, None], np.asarray(x, np.float64), 0.0)
    if not np.isfinite(rows).all():
        raise ModelError(f"{m} vectors that are not finite: embed that modality again")
    return rows


def _listed(dataset: Dataset) -> NDArray[np.float64]:
    pairs = np.zeros((len(dataset), len(dataset)))
    for row, others in enumerate(dataset.positives):
        pairs[row, others[others != row]] = 1
    return pairs + pairs.T


def _nearest(x: Mapping[Modality, NDArray[np.float32]], present: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Link every track to its nine nearest ones in each modality."""
    pairs = np.zeros((len(present), len(present)), np.bool_)
    for m, vectors in x.items():
        has = present[:, MODALITIES.index(m)]
        distances = np.where(has[:, None] & has[None], squared_distances(vectors, vectors), np.inf)
        np.fill_diagonal(distances, np.inf)
        pairs |= np.isfinite(distances) & (distances <= _reach(distances, NEIGHBOURS)[:, None])
    return pairs.astype(np.float64) + pairs.T


def _radii(vectors: NDArray[np.float32], has: NDArray[np.bool_], near: int) -> NDArray[np.float64]:
    distances = squared_distances(vectors[has], vectors[has])
    np.fill_diagonal(distances, np.inf)
    radii = np.full(len(vectors), -1.0)
    reached = _reach(distances, near)
    radii[has] = np.where(np.isfinite(reached), reached, -1.0)
    return radii


def _reach(distances: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return the distance of each row's `count`-th nearest, [n]; of its last where there are fewer."""
    place = min(count, distances.shape[1]) - 1
    reached: NDArray[np.float64] = np.partition(distances, place, axis=1)[:, place]
    return reached


def _slack(vectors: NDArray[np.float32]) -> float:
    return _SLACK * float((np.asarray(vectors, np.float64) ** 2).sum(axis=1).mean())

"""Fit a joint space in closed form to the library at hand: no training, no gradient, the same result every time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.additive import ALPHA, Head, Space
from models.joint.gcca import ROWS_AT_MOST, sampled, shared_maps
from models.joint.genre_directions import principal_map, private_map_with_genres
from models.joint.views import RANK, View, view_of
from models.joint.whitening import PARTIAL
from models.modality import MODALITIES, Modality

Vectors = Mapping[Modality, NDArray[np.floating]]
"""Encoder outputs [n, d] of the same n tracks."""
Maps = Mapping[Modality, NDArray[np.float64]]
"""What makes blocks of the scores of a view: [q, 64]."""


def fit_private_space(
    x: Vectors,
    present: NDArray[np.bool_],
    *,
    encoders: Mapping[Modality, str],
    weights: Mapping[Modality, float] | None = None,
    exponent: float = PARTIAL,
    name: str = "pca",
) -> Space:
    """Fit a space of private blocks alone: shrunken PCA per modality, alpha 0.

    `present` is bool [n, 6] in the order of MODALITIES; modalities that no track has get no head. Works from one track;
    of more than 50,000 a seeded sample is used.
    Raises ModelError where no modality has a track.
    """
    views, _ = views_of(x, present)
    private = {m: principal_map(view, exponent) for m, view in views.items()}
    return assembled(views, private, {}, encoders=encoders, weights=weights, alpha=0.0, name=name)


def fit_shared_space(
    x: Vectors,
    present: NDArray[np.bool_],
    *,
    encoders: Mapping[Modality, str],
    weights: Mapping[Modality, float] | None = None,
    exponent: float = PARTIAL,
    alpha: float = ALPHA,
    name: str = "gcca",
) -> Space:
    """Fit a space with shared blocks by GCCA beside the private ones of `fit_private_space`; same arguments and errors.

    Modalities that share nothing with the others keep a private block alone. Raises ModelError also where fewer than
    two modalities have two tracks.
    """
    views, rows = views_of(x, present)
    private = {m: principal_map(view, exponent) for m, view in views.items()}
    shared = fit_shared_maps(views, len(rows))
    return assembled(views, private, shared, encoders=encoders, weights=weights, alpha=alpha, name=name)


def views_of(
    x: Vectors, present: NDArray[np.bool_], *, rank: int = RANK, rows_at_most: int = ROWS_AT_MOST
) -> tuple[dict[Modality, View], NDArray[np.int64]]:
    """See every modality that some track has by its principal directions; also return which rows were looked at."""
    has = {m: present[:, MODALITIES.index(m)] for m in MODALITIES if m in x}
    rows = sampled(len(present), rows_at_most=rows_at_most, seed=0)
    views = {m: view_of(np.asarray(x[m])[rows], here[rows], rank=rank) for m, here in has.items() if here[rows].any()}
    if not views:
        raise ModelError("no vectors to fit a space to: index some music first")
    return views, rows


def labelled_maps(
    views: Mapping[Modality, View],
    artists: NDArray[np.int64],
    indicators: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[Maps, Maps]:
    """Return private maps helped by genres and shared ones helped by artists; no shared ones for one modality.

    artists [n], UNKNOWN where not known; `indicators` [n, g] which track has which genre; `weights` [n] how much a
    track counts.
    """
    private = {m: private_map_with_genres(m, view, indicators, weights) for m, view in views.items()}
    shared = fit_shared_maps(views, len(artists), artists=artists) if len(paired(views)) > 1 else {}
    return private, shared


def fit_shared_maps(views: Mapping[Modality, View], count: int, *, artists: NDArray[np.int64] | None = None) -> Maps:
    """Fit the shared maps of the views that two tracks or more have; raises ModelError where that is fewer than two."""
    if len(paired(views)) < 2:
        raise ModelError("a shared space needs two modalities with at least two tracks each: index more music")
    return shared_maps(paired(views), count, artists=artists)


def paired(views: Mapping[Modality, View]) -> dict[Modality, View]:
    """Return the views that can take part in shared directions."""
    return {m: view for m, view in views.items() if len(view.rows) > 1}


def assembled(
    views: Mapping[Modality, View],
    private: Maps,
    shared: Maps,
    *,
    encoders: Mapping[Modality, str],
    weights: Mapping[Modality, float] | None,
    alpha: float,
    name: str,
) -> Space:
    """Put views and maps together to a space; a shared map of zeros is none."""
    heads = {
        m: Head(
            encoders[m],
            view.mean.astype(np.float32),
            shared=view.unfolded(shared[m]) if m in shared and shared[m].any() else None,
            private=view.unfolded(private[m]),
            weight=1.0 if weights is None else weights.get(m, 1.0),
        )
        for m, view in views.items()
    }
    return Space(heads, alpha=alpha if any(head.shared is not None for head in heads.values()) else 0.0, name=name)

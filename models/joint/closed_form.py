"""Fit a joint space in closed form to the library at hand: no training, no gradient, the same result every time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.additive import ALPHA, Head, Space
from models.joint.gcca import ROWS_AT_MOST, fit_gcca, sampled
from models.joint.whitening import PARTIAL, fit_whitening
from models.modality import MODALITIES, Modality

Vectors = Mapping[Modality, NDArray[np.floating]]
"""Encoder outputs [n, d] of the same n tracks."""


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
    heads = {}
    for m in (m for m in MODALITIES if m in x and present[:, MODALITIES.index(m)].any()):
        rows = np.flatnonzero(present[:, MODALITIES.index(m)])
        rows = rows[sampled(len(rows), rows_at_most=ROWS_AT_MOST, seed=0)]
        whitening = fit_whitening(np.asarray(x[m][rows]), exponent=exponent)
        weight = 1.0 if weights is None else weights.get(m, 1.0)
        heads[m] = Head(encoders[m], whitening.mean, shared=None, private=whitening.projection, weight=weight)
    if not heads:
        raise ModelError("no vectors to fit a space to: index some music first")
    return Space(heads, alpha=0.0, name=name)


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

    Modalities that share nothing with the others keep a private block alone.
    """
    private = fit_private_space(x, present, encoders=encoders, weights=weights, exponent=exponent)
    shared = fit_gcca({m: x[m] for m in private.heads}, {m: present[:, MODALITIES.index(m)] for m in private.heads})
    heads = {
        m: Head(
            head.encoder, head.mean, shared[m] if m in shared and shared[m].any() else None, head.private, head.weight
        )
        for m, head in private.heads.items()
    }
    return Space(heads, alpha=alpha if any(head.shared is not None for head in heads.values()) else 0.0, name=name)

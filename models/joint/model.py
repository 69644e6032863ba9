"""Say what every joint model can do, whatever it is made of."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.modality import Modality

Vectors = Mapping[Modality, NDArray[np.floating]]
"""Encoder outputs [n, d] of the same n tracks."""


class JointModel(Protocol):
    """A model that turns any subset of modalities into one vector."""

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return joint vectors, float32 [n, d], whose inner product is the likeness of two tracks.

        `present`, bool [n, 6], says which track has which modality; a track without any gets zeros.
        """
        ...


Fit = Callable[[Dataset, int], JointModel]
"""Make a model from training tracks and a seed."""

"""Give every name its own random direction, the same on every machine."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

SEED_BYTES = 16
"""128 bits: PCG64's own state is that wide, and no two keys of any library will ever collide."""


def seeded_gaussian(key: str, *, dimension: int) -> NDArray[np.float32]:
    """Draw the standard normal vector that belongs to `key`: float32 [dimension].

    BLAKE2b of the UTF-8 key seeds PCG64, so the same key gives the same vector in every process and library,
    with no table to store; two keys are nearly orthogonal (cosine about 1 / sqrt(dimension)). Lone surrogates,
    as undecodable file names hold, are hashed as they are.
    """
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=SEED_BYTES).digest()
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
    return generator.standard_normal(dimension, dtype=np.float32)


def seeded_gaussians(keys: Sequence[str | None], *, dimension: int) -> NDArray[np.float32]:
    """Stack the vectors of many keys: float32 [len(keys), dimension], a zero row where the key is None.

    No keys give an array of shape [0, dimension].
    """
    rows = np.zeros((len(keys), dimension), dtype=np.float32)
    for row, key in zip(rows, keys, strict=True):
        if key is not None:
            row[:] = seeded_gaussian(key, dimension=dimension)
    return rows

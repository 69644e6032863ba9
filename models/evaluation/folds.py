"""Deal tracks into folds so that no artist is in two: a model never meets the artists it is asked about."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNKNOWN

FOLDS = 5


def artist_folds(artists: NDArray[np.int64], *, folds: int = FOLDS, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each track, int64 [n].

    Artists (numbers [n], UNKNOWN counting as an artist of one track each) are shuffled by `seed`, and dealt largest
    first into the fold that is emptiest, so that folds differ in size by little more than the smallest artists.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, artist in enumerate(artists.tolist()):
        members[artist if artist != UNKNOWN else -2 - row].append(row)
    groups = list(members.values())
    order = np.random.default_rng(seed).permutation(len(groups))
    dealt = np.zeros(len(artists), np.int64)
    sizes = np.zeros(folds, np.int64)
    for i in sorted(order.tolist(), key=lambda i: -len(groups[i])):
        fold = int(sizes.argmin())
        dealt[groups[i]] = fold
        sizes[fold] += len(groups[i])
    return dealt

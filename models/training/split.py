"""Hold artists out, so that training is stopped by tracks of artists that it never saw."""

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNKNOWN


def held_out_rows(artists: NDArray[np.int64], *, share: float, seed: int) -> NDArray[np.bool_]:
    """Mark about `share` of the tracks, bool [n]: whole artists, chosen by `seed`; no artist is on both sides.

    artists : numbers [n]; UNKNOWN counts as an artist of one track each. A share of 0 marks nothing, and one artist
    always stays for training, so that a single artist marks nothing either.
    """
    own = np.where(artists == UNKNOWN, -2 - np.arange(len(artists)), artists)
    _, group, sizes = np.unique(own, return_inverse=True, return_counts=True)
    order = np.random.default_rng([seed, 1]).permutation(len(sizes))
    wanted, taken = share * len(artists), 0
    held = np.zeros(len(sizes), np.bool_)
    for one in order[:-1].tolist():
        # An artist that overshoots by more than it is short of is left to training.
        if taken + sizes[one] / 2 <= wanted:
            held[one] = True
            taken += int(sizes[one])
    marked: NDArray[np.bool_] = held[group]
    return marked

"""Take from a dataset the pairs of tracks that belong together, and those that do not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNKNOWN, Dataset

PARTNERS = 10
"""Where the data lists no pairs, a track is paired with up to so many others of its artist."""

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of rows of a dataset."""

    count: int
    """Tracks of the dataset."""
    alike: Rows
    """int64 [p, 2]."""
    apart: Rows
    """int64 [q, 2]; empty where the data lists none, and they have to be drawn."""
    keys: Rows
    """`alike` in both directions as row * count + row, rising: what `together` looks pairs up in."""

    def together(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        """Tell which of the rows `left` and `right` are alike, bool [left, right]; a track is not alike itself."""
        wanted = left[:, None] * self.count + right[None]
        place = np.searchsorted(self.keys, wanted).clip(max=max(len(self.keys) - 1, 0))
        return self.keys[place] == wanted if len(self.keys) else np.zeros(wanted.shape, np.bool_)

    def among(self, rows: NDArray[np.bool_]) -> "Pairs":
        """Keep the pairs whose both tracks are marked, bool [n]; `together` still knows all of them."""
        return Pairs(
            self.count, self.alike[rows[self.alike].all(axis=1)], self.apart[rows[self.apart].all(axis=1)], self.keys
        )


def pairs_of(dataset: Dataset, *, seed: int = 0) -> Pairs:
    """Return the listed pairs, or, where the data lists none, pairs of tracks of the same artist, drawn by `seed`.

    A pair that is listed as alike and as apart, in either direction, says nothing and is left out of both.
    """
    if not dataset.positives:
        alike = same_artist(dataset.artists, seed=seed)
        return Pairs(len(dataset), alike, np.zeros((0, 2), np.int64), _keys(alike, len(dataset)))
    alike = _listed(dataset.positives)
    apart = _listed(dataset.negatives)
    alike_keys, apart_keys = _unordered(alike, len(dataset)), _unordered(apart, len(dataset))
    alike, apart = alike[~np.isin(alike_keys, apart_keys)], apart[~np.isin(apart_keys, alike_keys)]
    return Pairs(len(dataset), alike, apart, _keys(alike, len(dataset)))


def same_artist(artists: Rows, *, seed: int, partners: int = PARTNERS) -> Rows:
    """Pair every track with up to `partners` others of its artist, int64 [p, 2], each pair once.

    Tracks are laid in a ring by artist, in an order drawn by `seed`, and paired with those that follow.
    """
    rows = np.flatnonzero(artists != UNKNOWN)
    rows = rows[np.random.default_rng([seed, 4]).permutation(len(rows))]
    rows = rows[np.argsort(artists[rows], kind="stable")]
    found = [np.zeros((0, 2), np.int64)]
    starts = np.flatnonzero(np.r_[True, np.diff(artists[rows]) != 0]) if len(rows) else rows
    sizes = np.diff(np.r_[starts, len(rows)])
    first, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    for step in range(1, partners // 2 + 1):
        # In a ring of 2 * step or fewer tracks this step would meet pairs that are there already.
        here = np.flatnonzero((size > 2 * step) | ((size == 2 * step) & (np.arange(len(rows)) - first < step)))
        found.append(np.stack([rows[here], rows[first[here] + (here - first[here] + step) % size[here]]], axis=1))
    return np.concatenate(found)


def _listed(lists: tuple[Rows, ...]) -> Rows:
    """Lay lists of rows [n] out as pairs [p, 2], a track with itself left out."""
    first = np.repeat(np.arange(len(lists)), [len(rows) for rows in lists])
    pairs = np.stack([first, np.concatenate(lists) if lists else first], axis=1).astype(np.int64)
    kept: Rows = pairs[pairs[:, 0] != pairs[:, 1]]
    return kept


def _unordered(pairs: Rows, count: int) -> Rows:
    keys: Rows = pairs.min(axis=1, initial=count) * count + pairs.max(axis=1, initial=0)
    return keys


def _keys(pairs: Rows, count: int) -> Rows:
    both: Rows = np.unique(np.r_[pairs[:, 0] * count + pairs[:, 1], pairs[:, 1] * count + pairs[:, 0]])
    return both

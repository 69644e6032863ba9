"""Place tracks by the playlists and listening sessions they stand in: a hash-seeded projection."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.encoders.hashing import seeded_gaussians
from models.errors import ModelError

COLLABORATIVE_DIMENSION = 128


def collaborative_vectors(
    tracks: NDArray[np.integer[Any]],
    *,
    playlists: Sequence[str],
    weights: NDArray[np.floating],
    count: int,
    among: int | None = None,
    dimension: int = COLLABORATIVE_DIMENSION,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Embed `count` tracks by their memberships: float32 [count, dimension], unit rows, and bool [count].

    A membership i says that track `tracks[i]` stands in the list with the key `playlists[i]` (a playlist, a
    listening session) with a weight; repeated ones add up. A list counts log(among / its tracks), `among` being the
    tracks of the library, `count` where it is not given: one that holds the whole library says nothing, one of two
    tracks much. The mask is False, and the row zero, for tracks in no
    list that says something. The same lists give the same vectors; a list's direction depends on its key alone.
    Raises ModelError for tracks outside 0..count-1 or weights that are not finite and positive.
    """
    checked_memberships(tracks, playlists, weights, count)
    vectors = np.zeros((count, dimension), dtype=np.float32)
    if count and len(playlists):
        names, columns = np.unique(np.array(playlists, dtype=object), return_inverse=True)
        members = sparse.csr_array((weights.astype(np.float64), (tracks, columns)), shape=(count, len(names)))
        members.sum_duplicates()
        scarcity = np.log((count if among is None else among) / np.bincount(members.indices, minlength=len(names)))
        members.data = members.data * scarcity[members.indices]
        vectors[:] = members @ seeded_gaussians([str(name) for name in names], dimension=dimension)
    lengths = np.linalg.norm(vectors, axis=1)
    present = lengths > 0
    vectors[present] /= lengths[present, None]
    return vectors, present


def checked_memberships(
    tracks: NDArray[np.integer[Any]], playlists: Sequence[str], weights: NDArray[np.floating], count: int
) -> None:
    """Raise ModelError for memberships that cannot be."""
    if not len(tracks) == len(playlists) == len(weights):
        raise ModelError(f"{len(tracks)} tracks, {len(playlists)} lists and {len(weights)} weights: pass one each")
    if len(tracks) and not (int(tracks.min()) >= 0 and int(tracks.max()) < count):
        raise ModelError(f"a list names a track outside 0..{count - 1}: read the playlists again")
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ModelError("a membership has a weight that is not positive and finite: read the playlists again")

"""Average what a model makes of the pictures of one track's sound: one vector a track."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.encoders.mel import Array


def mean_of_frames(
    tracks: Sequence[Array], run: Callable[[Array], Array], *, shape: tuple[int, ...], dimension: int, at_once: int
) -> Array:
    """Average what `run` ([b, *shape] -> [b, d]) gives for the pictures of each track: float32 [n, d], unit rows.

    Pictures of several tracks go through the model together, `at_once` at most. A track without pictures gives a zero
    row, no tracks give [0, d]. Raises ModelError for pictures of another shape.
    """
    wrong = next((track.shape for track in tracks if track.shape[1:] != shape), None)
    if wrong is not None:
        raise ModelError(
            f"the pictures of a track's sound must be [n, {', '.join(map(str, shape))}], not {list(wrong)}"
        )
    sums = np.zeros((len(tracks), dimension))
    places = [(row, frame) for row, track in enumerate(tracks) for frame in range(len(track))]
    for start in range(0, len(places), at_once):
        batch = places[start : start + at_once]
        vectors = run(np.stack([tracks[row][frame] for row, frame in batch]).astype(np.float32, copy=False))
        np.add.at(sums, [row for row, _ in batch], vectors)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0).astype(np.float32))

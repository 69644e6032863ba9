"""Line up the encoder vectors of a library: what a space is fitted to and what its blocks are made from.

A library has more vectors than memory: which track has what is held, the vectors are read when they are asked for, of a
batch of tracks at a time, or of a sample.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.storing.vector_rows import all_vectors_of, tracks_with
from indexer.storing.vectors import encoder_of
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3

Encoded = Mapping[Modality, tuple[str, int]]
"""The encoder of each modality that some track has, and how many numbers it gives."""


class Connected(Protocol):
    """A store or a catalogue."""

    @property
    def connection(self) -> "sqlite3.Connection":
        """Return this thread's connection."""
        ...


class Halves(Mapping[Modality, NDArray[np.float32]]):
    """Vectors [n, d] by modality: held as they are stored, float16, and widened to float32 when they are looked at."""

    def __init__(self, vectors: Mapping[Modality, NDArray[np.float16]]) -> None:
        self._vectors = vectors

    def __getitem__(self, m: Modality) -> NDArray[np.float32]:
        """Return the vectors of a modality, float32 [n, d]."""
        return self._vectors[m].astype(np.float32)

    def __iter__(self) -> Iterator[Modality]:
        """Iterate over the modalities that some track of the library has."""
        return iter(self._vectors)

    def __len__(self) -> int:
        """Return the number of modalities."""
        return len(self._vectors)

    def taken(self, rows: NDArray[np.int64]) -> "Halves":
        """Return some rows."""
        return Halves({m: vectors[rows] for m, vectors in self._vectors.items()})

    def only(self, modalities: "set[Modality]") -> "Halves":
        """Return some modalities."""
        return Halves({m: vectors for m, vectors in self._vectors.items() if m in modalities})


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The vectors of n tracks, zeros where `present` is False."""

    x: Halves
    present: NDArray[np.bool_]
    """[n, 6]; not where the numbers are not finite: nothing can be compared with them."""

    def taken(self, rows: NDArray[np.int64]) -> "Part":
        """Return some rows."""
        return Part(self.x.taken(rows), self.present[rows])


class Inputs:
    """Which present track has a vector of which modality, and the vectors of any of them."""

    def __init__(self, store: Connected) -> None:
        self._connection = store.connection
        self.encoded = encoded_by(store)
        """Encoder and width of each modality that some track has."""
        holders = {m: tracks_with(self._connection, m, encoder) for m, (encoder, _) in self.encoded.items()}
        self.ids = np.unique(np.concatenate([np.zeros(0, np.int64), *holders.values()]))
        """[n], rising: the tracks that have any."""
        self.stored = np.zeros((len(self.ids), len(MODALITIES)), np.bool_)
        """[n, 6], which vectors there are, damaged ones too."""
        for m, own in holders.items():
            self.stored[np.searchsorted(self.ids, own), MODALITIES.index(m)] = True

    @property
    def encoders(self) -> dict[Modality, str]:
        """Name the encoder of each modality that some track has."""
        return {m: encoder for m, (encoder, _) in self.encoded.items()}

    def read(self, rows: NDArray[np.int64]) -> Part:
        """Read the vectors of some rows of `ids`, each once, in the order asked."""
        ids = self.ids[rows].tolist()
        place = {track_id: row for row, track_id in enumerate(ids)}
        known = {m.value: (m, encoder, width) for m, (encoder, width) in self.encoded.items()}
        vectors = {m: np.zeros((len(ids), width), np.float16) for m, (_, width) in self.encoded.items()}
        present = np.zeros((len(ids), len(MODALITIES)), np.bool_)
        for track_id, name, encoder, vector in all_vectors_of(self._connection, ids):
            if name not in known:
                continue
            m, wanted, width = known[name]
            if encoder == wanted and len(vector) == width:
                vectors[m][place[track_id]] = vector
                present[place[track_id], MODALITIES.index(m)] = True
        for m, found in vectors.items():
            sound = np.isfinite(found).all(axis=1)
            found[~sound] = 0
            present[:, MODALITIES.index(m)] &= sound
        return Part(Halves(vectors), present)

    @cached_property
    def _whole(self) -> Part:
        return self.read(np.arange(len(self.ids)))

    @property
    def x(self) -> Halves:
        """Return all vectors at once, [n, d] by modality: for libraries that are known to be small."""
        return self._whole.x

    @property
    def present(self) -> NDArray[np.bool_]:
        """Tell which track has a sound vector of which modality, bool [n, 6]; reads all of them."""
        return self._whole.present


def encoded_by(store: Connected) -> Encoded:
    """Name encoder and width of each modality that some present track has."""
    found = {}
    for m in MODALITIES:
        encoder = encoder_of(store.connection, m)
        if encoder is not None:
            query = "SELECT dimension FROM vectors WHERE modality = ? AND encoder = ? LIMIT 1"
            found[m] = (encoder, int(store.connection.execute(query, (m.value, encoder)).fetchone()[0]))
    return found


def spread(count: int, most: int) -> NDArray[np.int64]:
    """Return up to `most` of the rows 0..count-1, evenly spread, the same ones every time."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))

"""Line up the encoder vectors of a library: what a space is fitted to and what its blocks are made from."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import numpy as np

from indexer.storing.vectors import encoder_of, load_vectors
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

Encoded = Mapping[Modality, tuple[str, int]]
"""The encoder of each modality that some track has, and how many numbers it gives."""


class Connected(Protocol):
    """A store or a catalogue."""

    @property
    def connection(self) -> "sqlite3.Connection":
        """Return this thread's connection."""
        ...


class Inputs:
    """The encoder vectors of all present tracks, aligned: x[m] is [n, d] with zeros where `present` [n, 6] is False."""

    def __init__(self, store: Connected) -> None:
        self.encoders: dict[Modality, str] = {}
        self.damaged = 0
        """Vectors with numbers that are not finite; they count as absent, for nothing can be compared with them."""
        loaded: dict[Modality, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        for m in MODALITIES:
            encoder = encoder_of(store.connection, m)
            if encoder is not None:
                loaded[m] = self._sound(*load_vectors(store.connection, m, encoder))
                self.encoders[m] = encoder
        ids = [ids for ids, _ in loaded.values() if len(ids)]
        self.ids = np.unique(np.concatenate(ids)) if ids else np.zeros(0, np.int64)
        self.present = np.zeros((len(self.ids), len(MODALITIES)), np.bool_)
        self.x: dict[Modality, NDArray[np.float32]] = {}
        for m, (own, vectors) in loaded.items():
            if len(own):
                rows = np.searchsorted(self.ids, own)
                self.x[m] = np.zeros((len(self.ids), vectors.shape[1]), np.float32)
                self.x[m][rows] = vectors
                self.present[rows, MODALITIES.index(m)] = True

    def _sound(
        self, ids: "NDArray[np.int64]", vectors: "NDArray[np.float32]"
    ) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
        """Leave out rows that are not finite."""
        finite = np.isfinite(vectors).all(axis=1)
        self.damaged += int((~finite).sum())
        return (ids, vectors) if finite.all() else (ids[finite], vectors[finite])

    @property
    def encoded(self) -> Encoded:
        """Name encoder and width of each modality that some track has."""
        return {m: (self.encoders[m], vectors.shape[1]) for m, vectors in self.x.items()}


def encoded_by(store: Connected) -> Encoded:
    """Name encoder and width of each modality without loading the vectors; as `Inputs.encoded`."""
    found = {}
    for m in MODALITIES:
        encoder = encoder_of(store.connection, m)
        if encoder is not None:
            query = "SELECT dimension FROM vectors WHERE modality = ? AND encoder = ? LIMIT 1"
            found[m] = (encoder, int(store.connection.execute(query, (m.value, encoder)).fetchone()[0]))
    return found


def spread(count: int, most: int) -> "NDArray[np.int64]":
    """Return up to `most` of the rows 0..count-1, evenly spread, the same ones every time."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))

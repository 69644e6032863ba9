"""Read what the indexes of nearest tracks are made of: the blocks of a space, or one modality's own vectors."""

from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from models.joint.whitening import unit_rows

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.modality import Modality

    Stamps = tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]

_ROWS_AT_ONCE = 10_000
"""Rows widened at a time: 31 MB of float32."""
_VARIABLES = 900


class BlockRows:
    """The blocks of all tracks, with the hub term as one more number."""

    def __init__(self, connection: "sqlite3.Connection") -> None:
        self.connection = connection

    def stamps(self) -> "Stamps":
        """Return what tells whether a track's row is still what was coded: ids [n] rising, digests, hub terms."""
        rows = self.connection.execute("SELECT track_id, source_hash, hub FROM blocks ORDER BY track_id")
        return _stamps(rows, 0)

    def read(self, ids: "NDArray[np.int64]") -> "Iterator[NDArray[np.float32]]":
        """Yield the rows [b, 769] of tracks that have one, by rising ids, a part at a time."""
        query = "SELECT block, hub FROM blocks WHERE track_id IN ({marks}) ORDER BY track_id"
        for found in _parts(self.connection, query, (), ids):
            hubs = np.array([[row[1]] for row in found], np.float32)
            yield np.hstack([_halves(found).astype(np.float32), hubs])


class OwnRows:
    """The vectors of all tracks that have a modality, less their mean, at length one; the hub term is 0."""

    def __init__(
        self, connection: "sqlite3.Connection", modality: "Modality", encoder: str, mean: "NDArray[np.float32]"
    ) -> None:
        self.connection = connection
        self._asked = (modality.value, encoder)
        self._mean = mean

    def stamps(self) -> "Stamps":
        """Return what `BlockRows.stamps` does; another mean or encoder changes every digest."""
        query = "SELECT track_id, input_hash, 0.0 FROM vectors WHERE modality = ? AND encoder = ? ORDER BY track_id"
        seed = crc32(self._mean.tobytes(), crc32(self._asked[1].encode()))
        return _stamps(self.connection.execute(query, self._asked), seed)

    def read(self, ids: "NDArray[np.int64]") -> "Iterator[NDArray[np.float32]]":
        """Yield the rows [b, d + 1] of tracks that have one, by rising ids, a part at a time."""
        # The plus keeps SQLite from walking through all vectors of the encoder for every few ids.
        query = (
            "SELECT vector FROM vectors WHERE modality = ? AND +encoder = ? AND track_id IN ({marks}) ORDER BY track_id"
        )
        for found in _parts(self.connection, query, self._asked, ids):
            rows = unit_rows(_halves(found).astype(np.float32) - self._mean).astype(np.float32)
            yield np.hstack([rows, np.zeros((len(rows), 1), np.float32)])


def _stamps(rows: "sqlite3.Cursor", seed: int) -> "Stamps":
    ids, sources, hubs = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)]
    while batch := rows.fetchmany(_ROWS_AT_ONCE):
        ids.append(np.array([row[0] for row in batch], np.int64))
        sources.append(np.array([crc32(row[1].encode(), seed) for row in batch], np.uint32))
        hubs.append(np.array([row[2] for row in batch], np.float32))
    return np.concatenate(ids), np.concatenate(sources), np.concatenate(hubs)


def _parts(
    connection: "sqlite3.Connection", query: str, parameters: tuple[str, ...], ids: "NDArray[np.int64]"
) -> "Iterator[list[Any]]":
    """Yield the rows of a query with {marks} for the ids, for some thousand ids at a time."""
    cursor = connection.cursor()
    cursor.row_factory = None
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        part = ids[start : start + _ROWS_AT_ONCE]
        found: list[Any] = []
        for first in range(0, len(part), _VARIABLES):
            some = part[first : first + _VARIABLES].tolist()
            found += cursor.execute(query.format(marks=",".join("?" * len(some))), (*parameters, *some))
        if found:
            yield found


def _halves(rows: "list[Any]") -> "NDArray[np.float16]":
    """Return the first column of rows, bytes of float16, as [n, d]."""
    return np.frombuffer(b"".join(row[0] for row in rows), np.float16).reshape(len(rows), -1)

"""Read the encoder vectors of some tracks, and what the blocks of a track are made from, without holding a library."""

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from models.modality import Modality

_VARIABLES = 900
"""Ids that are asked for at once; SQLite admits 999 variables in its oldest versions."""


def tracks_with(connection: "sqlite3.Connection", modality: "Modality", encoder: str) -> "NDArray[np.int64]":
    """Return the ids of the present tracks that have a vector of an encoder, rising."""
    query = (
        "SELECT v.track_id FROM vectors v JOIN tracks t ON t.id = v.track_id "
        "WHERE v.modality = ? AND v.encoder = ? AND t.missing_since IS NULL"
    )
    rows = connection.execute(query, (modality.value, encoder))
    return np.sort(np.fromiter((row[0] for row in rows), np.int64))


def all_vectors_of(
    connection: "sqlite3.Connection", track_ids: "Sequence[int]"
) -> "Iterator[tuple[int, str, str, NDArray[np.float16]]]":
    """Yield track id, modality, encoder and vector, float16 [d], of all vectors that some tracks have."""
    for start in range(0, len(track_ids), _VARIABLES):
        part = track_ids[start : start + _VARIABLES]
        marks = ",".join("?" * len(part))
        query = f"SELECT track_id, modality, encoder, vector FROM vectors WHERE track_id IN ({marks})"
        for track_id, modality, encoder, data in connection.execute(query, part):
            yield track_id, modality, encoder, np.frombuffer(data, np.float16)


def sources(connection: "sqlite3.Connection", space_id: int, *, first: int, last: int) -> dict[int, str]:
    """Digest, for each track of `first` to `last` that has a vector, all that its blocks in a space are made from."""
    query = (
        "SELECT track_id, group_concat(modality || '=' || encoder || '=' || input_hash, ';') FROM "
        "(SELECT track_id, modality, encoder, input_hash FROM vectors WHERE track_id BETWEEN ? AND ? "
        "ORDER BY track_id, modality) GROUP BY track_id"
    )
    return {
        track_id: blake2b(f"{space_id};{text}".encode(), digest_size=8).hexdigest()
        for track_id, text in connection.execute(query, (first, last))
    }

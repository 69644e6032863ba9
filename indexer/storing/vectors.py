"""Keep encoder vectors and joint blocks, float16, one row per track and modality or space."""

from typing import TYPE_CHECKING

import numpy as np

from models.modality import MODALITIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from models.joint.additive import Head
    from models.modality import Modality

_ROWS_AT_ONCE = 10_000
"""Vectors in memory at a time where not all are needed at once: 15 MB of float32."""


def put_vectors(
    connection: "sqlite3.Connection",
    modality: "Modality",
    encoder: str,
    rows: "Iterable[tuple[int, str, NDArray[np.float32]]]",
    *,
    staged: bool = False,
) -> None:
    """Store (track id, input hash, vector) rows of one encoder, replacing what the track had for the modality.

    `staged` ones wait until their encoder has read the whole library; see indexer/storing/switching.py. A vector with
    a number that is not finite raises ValueError: nothing of the sort may reach a score.
    """
    prepared = []
    for track_id, input_hash, vector in rows:
        if not np.isfinite(vector).all():
            raise ValueError(f"{encoder} gave a vector that is not finite for track {track_id}")
        prepared.append(
            (track_id, modality.value, encoder, input_hash, len(vector), vector.astype(np.float16).tobytes())
        )
    table = "staged_vectors" if staged else "vectors"
    connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?, ?, ?, ?)", prepared)


def drop_vectors(connection: "sqlite3.Connection", modality: "Modality", track_ids: "Iterable[int]") -> None:
    """Forget the vectors of tracks that no longer have the modality."""
    connection.executemany(
        "DELETE FROM vectors WHERE modality = ? AND track_id = ?", [(modality.value, i) for i in track_ids]
    )


def input_hashes(connection: "sqlite3.Connection", modality: "Modality", encoder: str) -> dict[int, str]:
    """Return track id -> input hash of everything stored for an encoder."""
    query = "SELECT track_id, input_hash FROM vectors WHERE modality = ? AND encoder = ?"
    return dict(connection.execute(query, (modality.value, encoder)))


def encoder_of(connection: "sqlite3.Connection", modality: "Modality") -> str | None:
    """Name the encoder that most present tracks have vectors of; None when none has any."""
    # Nearly always there is one, which the two ends of an index tell; counting reads all rows.
    ends = {
        row[0]
        for way in ("min", "max")
        for row in connection.execute(f"SELECT {way}(encoder) FROM vectors WHERE modality = ?", (modality.value,))
    }
    present = "FROM vectors v JOIN tracks t ON t.id = v.track_id WHERE v.modality = ? AND t.missing_since IS NULL"
    if len(ends) == 1:
        row = connection.execute(f"SELECT v.encoder {present} LIMIT 1", (modality.value,)).fetchone()
    else:
        query = f"SELECT v.encoder {present} GROUP BY v.encoder ORDER BY count(*) DESC LIMIT 1"
        row = connection.execute(query, (modality.value,)).fetchone()
    return row[0] if row else None


def encoder_read_by(connection: "sqlite3.Connection", modality: "Modality", head: "Head | None") -> str:
    """Name the encoder whose stored vectors a head reads: "" for no head or none that it can read.

    Not the head's own id: one without a revision reads the vectors of any.
    """
    encoder = encoder_of(connection, modality)
    return encoder if head is not None and encoder is not None and head.reads(encoder) else ""


def load_vectors(
    connection: "sqlite3.Connection", modality: "Modality", encoder: str
) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Return (track ids [n], vectors [n, d]) of present tracks in id order; n = 0 gives shapes (0,) and (0, 0)."""
    parts = list(each_vectors(connection, modality, encoder))
    if not parts:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    return np.concatenate([ids for ids, _ in parts]), np.concatenate([vectors for _, vectors in parts])


def vectors_of(
    connection: "sqlite3.Connection", modality: "Modality", encoder: str, track_ids: "Sequence[int]"
) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Return (track ids [n], vectors [n, d]) of those of some tracks that have one; shapes as `load_vectors`."""
    query = "SELECT vector FROM vectors WHERE track_id = ? AND modality = ? AND encoder = ?"
    found = []
    for track_id in track_ids:
        row = connection.execute(query, (track_id, modality.value, encoder)).fetchone()
        if row is not None:
            found.append((track_id, row[0]))
    if not found:
        return np.zeros(0, np.int64), np.zeros((0, 0), np.float32)
    vectors = np.frombuffer(b"".join(row[1] for row in found), np.float16).reshape(len(found), -1)
    return np.array([row[0] for row in found], np.int64), vectors.astype(np.float32)


def each_vectors(
    connection: "sqlite3.Connection", modality: "Modality", encoder: str
) -> "Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]":
    """Yield what `load_vectors` returns a part at a time, in id order: memory stays flat."""
    query = (
        "SELECT v.track_id, v.vector FROM vectors v JOIN tracks t ON t.id = v.track_id "
        "WHERE v.modality = ? AND v.encoder = ? AND t.missing_since IS NULL ORDER BY v.track_id"
    )
    rows = connection.execute(query, (modality.value, encoder))
    while batch := rows.fetchmany(_ROWS_AT_ONCE):
        vectors = np.frombuffer(b"".join(row[1] for row in batch), np.float16).reshape(len(batch), -1)
        yield np.array([row[0] for row in batch], np.int64), vectors.astype(np.float32)


def put_blocks(
    connection: "sqlite3.Connection",
    space_id: int,
    rows: "Iterable[tuple[int, str, int, NDArray[np.float16]]]",
) -> None:
    """Store (track id, source hash, modality mask, block) rows of one space; their hub terms start at zero."""
    connection.executemany(
        "INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?, ?, 0.0)",
        [
            (track_id, space_id, source, mask, block.astype(np.float16).tobytes())
            for track_id, source, mask, block in rows
        ],
    )


def load_blocks(
    connection: "sqlite3.Connection", track_ids: "Sequence[int]", *, space_id: int | None = None
) -> "tuple[NDArray[np.float16], NDArray[np.bool_], NDArray[np.float64]]":
    """Return (blocks [n, 768] float16, mask [n, 6], hub [n]) in the order asked; a track without a row gets zeros.

    With `space_id`, blocks of another space count as no row: one that was put to use meanwhile is never mixed in.
    """
    found: dict[int, tuple[int, bytes, float]] = {}
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: half the time
    for start in range(0, len(track_ids), 900):
        part = list(track_ids[start : start + 900])
        marks = ",".join("?" * len(part))
        query = f"SELECT track_id, mask, block, hub, space_id FROM blocks WHERE track_id IN ({marks})"
        rows_found = cursor.execute(query, part)
        found.update({row[0]: (row[1], row[2], row[3]) for row in rows_found if space_id in (None, row[4])})
    width = len(next(iter(found.values()))[1]) // 2 if found else 0
    empty = (0, bytes(2 * width), 0.0)
    rows = [found.get(i, empty) for i in track_ids]
    blocks = np.frombuffer(b"".join(row[1] for row in rows), np.float16).reshape(len(rows), width)
    return blocks, unpack_masks([row[0] for row in rows]), np.array([row[2] for row in rows], np.float64)


def unpack_masks(masks: "Sequence[int]") -> "NDArray[np.bool_]":
    """Turn bit masks (bit i = modality i present) into a bool array [n, 6]."""
    bits = np.asarray(masks, np.int64).reshape(-1, 1)
    mask: NDArray[np.bool_] = (bits >> np.arange(len(MODALITIES))) & 1 == 1
    return mask

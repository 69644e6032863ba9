"""Keep the blocks of a space to come beside those of the space in use, and exchange them in one short transaction."""

import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from indexer.storing.store import Store

ROWS_AT_ONCE = 512
"""Rows of one transaction: 0.8 MB, written in milliseconds, so that another writer never waits."""
_CLEARED_AT_ONCE = 4096
_TICK_SECONDS = 0.001

StagedRow = tuple[int, str, int, bytes, float]
"""Track id, source hash, modality mask, block as float16 bytes, hub term."""


def clear_staged(store: "Store") -> None:
    """Delete what is staged, or was in use before the last exchange, a transaction a batch."""
    deleted = _CLEARED_AT_ONCE
    while deleted == _CLEARED_AT_ONCE:
        with store.db.atomic():
            deleted = store.connection.execute(
                "DELETE FROM staged_blocks WHERE track_id IN (SELECT track_id FROM staged_blocks LIMIT ?)",
                (_CLEARED_AT_ONCE,),
            ).rowcount


def stage_blocks(store: "Store", space_id: int, rows: "Iterable[StagedRow]") -> None:
    """Write blocks of the space to come, a transaction a batch; nobody reads them yet."""
    batch: list[tuple[int, int, str, int, bytes, float]] = []
    for track_id, source, mask, block, hub in rows:
        batch.append((track_id, space_id, source, mask, block, hub))
        if len(batch) == ROWS_AT_ONCE:
            _write(store, batch)
            batch = []
    _write(store, batch)


def _write(store: "Store", batch: "Sequence[tuple[object, ...]]") -> None:
    with store.db.atomic():
        # A track may have been pruned since its vectors were read.
        store.connection.executemany(
            "INSERT INTO staged_blocks SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM tracks WHERE id = ?1)",
            batch,
        )


def swap_staged(store: "Store", space_id: int, *, pinned: bool, report: str | None = None) -> None:
    """Make a space the active one and the staged blocks its blocks, at once: the two tables change names.

    What was in use is staged after that; `clear_staged` deletes it, which takes longer than others should wait.
    """
    with store.writing() as connection:
        connection.execute("ALTER TABLE blocks RENAME TO former_blocks")
        connection.execute("ALTER TABLE staged_blocks RENAME TO blocks")
        connection.execute("ALTER TABLE former_blocks RENAME TO staged_blocks")
        connection.execute("UPDATE spaces SET active = 0")
        connection.execute(
            "UPDATE spaces SET active = 1, pinned = ?, activated = ?, report = coalesce(?, report) WHERE id = ?",
            (pinned, next_moment(connection), report, space_id),
        )
        raise_blocks_version(connection)


def next_moment(connection: "sqlite3.Connection") -> float:
    """Return the time, in seconds since 1970, later than any space was put to use, whatever happened to the clock."""
    last = connection.execute("SELECT max(activated) FROM spaces").fetchone()[0]
    return max(time.time(), (last or 0.0) + _TICK_SECONDS)


def placed_ids(store: "Store") -> "NDArray[np.int64]":
    """Return the ids of the present tracks that have blocks, rising."""
    query = "SELECT b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id WHERE t.missing_since IS NULL"
    return np.sort(np.fromiter((row[0] for row in store.connection.execute(query)), np.int64))


def put_hubs(store: "Store", ids: "NDArray[np.int64]", hubs: "NDArray[np.float64]") -> None:
    """Write the hub terms of tracks `ids`, rising, that have changed in the space in use, a transaction a batch."""
    query = "SELECT track_id, hub FROM blocks WHERE track_id BETWEEN ? AND ?"
    for start in range(0, len(ids), ROWS_AT_ONCE):
        part = ids[start : start + ROWS_AT_ONCE].tolist()
        known = dict(store.connection.execute(query, (part[0], part[-1])).fetchall())
        terms = zip(hubs[start : start + ROWS_AT_ONCE].tolist(), part, strict=True)
        changed = [(hub, i) for hub, i in terms if known.get(i) != hub]
        if changed:
            with store.db.atomic():
                store.connection.executemany("UPDATE blocks SET hub = ? WHERE track_id = ?", changed)


def raise_blocks_version(connection: "sqlite3.Connection") -> None:
    """Tell readers that the blocks are other ones now."""
    connection.execute(
        "INSERT INTO facts VALUES ('blocks_version', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
    )

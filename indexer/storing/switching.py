"""Let a new encoder read the whole library before its vectors replace the old ones: nothing is lost, nothing mixed.

While an encoder is being exchanged, its vectors lie in `staged_vectors`; searches, blocks and the space go on with the
old ones. `settle` then puts all exchanged encoders to use in one transaction. A run that is stopped before goes on
with what is staged.
"""

from typing import TYPE_CHECKING

import numpy as np

from indexer.storing.vectors import drop_vectors, encoder_of, input_hashes, put_vectors
from models.modality import MODALITIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from indexer.storing.store import Store
    from models.modality import Modality

_NOTHING = np.zeros(0, np.float32)

_UNREAD = (
    "SELECT count(*) FROM vectors v JOIN tracks t ON t.id = v.track_id LEFT JOIN staged_vectors s "
    "ON s.track_id = v.track_id AND s.modality = v.modality "
    "WHERE v.modality = ?1 AND t.missing_since IS NULL AND s.track_id IS NULL AND NOT (?1 = 'audio' AND EXISTS "
    "(SELECT 1 FROM problems p WHERE p.root_id = t.root_id AND p.path = t.path AND p.stage IN ('read', 'sound')))"
)
"""Present tracks that have a vector of the old encoder and that the new one has still to read: not damaged files."""


class Destination:
    """Where the vectors of one modality's encoder go: straight to use, or to the stage while another one is in use."""

    def __init__(self, store: "Store", modality: "Modality", encoder: str) -> None:
        self.modality, self.encoder = modality, encoder
        in_use = encoder_of(store.connection, modality)
        self.staged = in_use is not None and in_use != encoder
        _forget_others(store, modality, encoder if self.staged else None)

    @property
    def table(self) -> str:
        """Return the table that the vectors go to."""
        return "staged_vectors" if self.staged else "vectors"

    def hashes(self, connection: "sqlite3.Connection") -> dict[int, str]:
        """Return track id -> input hash of everything that the encoder has read."""
        if not self.staged:
            return input_hashes(connection, self.modality, self.encoder)
        query = "SELECT track_id, input_hash FROM staged_vectors WHERE modality = ?"
        return dict(connection.execute(query, (self.modality.value,)))

    def holders(self, connection: "sqlite3.Connection") -> set[int]:
        """Return the tracks that any encoder has a vector of, in use or staged."""
        either = ("vectors", "staged_vectors")
        query = " UNION ".join(f"SELECT track_id FROM {table} WHERE modality = ?" for table in either)
        return {row[0] for row in connection.execute(query, (self.modality.value, self.modality.value))}

    def put(self, connection: "sqlite3.Connection", rows: "Iterable[tuple[int, str, NDArray[np.float32]]]") -> None:
        """Store (track id, input hash, vector) rows; see `put_vectors`."""
        put_vectors(connection, self.modality, self.encoder, rows, staged=self.staged)

    def put_nothing(self, connection: "sqlite3.Connection", track_ids: "Iterable[int]", input_hash: str) -> None:
        """Note that these tracks hold nothing that the encoder can read."""
        if self.staged:
            self.put(connection, [(i, input_hash, _NOTHING) for i in track_ids])
        else:
            drop_vectors(connection, self.modality, track_ids)

    def drop(self, connection: "sqlite3.Connection", track_ids: "Iterable[int]") -> None:
        """Forget the vectors of tracks that no longer have the modality, those of the old encoder as well."""
        ids = [(self.modality.value, i) for i in track_ids]
        connection.executemany("DELETE FROM staged_vectors WHERE modality = ? AND track_id = ?", ids)
        connection.executemany("DELETE FROM vectors WHERE modality = ? AND track_id = ?", ids)

    def twin(self, connection: "sqlite3.Connection", track_id: int, input_hash: str) -> int | None:
        """Return another track whose same input the encoder has read; None when there is none."""
        row = connection.execute(
            f"SELECT track_id FROM {self.table} WHERE modality = ? AND encoder = ? AND input_hash = ? "
            "AND track_id != ? LIMIT 1",
            (self.modality.value, self.encoder, input_hash, track_id),
        ).fetchone()
        return int(row[0]) if row else None

    def copy(self, connection: "sqlite3.Connection", twin: int | None, track_id: int) -> None:
        """Give a track the vector of another."""
        connection.execute(
            f"INSERT OR REPLACE INTO {self.table} SELECT ?, modality, encoder, input_hash, dimension, vector "
            f"FROM {self.table} WHERE track_id = ? AND modality = ?",
            (track_id, twin, self.modality.value),
        )


def _forget_others(store: "Store", modality: "Modality", encoder: str | None) -> None:
    """Drop what is staged for a modality by any encoder but this one: a switch that was given up."""
    query = "FROM staged_vectors WHERE modality = ? AND encoder IS NOT ?"
    if store.connection.execute(f"SELECT 1 {query} LIMIT 1", (modality.value, encoder)).fetchone():
        with store.writing() as connection:
            connection.execute(f"DELETE {query}", (modality.value, encoder))


def staged_encoders(connection: "sqlite3.Connection") -> "dict[Modality, str]":
    """Return the encoder that is to replace another one, for each modality where one is."""
    rows = connection.execute("SELECT modality, min(encoder) FROM staged_vectors GROUP BY modality")
    found = dict(iter(rows))
    return {m: found[m.value] for m in MODALITIES if m.value in found}


def settle(store: "Store") -> str:
    """Put every staged encoder to use at once, if each has read all that the old ones had; return why not, "" if done.

    Tracks that cannot be read now (their disk is not there) keep the switch waiting, and the old vectors in use.
    """
    staged = staged_encoders(store.connection)
    for m, encoder in staged.items():
        unread = store.connection.execute(_UNREAD, (m.value,)).fetchone()[0]
        if unread:
            name = encoder.partition("@")[0]
            tracks = f"{unread} track{'s' * (unread != 1)}"
            return f"{name} has not read the {m.value} of {tracks} yet: the encoders before it stay in use"
    if staged:
        with store.writing() as connection:
            for m in staged:
                _exchange(connection, m)
    return ""


def _exchange(connection: "sqlite3.Connection", m: "Modality") -> None:
    connection.execute(
        "DELETE FROM vectors WHERE modality = ? AND track_id IN "
        "(SELECT track_id FROM staged_vectors WHERE modality = ?)",
        (m.value, m.value),
    )
    query = "INSERT INTO vectors SELECT * FROM staged_vectors WHERE modality = ? AND dimension > 0"
    connection.execute(query, (m.value,))
    connection.execute("DELETE FROM staged_vectors WHERE modality = ?", (m.value,))

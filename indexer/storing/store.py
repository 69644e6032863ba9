"""Open a library's database, the truth of everything: one writer, many readers, every write in a transaction."""

import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlite_utils import Database

from indexer.errors import BusyError, IndexerError
from indexer.storing.lock import INDEXING, HeldError, held
from indexer.storing.schema import migrations
from indexer.storing.version import DATABASE, SCHEMA_VERSION, refuse_foreign, refuse_newer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_MS = 15_000
"""How long a writer waits for another one: a batch takes well under a second."""
_CURES = {
    sqlite3.SQLITE_FULL: "free some space on its disk and run again",
    sqlite3.SQLITE_IOERR: "see that its disk is there and not full, and run again",
    sqlite3.SQLITE_BUSY: "another program holds it; run again later",
    sqlite3.SQLITE_READONLY: "it may not be written; choose another folder with --library DIR",
}
_CURE = "choose another folder with --library DIR"


class Store:
    """A library opened for writing; a context manager, which turns what SQLite says of a full disk into IndexerError.

    Raises
    ------
    IndexerError
        When the database was made by a newer version, is no library, or the folder cannot be written.

    """

    def __init__(self, library: "Path") -> None:
        self.library = library
        try:
            library.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(library / DATABASE, timeout=_BUSY_MS / 1000, isolation_level=None)
            refuse_newer(connection, library)
            refuse_foreign(connection, library)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            connection.row_factory = sqlite3.Row
            self.connection = connection
            self.db = Database(connection)
            migrations.apply(self.db)
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except (OSError, sqlite3.Error) as error:
            raise IndexerError(f"cannot open the library in {library}: {error}; {_cure(error)}") from error

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()
        if isinstance(error, sqlite3.Error):
            raise IndexerError(f"the library in {self.library} failed: {error}; {_cure(error)}") from error

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self.connection.close()

    @contextmanager
    def writing(self) -> "Iterator[sqlite3.Connection]":
        """Run one transaction and count a change of the library; on any error nothing of it remains."""
        with self.db.atomic():
            yield self.connection
            self.connection.execute(
                "INSERT INTO facts VALUES ('version', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )

    @contextmanager
    def indexing(self) -> "Iterator[None]":
        """Hold the lock of the one indexing run that a library admits.

        Raises
        ------
        BusyError
            When another process is indexing this library.

        """
        try:
            with held(self.library / INDEXING):
                yield
        except HeldError as error:
            who = "" if error.process is None else f" (process {error.process})"
            raise BusyError(f"another run{who} is indexing this library; wait for it or stop it first") from error
        except OSError as error:
            raise BusyError(f"{self.library} cannot be locked ({error.strerror}): keep it on another disk") from error

    def fact(self, name: str) -> Any:
        """Return a stored fact, or None."""
        row = self.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def set_fact(self, name: str, value: Any) -> None:
        """Remember a fact about the library (a stage's completion, a cached figure)."""
        with self.db.atomic():
            self.connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def start_job(self, kind: str) -> int:
        """Record that a long job began; one that still seems to run was killed."""
        with self.db.atomic():
            self.connection.execute(
                "UPDATE jobs SET state = 'interrupted' WHERE kind = ? AND state = 'running'", (kind,)
            )
            row = self.connection.execute(
                "INSERT INTO jobs (kind, started, state, counts) VALUES (?, ?, 'running', '{}') RETURNING id",
                (kind, time.time()),
            ).fetchone()
        return int(row[0])

    def finish_job(self, job: int, *, state: str, counts: str) -> None:
        """Record how a job ended: "done", "interrupted" or "failed"."""
        with self.db.atomic():
            self.connection.execute(
                "UPDATE jobs SET finished = ?, state = ?, counts = ? WHERE id = ?", (time.time(), state, counts, job)
            )


def _cure(error: Exception) -> str:
    """Say what to do about an error of SQLite or of the disk."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the kind, the rest says where
    return _CURES.get(code, _CURE)

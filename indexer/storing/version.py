"""Hold the schema's version and refuse what another version wrote; imports nothing heavy."""

import sqlite3
from typing import TYPE_CHECKING

from indexer.errors import IndexerError

if TYPE_CHECKING:
    from pathlib import Path

DATABASE = "library.db"
SCHEMA_VERSION = 6
"""Number of migrations in schema.py; kept in PRAGMA user_version."""


def refuse_newer(connection: sqlite3.Connection, library: "Path") -> None:
    """Raise IndexerError when the database was written by a newer version of the program."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise IndexerError(
            f"the library in {library} was made by a newer fairouz-tui (schema {version}, this one knows "
            f"{SCHEMA_VERSION}): update fairouz-tui, or use another folder with --library DIR"
        )


def refuse_foreign(connection: sqlite3.Connection, library: "Path") -> None:
    """Raise IndexerError when the database is some other program's."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "_sqlite_migrations" not in tables:
        raise IndexerError(
            f"{library / DATABASE} is another program's database: choose another folder with --library DIR"
        )


def refuse_older(connection: sqlite3.Connection, library: "Path") -> None:
    """Raise IndexerError when a reader meets a database that only an indexing run can bring up to date."""
    if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:
        raise IndexerError(
            f"the library in {library} is of an older version: run `fairouz-tui index` once to bring it up to date"
        )

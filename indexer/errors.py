"""Errors of the indexer package: one root, and the boundary kinds that callers tell apart."""

from sqlite3 import Error as StoreError

__all__ = ["BusyError", "IndexerError", "QueryError", "ReadError", "StoreError", "TrackNotFoundError"]
# StoreError: what SQLite raises for a damaged database or a full disk, for the boundary that knows no SQL.


class IndexerError(Exception):
    """Anything the indexer cannot do; the message is one line that says what to do about it."""


class BusyError(IndexerError):
    """Another process is indexing the library: wait for it."""


class ReadError(IndexerError):
    """A single file that could not be read: counted and listed, never fatal to a run."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type["ReadError"], tuple[str, str]]:
        return type(self), (self.path, self.reason)


class QueryError(IndexerError):
    """A query that does not parse: an unknown field or a bad number, named in the message."""


class TrackNotFoundError(IndexerError):
    """No track, or several, answer to what the user typed."""

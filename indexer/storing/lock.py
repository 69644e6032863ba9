"""Let one process at a time do something with a library, and know which one it is: a lock file that holds its id.

The system frees the lock when its process ends, however it ends; what stands in the file is only there to be told.
"""

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEXING = "index.lock"
"""In the library's folder; held while it is indexed or pruned."""
_TRIES, _TRY_SECONDS = 4, 0.02
"""Whoever looks for the holder holds the lock himself for a moment."""


class HeldError(Exception):
    """Another process holds the lock; `process` is its id, None where it did not say."""

    def __init__(self, process: int | None) -> None:
        super().__init__(f"held by process {process}")
        self.process = process


@contextmanager
def held(path: "Path") -> "Iterator[None]":
    """Hold the lock at `path` for as long as the block runs. Raises HeldError when another one holds it, OSError."""
    lock = take(path)
    try:
        yield
    finally:
        release(lock)


def take(path: "Path") -> IO[str]:
    """Take the lock at `path` until `release`. Raises HeldError when another one holds it, OSError."""
    lock = path.open("a+", encoding="ascii", errors="replace")  # not "w": what the holder wrote must stay
    for tries_left in reversed(range(_TRIES)):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if not tries_left:
                lock.close()
                raise HeldError(_written(path)) from error
            time.sleep(_TRY_SECONDS)
        except OSError:  # some network disks know no locks
            lock.close()
            raise
    with suppress(OSError):  # a full disk keeps nobody from holding a lock
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
    return lock


def release(lock: IO[str]) -> None:
    """Free a lock that was taken."""
    with suppress(OSError):
        lock.truncate(0)
    with suppress(OSError):
        lock.close()


def holder(path: "Path") -> int | None:
    """Return the id of the process that holds the lock at `path`, or None; one that did not say its id gives 0."""
    try:
        # A lock that nobody holds is an empty file, unless its last holder was killed.
        if not path.stat().st_size:
            return None
        with path.open(encoding="ascii", errors="replace") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _written(path) or 0
    except OSError:
        pass
    return None


def _written(path: "Path") -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):
        return None

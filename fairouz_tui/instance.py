"""Know whether another explorer is open on the same library: only the first one keeps what is on its screen."""

import os
from pathlib import Path
from typing import IO

from indexer.storing.lock import HeldError, release, take

LOCK = "explorer.lock"


class Instance:
    """One explorer among those that are open on a library."""

    def __init__(self, library: Path) -> None:
        """Be the first explorer of a library, if there is none."""
        self.other: int | None = None
        """The process of the first one, 0 where it is not known; None when this is the first."""
        self._lock: IO[str] | None = None
        try:
            self._lock = take(library / LOCK)
        except HeldError as error:
            self.other = None if error.process == os.getpid() else error.process or 0
        except OSError:
            pass  # a folder that cannot be written holds no state either

    @property
    def is_first(self) -> bool:
        """Return whether no other explorer was open before."""
        return self.other is None

    def notice(self) -> str:
        """Return what is to be said to the reader, "" for the first explorer."""
        if self.other is None:
            return ""
        who = f" (process {self.other})" if self.other else ""
        return (
            f"This library is open in another explorer{who}, which keeps its trail and playlist. What changes here is"
            " not kept: ^s saves the playlist to a file."
        )

    def leave(self) -> None:
        """Let the next explorer be the first."""
        if self._lock is not None:
            release(self._lock)
            self._lock = None

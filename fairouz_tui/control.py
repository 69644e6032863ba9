"""Listen, in the indexing child, to what the screen that started it says on stdin: pause, go on, stop."""

import os
import signal
from threading import Event, Thread

PAUSE, GO_ON, STOP = b"pause", b"go on", b"stop"
_BYTES = 4096


class Control:
    """Whether the run is to pause; listens in a thread of its own, until stdin ends, after which it goes on."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._paused = Event()
        Thread(target=self._listen, daemon=True).start()

    def paused(self) -> bool:
        """Return whether the run is to pause."""
        return self._paused.is_set()

    def _listen(self) -> None:
        """Take in line after line. Not through sys.stdin, whose lock a daemon thread would keep at the end."""
        rest = b""
        try:
            while said := os.read(self._descriptor, _BYTES):
                *lines, rest = (rest + said).split(b"\n")
                for line in lines:
                    self._take(line.strip())
        except OSError:
            pass
        self._paused.clear()  # the screen is gone: a run that pauses for ever would hold the library

    def _take(self, line: bytes) -> None:
        if line == PAUSE:
            self._paused.set()
        elif line == GO_ON:
            self._paused.clear()
        elif line == STOP:
            os.kill(os.getpid(), signal.SIGINT)

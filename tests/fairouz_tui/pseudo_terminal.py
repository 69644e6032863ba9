"""Run the explorer on a pseudo terminal of ours: what it does to the terminal, and what it does when that is gone."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE_SECONDS = 60.0
ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LANG": "C.UTF-8",
    "FAIROUZ_MPV_ARGUMENTS": "--ao=null",
}
MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
AS_BEFORE = {b"1049": b"l", b"25": b"h", b"1000": b"l", b"1003": b"l", b"1006": b"l", b"1004": b"l", b"2004": b"l"}
"""How the second screen, the cursor, the mouse, the focus and pastes are left."""


class PseudoTerminal:
    """An explorer and the other end of its terminal."""

    def __init__(
        self,
        library: Path,
        *,
        code: str = "",
        ignored: Sequence[signal.Signals] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it; `code` is run in its process before, and it is deaf to the signals `ignored`."""
        self._ours, self._its = pty.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._before = termios.tcgetattr(self._its)[:4]
        self._written = b""
        begin = f"{code}\nimport sys; sys.argv = {['', '--library', str(library)]!r}\n"

        def prepare() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)

        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", begin + "from fairouz_tui.__main__ import main; main()"],
            stdin=self._its,
            stdout=self._its,
            stderr=self._its,
            env=kept | ENVIRONMENT | dict(environment or {}),
            preexec_fn=prepare,  # nothing else runs in this process yet
        )

    def _take(self, seconds: float) -> None:
        if select.select([self._ours], [], [], seconds)[0]:
            self._written += os.read(self._ours, 1 << 16)

    def shows(self, *texts: str) -> None:
        """Wait until each of `texts` has been written."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(text.encode() in self._written for text in texts):
            assert time.monotonic() < deadline, (texts, self._written[-2000:])
            self._take(0.1)

    def press(self, keys: str) -> None:
        """Send keys."""
        os.write(self._ours, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Let the terminal be gone."""
        os.close(self._its)
        os.close(self._ours)
        self._ours = self._its = -1

    def ends(self, *, reading: bool = True) -> tuple[int, float]:
        """Wait for its end; return the exit code and the seconds that took."""
        began = time.monotonic()
        while self.process.poll() is None:
            assert time.monotonic() < began + PATIENCE_SECONDS, "it does not end"
            if reading and self._ours >= 0:
                self._take(0.01)
            else:
                time.sleep(0.01)
        return self.process.returncode, time.monotonic() - began

    def is_as_before(self) -> bool:
        """Return whether the terminal is left as it was found."""
        while select.select([self._ours], [], [], 0.1)[0]:
            self._take(0)
        modes = dict(MODE.findall(self._written))
        left = {mode: modes.get(mode) for mode in AS_BEFORE}
        return left == AS_BEFORE and termios.tcgetattr(self._its)[:4] == self._before

    def close(self) -> None:
        """End what is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._ours >= 0:
            self.hang_up()

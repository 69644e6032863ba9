"""Drive the explorer in a real terminal: a tmux server of our own, whose program's raw bytes are kept as well."""

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
FULL_COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
CONTROL = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1b[P_^X][^\x1b]*\x1b\\"  # DCS and its like
    rb"|\x1b[ -/]*[0-~]"
    rb"|[\x00-\x1f\x7f]"
    rb"|\xc2[\x80-\x9f]"
)
"""One control sequence, or one control character alone."""
_numbers = iter(range(1_000_000))


class Terminal:
    """A tmux server with one window that runs the explorer."""

    def __init__(
        self,
        library: Path,
        *,
        columns: int = 120,
        lines: int = 40,
        environment: Mapping[str, str] = FULL_COLOURS,
        through: Sequence[str] = (),
        record: Path | None = None,
    ) -> None:
        """Start the explorer; `through` is a command it runs under, `record` a file for every byte that it writes."""
        self._name = f"fairouz-test-{os.getpid()}-{next(_numbers)}"
        command = [*through, sys.executable, "-m", "fairouz_tui", "--library", str(library)]
        settings = ["-u", "COLUMNS", "-u", "LINES", "-u", "COLORTERM", "-u", "NO_COLOR", "LANG=C.UTF-8"]
        settings += [f"{name}={value}" for name, value in environment.items()]
        waiting = f"tmux -L {self._name} wait-for ready; exec env {shlex.join([*settings, *command])}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), waiting)
        if record is not None:
            self.tmux("pipe-pane", "-O", f"exec cat > {shlex.quote(str(record))}")
        self.tmux("wait-for", "-S", "ready")

    def tmux(self, *arguments: str) -> str:
        """Run a command of tmux; return what it says, "" when there is no server (any more)."""
        done = subprocess.run(["tmux", "-u", "-L", self._name, *arguments], capture_output=True, text=True, timeout=30)
        return done.stdout

    def screen(self) -> str:
        """Return the text on the screen."""
        return self.tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Send keys by their names in tmux."""
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(LOOK_SECONDS)

    def type(self, text: str) -> None:
        """Send text in one burst."""
        self.tmux("send-keys", "-l", text)

    def send(self, sent: bytes) -> None:
        """Send bytes as they are, as a terminal's answers come."""
        self.tmux("send-keys", "-H", *(f"{byte:02x}" for byte in sent))

    def resize(self, columns: int, lines: int) -> None:
        """Make the window larger or smaller."""
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def until(self, holds: Callable[[str], object], what: str) -> str:
        """Wait until `holds` of the text on the screen, and return that."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds(shown := self.screen()):
            assert time.monotonic() < deadline, f"{what}:\n{shown}"
            time.sleep(LOOK_SECONDS)
        return shown

    def shows(self, *texts: str) -> str:
        """Wait until all of `texts` stand on the screen, and return what it shows."""
        return self.until(lambda shown: all(text in shown for text in texts), f"{texts} did not come")

    def shows_no_more(self, text: str) -> None:
        """Wait until `text` is gone from the screen."""
        self.until(lambda shown: text not in shown, f"{text!r} does not go")

    def ends(self) -> None:
        """Wait until the explorer is gone, and its window with it."""
        self.until(lambda _: not self.tmux("list-panes"), "the explorer does not end")

    def quit(self) -> None:
        """Leave the explorer by its key."""
        self.press("q")
        self.ends()

    def close(self) -> None:
        """End the server, and whatever runs in it."""
        self.tmux("kill-server")


def controls(written: bytes) -> set[bytes]:
    """Return the kinds of control sequences in what a program wrote: without their numbers and their texts."""
    return {re.sub(rb"[0-9;:]+", b"#", found.split(b";")[0] + found[-1:]) for found in CONTROL.findall(written)}

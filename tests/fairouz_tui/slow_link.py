"""Run a command on a terminal of its own behind a slow link: every byte comes MILLISECONDS later, both ways.

python -m tests.fairouz_tui.slow_link MILLISECONDS COMMAND ...
"""

import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time
import tty
from collections import deque

CHUNK_BYTES = 65_536
LOOK_SECONDS = 0.2


class Line:
    """One direction of the link."""

    def __init__(self, source: int, target: int, *, delay_seconds: float) -> None:
        self.source, self.target, self._delay = source, target, delay_seconds
        self._under_way: deque[tuple[float, bytes]] = deque()

    @property
    def wait_seconds(self) -> float:
        """Return how long until something arrives; never long, for a size may change meanwhile."""
        return (
            min(max(self._under_way[0][0] - time.monotonic(), 0.0), LOOK_SECONDS) if self._under_way else LOOK_SECONDS
        )

    def take(self) -> bool:
        """Read what is sent; return whether the other end is still there."""
        try:
            sent = os.read(self.source, CHUNK_BYTES)
        except OSError:
            sent = b""
        self._under_way.append((time.monotonic() + self._delay, sent))
        return bool(sent)

    def deliver(self) -> bool:
        """Write what has arrived; return whether there is more to come."""
        while self._under_way and self._under_way[0][0] <= time.monotonic():
            _, sent = self._under_way.popleft()
            while sent:
                sent = sent[os.write(self.target, sent) :]
        return bool(self._under_way)


def relay(near: int, far: int, *, delay_seconds: float) -> None:
    """Carry bytes between two terminals until the far one is closed."""
    keys, pictures = (
        Line(source, target, delay_seconds=delay_seconds) for source, target in ((near, far), (far, near + 1))
    )
    open_ends = {near: keys, far: pictures}
    while far in open_ends or pictures.deliver():
        wait = min(keys.wait_seconds, pictures.wait_seconds)
        for end in select.select(list(open_ends), [], [], wait)[0]:
            if not open_ends[end].take():
                del open_ends[end]
        if far in open_ends:
            keys.deliver()
        pictures.deliver()


def copy_size(far: int) -> None:
    """Give the far terminal the size of this one."""
    fcntl.ioctl(far, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))


def main() -> None:
    """Run the command."""
    child, far = pty.fork()
    if child == 0:
        os.execvp(sys.argv[2], sys.argv[2:])
    copy_size(far)
    signal.signal(signal.SIGWINCH, lambda *_: copy_size(far))
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSANOW)
    try:
        relay(0, far, delay_seconds=int(sys.argv[1]) / 1000)
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()

"""Measure how soon the explorer shows the library, beside a bare Textual app: real processes on real terminals.

    python benchmarks/first_paint.py LIBRARY [--starts 15]

First paint is the first frame that shows rows of the library: from the start of the process to the title of a track
in what it writes to its pseudo-terminal; for the bare app, to its one word. Both are started in turn, each on a
terminal of its own of 120 x 40 cells that answers no question. Wall and CPU milliseconds (the process with its
threads, up to that moment; the kernel's own count of nanoseconds), medians; the ratio is that of the medians.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Sequence
from pathlib import Path

from indexer.catalogue import Catalogue

COLUMNS, LINES = 120, 40
STARTS = 15
PATIENCE_SECONDS = 60.0
SCHEDULED_TIME = 2
TITLE_CHARACTERS = 12
"""Enough to know a title by; its column may be narrower than all of it."""
ROWS_IN_SIGHT = 20
WORD = "hello"
BARE = f"""
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("{WORD}")

Bare().run()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--starts", type=int, default=STARTS)
    arguments = parser.parse_args()
    print(f"| {Catalogue(arguments.library).count():,} tracks | |\n|---|---|")
    for name, figure in first_paints(arguments.library, starts=arguments.starts).items():
        print(f"| {name} | {figure:.2f} |" if "ratio" in name else f"| {name} | {figure:.0f} |")


def first_paints(library: Path, *, starts: int = STARTS) -> dict[str, float]:
    """Return the medians of both and their ratios; the first start of each is not counted."""
    with tempfile.TemporaryDirectory() as temporary:
        bare = Path(temporary) / "bare.py"
        bare.write_text(BARE)
        program = str(Path(sys.executable).parent / "fairouz-tui")
        fresh = without_state(library, Path(temporary) / "library")
        wanted = [
            ([sys.executable, str(bare)], WORD),
            ([sys.executable, program, "--library", str(fresh)], title_in_sight(library)),
        ]
        surroundings = terminal_surroundings(Path(temporary))
        turns = [[first_paint(*one, surroundings) for one in wanted] for _ in range(starts + 1)][1:]
    bare_wall, bare_cpu, wall, cpu = (
        statistics.median(turn[who][kind] for turn in turns) for who in (0, 1) for kind in (0, 1)
    )
    return {
        "bare Textual app to its word, ms": bare_wall,
        "explorer to its first rows, ms": wall,
        "ratio": wall / bare_wall,
        "bare Textual app to its word, CPU ms": bare_cpu,
        "explorer to its first rows, CPU ms": cpu,
        "ratio of CPU": cpu / bare_cpu,
    }


def without_state(library: Path, folder: Path) -> Path:
    """Return a folder of links to a library, but for where the reader was last, which may be another place."""
    folder.mkdir()
    for entry in library.absolute().iterdir():
        if entry.name != "state.json":
            (folder / entry.name).symlink_to(entry)
    return folder


def title_in_sight(library: Path) -> str:
    """Return the beginning of the first title that is all ASCII."""
    titles = (row.title[:TITLE_CHARACTERS].rstrip() for row in Catalogue(library).window(0, ROWS_IN_SIGHT))
    return next(title for title in titles if title.isascii() and title)


def terminal_surroundings(temporary: Path) -> dict[str, str]:
    """Return the environment of a usual terminal and of an installed program, whose modules are compiled already.

    The compiled modules of both go to a folder that the first, uncounted start of each fills.
    """
    unwanted = {"PYTHONDONTWRITEBYTECODE", "COLUMNS", "LINES"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    cache, home = str(temporary / "compiled"), str(temporary / "home")
    usual = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    return {**kept, **usual, "PYTHONPYCACHEPREFIX": cache, "FAIROUZ_HOME": home}


def first_paint(command: Sequence[str], words: str, surroundings: dict[str, str]) -> tuple[float, float]:
    """Start `command` on a terminal of its own and return wall and CPU milliseconds until it has written `words`."""
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvpe(command[0], command, surroundings)
    try:
        read_until(terminal, words.encode())
        return (time.perf_counter() - began) * 1000, cpu_milliseconds(process)
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def read_until(terminal: int, words: bytes) -> None:
    seen = b""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while words not in seen:
        readable, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
        try:
            seen += os.read(terminal, 1 << 16) if readable else b""
        except OSError:  # the process has ended
            readable = []
        if not readable:
            raise SystemExit(f"{words.decode()!r} was not painted; last seen: {seen[-500:]!r}")


def cpu_milliseconds(process: int) -> float:
    """Return the CPU time of a living process with all threads it had."""
    # The kernel's name for the clock of another process, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime(~process << 3 | SCHEDULED_TIME) * 1000


if __name__ == "__main__":
    main()

"""Index in a child process: the screen never waits, and ending the child costs nothing."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fairouz_tui.control import GO_ON, PAUSE, STOP
from fairouz_tui.messages import Progressed
from fairouz_tui.show import one_line

LONGEST_LINE_BYTES = 1 << 20
"""One report is a few hundred bytes; the limit only keeps a broken child from filling memory."""
INTERRUPTED = 130
"""Exit code of a run that was stopped on purpose."""


class IndexingChild:
    """One run of `fairouz-tui index` with its progress."""

    def __init__(self, library: Path) -> None:
        self._library = library
        self._process: asyncio.subprocess.Process | None = None
        self._stopped = self._pausing = False

    @property
    def running(self) -> bool:
        """Return whether the child is at work."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int | None:
        """Return the id of the child at work, or None."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def stopped(self) -> bool:
        """Return whether the last run was stopped on purpose."""
        return self._stopped

    async def run(
        self, folders: Sequence[Path], *, report: Callable[[Progressed], object], retry: Sequence[Path] | None = None
    ) -> str:
        """Index `folders` and return the problem as one line, "" when all went well or it was stopped.

        retry : files that failed, to be tried again instead; () tries all of them.
        """
        self._stopped = self._pausing = False
        named = folders if retry is None else ["--retry-only", *retry]
        command = [sys.executable, "-m", "fairouz_tui", "index", *map(str, named), "--library", str(self._library)]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            "--progress-json",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,
        )
        self._catch_up()
        errors = asyncio.create_task(_last_line(self._process.stderr))
        await self._read(report)
        code, problem = await self._process.wait(), await errors
        if code == 0 or self._stopped or code == INTERRUPTED:
            self._stopped = code != 0
            return ""
        if code < 0:
            return f"indexing was ended from outside (signal {-code}); what is done is kept, u goes on"
        return problem or f"indexing ended with code {code}; u tries again"

    async def _read(self, report: Callable[[Progressed], object]) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            progress = progress_of(line)
            if progress is not None:
                report(progress)

    def _catch_up(self) -> None:
        """Tell the child what was asked for while it was being started."""
        if self._pausing:
            self.pause(on=True)
        if self._stopped:
            self.stop()

    def stop(self) -> None:
        """Ask the child to stop where it stands; what it has done is kept."""
        self._stopped = True
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            self._tell(STOP)  # the child is deaf to the signal until it has begun, and reads this when it has
        elif self.running and self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)

    def pause(self, *, on: bool) -> None:
        """Ask the child to take no further step, or to go on; it reports when it has done so."""
        self._pausing = on
        self._tell(PAUSE if on else GO_ON)

    def _tell(self, word: bytes) -> None:
        if self.running and self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(word + b"\n")


def progress_of(line: bytes) -> Progressed | None:
    """Read one line of the child; a line that is no report gives None."""
    try:
        table = json.loads(line)
        return Progressed(
            stage=str(table["stage"]),
            done=int(table["done"]),
            total=int(table["total"]),
            failed=int(table.get("failed") or 0),
            note=one_line(table.get("note")),
            seconds_left=None if table.get("seconds_left") is None else float(table["seconds_left"]),
            share=None if table.get("share") is None else float(table["share"]),
            step=int(table.get("step") or 0),
            steps=int(table.get("steps") or 0),
            paused=bool(table.get("paused")),
        )
    except (ValueError, KeyError, TypeError):
        return None


async def _last_line(stream: asyncio.StreamReader | None) -> str:
    """Return the last line with words that the child said on stderr."""
    last = ""
    if stream is not None:
        async for line in stream:
            last = one_line(line.decode("utf-8", "replace")) or last
    return last

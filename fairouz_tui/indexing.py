"""Index in a child process: the screen never waits, and ending the child costs nothing."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

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
        self._stopped = False

    @property
    def running(self) -> bool:
        """Return whether the child is at work."""
        return self._process is not None and self._process.returncode is None

    async def run(self, folders: Sequence[Path], *, report: Callable[[Progressed], object]) -> str:
        """Index `folders` and return the problem as one line, "" when all went well or it was stopped."""
        command = [sys.executable, "-m", "fairouz_tui", "index", *map(str, folders), "--library", str(self._library)]
        self._process = await asyncio.create_subprocess_exec(
            *command,
            "--progress-json",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,
        )
        errors = asyncio.create_task(_last_line(self._process.stderr))
        await self._read(report)
        code, problem = await self._process.wait(), await errors
        if code == 0 or self._stopped or code == INTERRUPTED:
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

    def stop(self) -> None:
        """Ask the child to stop where it stands; what it has done is kept."""
        if self.running and self._process is not None:
            self._stopped = True
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)


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

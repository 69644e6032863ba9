"""Write down, about once a second, how far an indexing run is, for the screens of other processes to show.

A note is believed only while its process holds the library: one that was killed leaves its note, and nobody reads it.
"""

import json
import os
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from fairouz_tui.run_record import RunRecord

if TYPE_CHECKING:
    from collections.abc import Generator

    from indexer.progress import Progress

NOTE = "index.progress.json"
"""In the library's folder, beside the lock."""
NOTE_SECONDS = 1.0
LARGEST_BYTES = 1 << 20


def noted(
    stages: "Generator[Progress, None, None]", library: Path, *, trying_again: bool = False
) -> "Generator[Progress, None, None]":
    """Yield progress, and write it down beside the library's lock; the note goes when the run ends."""
    record, written, path = RunRecord(), 0.0, library / NOTE
    paused = began = False
    record.begin(trying_again=trying_again)
    try:
        with closing(stages):
            for progress in stages:
                record.take(progress)
                now = time.monotonic()
                if not began or progress.paused != paused or now - written >= NOTE_SECONDS:
                    began, paused, written = True, progress.paused, now
                    write_note(path, record)
                yield progress
    finally:
        if began:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def write_note(path: Path, record: RunRecord) -> None:
    """Write how far a run of this process is; a full disk keeps no run from going on."""
    text = json.dumps({"process": os.getpid(), **record.as_table()})
    beside = path.with_suffix(".new")
    with suppress(OSError):
        beside.write_text(text, "utf-8", errors="surrogateescape")
        beside.replace(path)


def read_note(library: Path, process: int) -> RunRecord | None:
    """Return how far the run of `process`, which holds the library, is; None where it did not say."""
    try:
        with (library / NOTE).open(encoding="utf-8", errors="replace") as file:
            table = json.loads(file.read(LARGEST_BYTES))
        return RunRecord.of_table(table) if table["process"] == process else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return None

"""Keep a library in step with its music folders: `index --watch`."""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from fairouz_tui.errors import AppError

if TYPE_CHECKING:
    from indexer.progress import Counts

BUSY_SECONDS = 5.0
"""How long to wait for another run before trying again."""

Run = Callable[[Sequence[Path]], "Counts"]
"""Index some folders and say what was done."""


def follow(library: Path, folders: Sequence[Path], *, run: Run, polling: bool, as_json: bool) -> None:
    """Index `folders` (all known ones when none are given), then whatever changes in them, until Ctrl-C.

    Raises AppError when there is nothing to watch, IndexerError as `changed_folders` and the first run do.
    """
    from indexer.errors import IndexerError
    from indexer.watching import changed_folders

    roots = [Path(os.path.realpath(folder)) for folder in folders] or _known_roots(library)
    missing = 0
    for number, changed in enumerate(changed_folders(roots, polling=polling)):
        try:
            counts = _when_free(run, changed)
        except IndexerError as error:
            if number == 0:
                raise
            # A disk that is full or gone for a moment: the next change tries again, and so does the next start.
            print(f"fairouz-tui: {error}", file=sys.stderr)
            continue
        if number == 0 or as_json or _did_something(counts, missing):
            _say(counts, changed, as_json=as_json)
        missing = counts.missing
        if number == 0 and not as_json:
            typer.echo(f"watching {', '.join(map(str, roots))}; Ctrl-C ends it")


def _known_roots(library: Path) -> list[Path]:
    from indexer.catalogue import Catalogue
    from indexer.errors import IndexerError

    try:
        roots = [Path(root["path"]) for root in Catalogue(library).roots()]
    except IndexerError:
        roots = []
    if not roots:
        raise AppError("no music folder is known yet: run `fairouz-tui index FOLDER --watch`")
    return roots


def _when_free(run: Run, folders: Sequence[Path]) -> "Counts":
    """Run, waiting for as long as another process is indexing the library."""
    from indexer.errors import BusyError

    told = False
    while True:
        try:
            return run(folders)
        except BusyError as error:
            if not told:
                print(f"fairouz-tui: {error}; waiting", file=sys.stderr)
                told = True
            time.sleep(BUSY_SECONDS)


def _did_something(counts: "Counts", missing_before: int) -> bool:
    return bool(counts.new or counts.changed or counts.moved or counts.notes or counts.missing != missing_before)


def _say(counts: "Counts", folders: Sequence[Path], *, as_json: bool) -> None:
    from fairouz_tui.commands.index import counts_json, print_counts

    if as_json:
        json.dump(counts_json(counts) | {"folders": [str(folder) for folder in folders]}, sys.stdout)
        sys.stdout.write("\n")
    else:
        print_counts(counts)
    sys.stdout.flush()

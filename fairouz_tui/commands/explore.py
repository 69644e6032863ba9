"""Open the explorer: what `fairouz-tui` without a command does."""

import sys
from pathlib import Path

from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder


def open_explorer(library: Path | None) -> None:
    """Open the explorer on a library; a first run asks for a music folder.

    Raises
    ------
    AppError
        When there is no terminal to draw on.

    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise AppError("the explorer needs a terminal; in a pipe use a command: see `fairouz-tui --help`")
    from fairouz_tui.app import run

    run(library_folder(library))

"""Open the explorer: what `fairouz-tui` without a command does, without the parser of commands, which loads slowly."""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from fairouz_tui.endings import exit_code
from fairouz_tui.errors import AppError

OPTION = "--library"


def opens_explorer(arguments: Sequence[str]) -> bool:
    """Return whether a command line has no command: nothing at all, or where the library is. The rest is parsed."""
    match arguments:
        case [] | [str()] if all(one.startswith(f"{OPTION}=") for one in arguments):
            return True
        case [option, folder]:
            return option == OPTION and not folder.startswith("-")
    return False


def run(arguments: Sequence[str]) -> int:
    """Open the explorer as a command line that `opens_explorer` says, and return the exit code."""
    folder = arguments[-1].removeprefix(f"{OPTION}=") if arguments else None
    return exit_code(lambda: open_explorer(None if folder is None else Path(folder)))


def open_explorer(library: Path | None) -> int:
    """Open the explorer on a library and return the exit code when it is left; a first run asks for a music folder.

    Raises
    ------
    AppError
        When there is no terminal to draw on.

    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise AppError("the explorer needs a terminal; in a pipe use a command: see `fairouz-tui --help`")
    # Until the first frame is drawn hardly anything becomes garbage, and looking for it takes a twelfth of the time;
    # the application looks for it again from then on.
    gc.disable()
    from fairouz_tui.app import run
    from fairouz_tui.paths import library_folder

    return run(library_folder(library))

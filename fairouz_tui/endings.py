"""Turn every way in which a command can end into an exit code, and every error into one line that says what to do.

0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

import os
import signal
import sys
from collections.abc import Callable

from fairouz_tui.crash import CrashError
from fairouz_tui.errors import AppError
from indexer.errors import IndexerError, QueryError, StoreError

INTERRUPTED = 130
"""128 + SIGINT, as shells count; typer answers Ctrl-C with this code by itself."""


def exit_code(command: Callable[[], int]) -> int:
    """Run a command and return its exit code; what went wrong is said on stderr."""
    # Names of files may hold bytes that are no text; they must not break a pipe or a message.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return command()
    except QueryError as error:
        return fail(str(error), 2)
    except (AppError, IndexerError) as error:
        return fail(str(error), 1)
    except CrashError as crash:
        from fairouz_tui.leaving import end_if_busy

        print(crash, file=sys.stderr)
        end_if_busy(1)
        return 1
    except KeyboardInterrupt:
        return interrupted()
    except BrokenPipeError:
        # The reader (head, less) has left: nothing is wrong. Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except StoreError as error:
        return fail(f"the library's database: {error}; free some disk space, or move a damaged one away and index", 1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return fail(f"{error.strerror or error}{where}", 1)


def interrupted() -> int:
    """Say that the command was interrupted."""
    return fail("interrupted; what was done is kept", INTERRUPTED)


def fail(message: str, code: int) -> int:
    """Say on one line of stderr what went wrong, and return `code`."""
    from fairouz_tui.show import one_line

    print(f"fairouz-tui: {one_line(message)}", file=sys.stderr)
    return code

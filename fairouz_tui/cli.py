"""Put the commands together and turn every way of ending into an exit code.

0 done, 1 failed, 2 wrong usage, 130 interrupted. An error is one line on stderr that says what to do.
"""

import os
import re
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from fairouz_tui import commands
from fairouz_tui.commands.options import Library
from fairouz_tui.errors import AppError
from indexer.errors import IndexerError, QueryError, StoreError

app = typer.Typer(
    name="fairouz-tui",
    help="Explore the music on your own disk: search, more like this, and why. Offline, private, in the terminal.",
    epilog="Without a command the explorer opens. Example of a start: fairouz-tui index ~/Music",
    add_completion=False,
    # Plain help: rich would cost more time to import than all the rest.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
commands.register(app)

_NEGATED_TERM = re.compile(r"-(?!n\d+$)[^-\s].")
"""A term with "-" before it: the only option of `search` with one dash is -n, also written -n20."""
INTERRUPTED = 130
"""128 + SIGINT, as shells count; typer answers Ctrl-C with this code by itself."""


@app.callback(invoke_without_command=True)
def explore(
    context: typer.Context,
    library: Library = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Open the explorer when no command is given."""
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"fairouz-tui {version_of('fairouz-tui')}")
        return
    if library is not None and context.invoked_subcommand is not None:
        # `fairouz-tui --library DIR stats` means the same as `fairouz-tui stats --library DIR`.
        context.default_map = {context.invoked_subcommand: {"library": str(library)}}
    if context.invoked_subcommand is None:
        from fairouz_tui.commands.explore import open_explorer

        open_explorer(library)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    # Names of files may hold bytes that are no text; they must not break a pipe or a message.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app(args=_queries_apart(arguments), prog_name="fairouz-tui", standalone_mode=False)
        return _interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0
    except typer.Exit as done:
        return done.exit_code
    except QueryError as error:
        return _fail(str(error), 2)
    except (AppError, IndexerError) as error:
        return _fail(str(error), 1)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "fairouz-tui"
        return _fail(f"{error.format_message()} (see `{command} --help`)", 2)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except BrokenPipeError:
        # The reader (head, less) has left: nothing is wrong. Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except StoreError as error:
        return _fail(f"the library's database: {error}; free some disk space, or move a damaged one away and index", 1)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _fail(f"{error.strerror or error}{where}", 1)


def _queries_apart(arguments: Sequence[str]) -> list[str]:
    """Keep a query that begins with "-" ("-has:lyrics") from being read as an option: a space before it says so."""
    if "search" not in arguments:
        return list(arguments)
    return [f" {text}" if _NEGATED_TERM.match(text) else text for text in arguments]


def _interrupted() -> int:
    return _fail("interrupted; what was done is kept", INTERRUPTED)


def _fail(message: str, code: int) -> int:
    from fairouz_tui.show import one_line

    print(f"fairouz-tui: {one_line(message)}", file=sys.stderr)
    return code

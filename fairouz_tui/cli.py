"""Put the commands together and run the one that was typed."""

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from fairouz_tui import commands
from fairouz_tui.commands.options import Library
from fairouz_tui.endings import INTERRUPTED, exit_code, fail, interrupted

app = typer.Typer(
    name="fairouz-tui",
    help="Explore the music on your own disk: search, more like this, and why. Offline, private, in the terminal.",
    epilog="Without a command the explorer opens; the first time it asks where your music is. Example of a start"
    " without it: fairouz-tui index ~/Music. The examples in the help of a command name tracks of the demo"
    " (fairouz-tui demo).",
    add_completion=False,
    # Plain help: rich would cost more time to import than all the rest.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)
commands.register(app)

_NEGATED_TERM = re.compile(r"-(?!n\d+$)[^-\s].")
"""A term with "-" before it: the only option of `search` with one dash is -n, also written -n20."""


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
        from fairouz_tui.opening import open_explorer

        raise typer.Exit(open_explorer(library))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code."""
    return exit_code(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    """Run one command line; what typer raises becomes an exit code here, all else where every command's errors do."""
    try:
        code = app(args=_queries_apart(arguments), prog_name="fairouz-tui", standalone_mode=False)
        return interrupted() if code == INTERRUPTED else code if isinstance(code, int) else 0
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "fairouz-tui"
        return fail(f"{error.format_message()} (see `{command} --help`)", 2)
    except typer.Abort:
        return interrupted()


def _queries_apart(arguments: Sequence[str]) -> list[str]:
    """Keep a query that begins with "-" ("-has:lyrics") from being read as an option: a space before it says so."""
    if "search" not in arguments:
        return list(arguments)
    return [f" {text}" if _NEGATED_TERM.match(text) else text for text in arguments]

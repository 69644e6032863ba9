"""The commands `roots` and `prune`."""

import sys
from typing import Annotated

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder


def roots(as_json: Json = False, library: Library = None) -> None:
    """List the music folders that the library knows.

    Example: fairouz-tui roots
    """
    from fairouz_tui.show import one_line
    from indexer.catalogue import Catalogue

    listed = Catalogue(library_folder(library)).roots()
    if as_json:
        print_json({"roots": listed})
        return
    for root in listed:
        missing = f", {root['missing']} missing" if root["missing"] else ""
        note = f"  ({one_line(root['note'])})" if root["note"] else ""
        typer.echo(f"{one_line(root['path'])}  {root['tracks']} tracks{missing}{note}")


def prune(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Forget the tracks whose files are gone, with their vectors, plays and playlist places.

    Example: fairouz-tui prune
    """
    from indexer.catalogue import Catalogue
    from indexer.pruning import prunable
    from indexer.pruning import prune as prune_library

    folder = Catalogue(library_folder(library)).library  # a mistyped folder must not become a library
    gone = prunable(folder)
    if gone and not yes:
        _confirm(len(gone))
    pruned = prune_library(folder, gone)
    if as_json:
        print_json({"pruned": pruned})
        return
    typer.echo(f"{pruned} tracks forgotten." if pruned else "Nothing to prune: every track has its file.")


def _confirm(count: int) -> None:
    """Ask on stderr, which leaves stdout to the answer; no is an error, so that nothing after it runs."""
    if not sys.stdin.isatty():
        raise AppError(f"{count} tracks have no file any more: `fairouz-tui prune --yes` forgets them")
    if not typer.confirm(f"{count} tracks have no file any more. Forget them for good?", err=True):
        raise AppError("nothing was forgotten")

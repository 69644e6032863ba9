"""The commands `roots` and `prune`."""

import sys
from pathlib import Path
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
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Forget this music folder and all its tracks instead."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Forget the tracks whose files are gone.

    Their vectors, plays and places in playlists go with them. It asks first, and touches no file.

    Example: fairouz-tui prune

    Example: fairouz-tui prune --folder ~/Downloads
    """
    from indexer.catalogue import Catalogue

    home = Catalogue(library_folder(library)).library  # a mistyped folder must not become a library
    pruned = _prune_missing(home, yes=yes) if folder is None else _prune_folder(home, folder, yes=yes)
    if as_json:
        print_json({"pruned": pruned})
        return
    nothing = "Nothing to prune: every track has its file."
    typer.echo(f"{pruned} tracks forgotten." if pruned or folder is not None else nothing)


def _prune_missing(library: Path, *, yes: bool) -> int:
    from indexer.pruning import prunable
    from indexer.pruning import prune as prune_library

    gone = prunable(library)
    if gone and not yes:
        _confirm(f"{len(gone)} tracks have no file any more", "fairouz-tui prune --yes")
    return prune_library(library, gone)


def _prune_folder(library: Path, folder: Path, *, yes: bool) -> int:
    from fairouz_tui.show import one_line
    from indexer.pruning import forget_folder, tracks_of_folder

    count = tracks_of_folder(library, folder)
    if not yes:
        _confirm(f"{one_line(folder)} has {count} tracks in the library", "fairouz-tui prune --folder DIR --yes")
    return forget_folder(library, folder)


def _confirm(found: str, command: str) -> None:
    """Ask on stderr, which leaves stdout to the answer; no is an error, so that nothing after it runs."""
    if not sys.stdin.isatty():
        raise AppError(f"{found}: `{command}` forgets them")
    if not typer.confirm(f"{found}. Forget them for good?", err=True):
        raise AppError("nothing was forgotten")

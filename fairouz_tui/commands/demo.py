"""The command `demo`."""

import sys
from typing import Annotated

import typer

from fairouz_tui.commands.index import print_counts, show_progress
from fairouz_tui.commands.options import Library
from fairouz_tui.paths import demo_folder, library_folder


def demo(
    no_open: Annotated[bool, typer.Option("--no-open", help="Stop after indexing.")] = False,
    library: Library = None,
) -> None:
    """Make a small demo library, index it and open the explorer.

    It is synthetic: sound, tags, covers and lyrics of artists who do not exist. It lies apart from your own library.

    Example: fairouz-tui demo
    """
    from indexer.demo_library import make_demo_library
    from indexer.pipeline import index
    from indexer.progress import Counts

    store = library_folder(library) if library else demo_folder() / "library"
    music = (store if library else demo_folder()) / "music"
    typer.echo(f"Making a demo library in {music}")
    made = make_demo_library(music)
    counts = Counts()
    show_progress(index(store, [music], counts=counts))
    typer.echo(f"{made} demo tracks.")
    print_counts(counts)
    typer.echo(f"Open it again with: fairouz-tui --library {store}")
    if no_open or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    from fairouz_tui.app import run

    raise typer.Exit(run(store))

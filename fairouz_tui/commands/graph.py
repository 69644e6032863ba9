"""The command `graph`."""

from pathlib import Path
from typing import Annotated

import typer

from fairouz_tui.commands.options import Json, Library, ending, print_json
from fairouz_tui.paths import library_folder


def graph(
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write it as .graphml or .json.",
            callback=ending(".graphml", ".json"),
        ),
    ],
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Write the graph of who plays with whom to a file.

    Its nodes are tracks, artists, albums, genres and playlists.

    Example: fairouz-tui graph -o music.graphml
    """
    from indexer.catalogue import Catalogue
    from indexer.graph_export import export_graph

    nodes, edges = export_graph(Catalogue(library_folder(library)), output)
    if as_json:
        print_json({"file": str(output), "nodes": nodes, "edges": edges})
        return
    typer.echo(f"{nodes} nodes and {edges} edges written to {output}")

"""The command `map`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, ending, one_of, print_json
from fairouz_tui.commands.output import columns
from fairouz_tui.paths import library_folder
from indexer.maps.choices import BY, WAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.maps.charts import Chart
    from indexer.maps.colours import Colours

_ROWS = 24
"""Rows of the drawn map."""


def map_(
    of: Annotated[
        str,
        typer.Option("--of", metavar="NAME", help="joint, a modality (audio), or its encoder alone (audio.encoder)."),
    ] = "joint",
    how: Annotated[
        str,
        typer.Option(
            "--how",
            metavar="tsne|pca",
            help="Neighbours together (slow), or broad lines (at once).",
            callback=one_of(*WAYS),
        ),
    ] = "tsne",
    by: Annotated[
        str,
        typer.Option(
            "--colour", metavar="NAME", help="cluster, genre, year, album, artist or playlist.", callback=one_of(*BY)
        ),
    ] = "cluster",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE.html",
            help="Write it as a page for a browser.",
            callback=ending(".html", ".htm"),
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Lay it out anew instead of placing what is new.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Draw the library as a map: what is alike lies together. Kept; new tracks are placed without moving the others.

    Example: fairouz-tui map

    Example: fairouz-tui map --of audio -o map.html
    """
    from indexer.explorer import Explorer
    from indexer.maps.charts import open_chart
    from indexer.maps.colours import colours
    from indexer.maps.page import write_page
    from indexer.maps.sources import sources

    session = Explorer(library_folder(library)).session()
    if of not in (known := sources(session)):
        raise typer.BadParameter(f'"{of}" is none of {", ".join(known)}', param_hint="--of")
    with _Told() as told:
        chart = open_chart(session, of, how=how, again=again, report=told)
    classes = colours(session.connection, chart, by)
    file = write_page(session, chart, output, by=by) if output else None
    if as_json:
        print_json(_json(chart) | {"file": str(file) if file else None})
        return
    if file:
        typer.echo(f"Written to {file}: open it in a browser")
        return
    _draw(chart, classes)


def _json(chart: "Chart") -> "dict[str, Any]":
    sizes = [int((chart.clusters == number).sum()) for number in range(len(chart.names))]
    return {
        "of": chart.source,
        "how": chart.how,
        "outdated": chart.outdated,
        "clusters": [
            {"id": number, "name": name, "tracks": size}
            for number, (name, size) in enumerate(zip(chart.names, sizes, strict=True))
        ],
        "tracks": [
            {"id": track_id, "x": x, "y": y, "cluster": cluster}
            for track_id, (x, y), cluster in zip(
                chart.ids.tolist(), chart.places.tolist(), chart.clusters.tolist(), strict=True
            )
        ],
    }


def _draw(chart: "Chart", found: "Colours") -> None:
    """Print the map in Braille, in colours where there is a terminal that has them, and what they mean."""
    from rich.console import Console
    from rich.text import Text

    from fairouz_tui.show import one_line
    from indexer.maps.raster import NOTHING, raster
    from indexer.maps.window import Window

    console = Console(highlight=False)
    drawn = raster(chart.places, found.classes, Window(), min(columns(), 2 * _ROWS + 2), _ROWS)
    for line, row in zip(drawn.lines, drawn.classes.tolist(), strict=True):
        text = Text()
        for character, number in zip(line, row, strict=True):
            text.append(character, "" if number == NOTHING else found.colour(number))
        console.print(text)
    for number, name in enumerate(found.legend):
        size = int((found.classes == number).sum())
        console.print(Text.assemble(("● ", found.colour(number)), f"{one_line(name)} ", (str(size), "dim")))
    console.print(f"{len(chart.ids)} tracks by {chart.source}, {chart.how}")
    if chart.outdated:
        console.print("The space has changed since: --again lays the map out anew.")


class _Told:
    """A line on stderr that says how far the layout is, where stderr is a terminal."""

    def __enter__(self) -> "Callable[[float], object] | None":
        return self._say if sys.stderr.isatty() else None

    def __exit__(self, *_: object) -> None:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def _say(self, share: float) -> None:
        print(f"\rlaying out {share:4.0%}", end="", file=sys.stderr, flush=True)

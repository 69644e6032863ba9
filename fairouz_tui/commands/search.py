"""The command `search`."""

from typing import Annotated

import typer

from fairouz_tui.commands.options import Count, Json, Library, Weights, faders, print_json
from fairouz_tui.commands.output import answer_json, print_answer
from fairouz_tui.paths import library_folder


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Words, "phrases" and field:value terms.')],
    count: Count = 20,
    weights: Weights = None,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Search by words, meaning and fields.

    Free words rank, fields and "phrases" must hold, - negates.
    Fields: artist album title genre lyrics format cluster year bpm length key has.

    Example: fairouz-tui search "slow piano year:1990..1999 -has:lyrics"
    """
    parsed = faders(weights)
    from indexer.explorer import Explorer

    answer = Explorer(library_folder(library)).search(query.strip(), count=count, faders=parsed)
    if as_json:
        print_json(answer_json(answer))
        return
    print_answer(answer, empty="Nothing found. Fewer fields or other words may help.")

"""The command `path`."""

from typing import Annotated

import typer

from fairouz_tui.commands.options import First, Json, Library, Output, Weights, faders, print_json
from fairouz_tui.commands.output import answer_json, print_hits
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder

MOST = 10
"""Tracks of a path whose length is not given."""


def path(
    tracks: Annotated[list[str], typer.Argument(metavar="TRACK TRACK...", help="Where it starts, leads and ends.")],
    count: Annotated[
        int | None,
        typer.Option(
            "-n", "--count", min=2, max=1_000, metavar="N", help="How many tracks, ends counted; else up to 10."
        ),
    ] = None,
    weights: Weights = None,
    output: Output = None,
    first: First = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Lead from one track to another in small steps.

    Name more than two, and it leads through those between.

    The tracks stand in the order of the path; each score is to the track before.
    Without -n the path is short where little lies between.

    Example: fairouz-tui path "fog index" turnstile -n 12 -o bridge.m3u8
    """
    parsed = faders(weights)
    if len(tracks) < 2:
        raise typer.BadParameter("name at least two tracks, the start and the end", param_hint="TRACK TRACK...")
    if count is not None and count < len(tracks):
        raise typer.BadParameter(f"{count} is less than the {len(tracks)} tracks that are named", param_hint="-n")
    from fairouz_tui.show import one_line
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track
    from indexer.exploring.playlist import save_playlist

    explorer = Explorer(library_folder(library))
    found = [find_track(explorer.catalogue, text, first=first).track_id for text in tracks]
    ids = [i for i in found if i is not None]
    if len(ids) < len(found):
        raise AppError("a path leads through tracks of the library; index the file first")
    most = max(MOST, len(ids))
    answer = explorer.path(ids, count=count or most, at_most=count is None, faders=parsed)
    file = save_playlist(output, [hit.track for hit in answer.hits]) if output else None
    if as_json:
        print_json(answer_json(answer) | {"file": str(file) if file else None})
        return
    typer.echo(one_line(answer.query))
    print_hits(answer.hits, empty="No tracks.")
    typer.echo(one_line(answer.note))
    if file:
        typer.echo(f"Written to {file}")

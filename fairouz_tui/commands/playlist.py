"""The command `playlist`."""

from typing import Annotated

import typer

from fairouz_tui.commands.options import First, Json, Library, Output, print_json, seconds
from fairouz_tui.commands.output import hit_json, print_hits
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder


def playlist(
    seeds: Annotated[
        list[str], typer.Option("--seed", metavar="TRACK", help="A track to start from; may be repeated.")
    ],
    count: Annotated[
        int | None, typer.Option("-n", "--count", min=1, max=10_000, metavar="N", help="How many tracks (20).")
    ] = None,
    length: Annotated[str | None, typer.Option("--length", metavar="60m", help="How long instead of how many.")] = None,
    output: Output = None,
    vary: Annotated[int, typer.Option("--vary", metavar="SEED", help="Another number gives another playlist.")] = 0,
    first: First = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Make a playlist of what is like one or more tracks.

    What each rule did to it is said below it.

    Example: fairouz-tui playlist --seed "fog index" --length 60m -o evening.m3u8
    """
    wanted = seconds(length)
    if wanted is not None and count is not None:
        raise typer.BadParameter("give -n or --length, not both")
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track
    from indexer.exploring.playlist import save_playlist

    explorer = Explorer(library_folder(library))
    found = [find_track(explorer.catalogue, text, first=first).track_id for text in seeds]
    ids = [i for i in found if i is not None]
    if len(ids) < len(found):
        raise AppError("a seed must be a track of the library; index the file first")
    made = explorer.playlist(ids, count=count, seconds=wanted, seed=vary)
    file = save_playlist(output, [item.hit.track for item in made.items]) if output else None
    if as_json:
        tracks = [{**hit_json(item.hit), "to_previous": item.to_previous} for item in made.items]
        print_json({"tracks": tracks, "audit": list(made.audit), "file": str(file) if file else None})
        return
    print_hits([item.hit for item in made.items], empty="No tracks.")
    for line in made.audit:
        typer.echo(f"  {line}")
    if file:
        typer.echo(f"Written to {file}")

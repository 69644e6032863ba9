"""The command `mix`."""

from typing import Annotated

import typer

from fairouz_tui.commands import options
from fairouz_tui.commands.output import answer_json, print_answer
from fairouz_tui.paths import library_folder

Plus = Annotated[list[str] | None, typer.Option("--plus", metavar="TRACK", help="Also like this one; may be repeated.")]


def mix(
    track: Annotated[str, typer.Argument(metavar="TRACK", help="An id, a path (also of a file outside), or words.")],
    plus: Plus = None,
    minus: Annotated[
        list[str] | None, typer.Option("--minus", metavar="TRACK", help="Unlike this one; may be repeated.")
    ] = None,
    count: options.Count = 20,
    weights: options.Weights = None,
    no_hub: options.NoHub = False,
    per_artist: options.PerArtist = 3,
    per_album: options.PerAlbum = 2,
    all_versions: options.AllVersions = False,
    output: options.Output = None,
    first: options.First = False,
    as_json: options.Json = False,
    library: options.Library = None,
) -> None:
    """List what is like some tracks and unlike others.

    The score is the mean of what `similar` gives for each, taken away for --minus.
    Live, remastered and other versions of one recording share a row.

    Example: fairouz-tui mix "fog index" --plus "night bus" --minus 12
    """
    parsed = options.faders(weights)
    from fairouz_tui.show import one_line
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track
    from indexer.exploring.limits import Limits
    from indexer.exploring.playlist import save_playlist

    explorer = Explorer(library_folder(library))
    liked = [find_track(explorer.catalogue, text, first=first).asked for text in (track, *(plus or ()))]
    unliked = [find_track(explorer.catalogue, text, first=first).asked for text in minus or ()]
    limits = Limits(per_artist, per_album, fold_versions=not all_versions)
    answer = explorer.mix(liked, unliked, count=count, faders=parsed, hub=not no_hub, limits=limits)
    file = save_playlist(output, [hit.track for hit in answer.hits]) if output else None
    if as_json:
        options.print_json(answer_json(answer) | {"file": str(file) if file else None})
        return
    typer.echo(one_line(answer.query))
    print_answer(answer, empty="Nothing to compare with: the library holds no other track.")
    if file:
        typer.echo(f"Written to {file}")

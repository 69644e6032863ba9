"""The command `similar`."""

from typing import Annotated

import typer

from fairouz_tui.commands import options
from fairouz_tui.commands.output import answer_json, print_answer
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder


def similar(
    track: Annotated[
        str, typer.Argument(metavar="TRACK", help="An id, a path (also of a file outside the library), or words.")
    ],
    count: options.Count = 20,
    weights: options.Weights = None,
    by: Annotated[
        str | None,
        typer.Option("--modality", metavar="NAME", help="Compare by one thing alone: audio, lyrics, cover, ..."),
    ] = None,
    no_hub: options.NoHub = False,
    per_artist: options.PerArtist = 3,
    per_album: options.PerAlbum = 2,
    all_versions: options.AllVersions = False,
    first: options.First = False,
    as_json: options.Json = False,
    library: options.Library = None,
) -> None:
    """List the tracks most like a track.

    It may be a file outside the library too: sound, a picture or words. Nothing of such a file is stored. Live,
    remastered and other versions of one recording share a row.

    Example: fairouz-tui similar "fog index" --weights audio=2,cover=0

    Example: fairouz-tui similar ~/new.flac
    """
    parsed, chosen = options.faders(weights), options.modality(by)
    if parsed is not None and chosen is not None:
        raise typer.BadParameter("--modality asks one modality alone: give it or --weights, not both")
    from fairouz_tui.show import one_line
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track
    from indexer.exploring.limits import Limits

    limits = Limits(per_artist, per_album, fold_versions=not all_versions)
    explorer = Explorer(library_folder(library))
    found = find_track(explorer.catalogue, track, first=first)
    if found.track_id is not None:
        answer = explorer.similar(
            found.track_id, count=count, faders=parsed, modality=chosen, hub=not no_hub, limits=limits
        )
    elif found.file is not None:
        answer = explorer.similar_to_file(
            found.file, count=count, faders=parsed, modality=chosen, hub=not no_hub, limits=limits
        )
    else:
        raise AppError(f'no track matches "{track}"')
    if as_json:
        options.print_json(answer_json(answer))
        return
    typer.echo(f"More like {one_line(answer.query)}")
    print_answer(answer, empty="Nothing to compare with: the library holds no other track.")

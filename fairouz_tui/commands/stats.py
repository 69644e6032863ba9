"""The command `stats`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from collections.abc import Mapping


def stats(
    problems: Annotated[bool, typer.Option("--problems", help="List each file that failed, with the reason.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Say what the library holds, and which files failed.

    How many tracks have sound, lyrics, covers and so on, and by which encoder they are compared.

    Example: fairouz-tui stats --problems
    """
    from fairouz_tui.show import one_line
    from indexer.catalogue import Catalogue

    catalogue = Catalogue(library_folder(library))
    summary = catalogue.summary()
    listed = catalogue.problems() if problems else []
    if as_json:
        print_json({**summary, **({"problems": listed} if problems else {})})
        return
    typer.echo(f"{summary['tracks']} tracks, {summary['artists']} artists, {summary['albums']} albums")
    if summary["missing"]:
        typer.echo(f"{summary['missing']} tracks are missing on disk (kept; `fairouz-tui prune` deletes them)")
    for name, modality in summary["modalities"].items():
        share = modality["present"] / summary["tracks"] if summary["tracks"] else 0
        typer.echo(f"  {name:<10} {modality['present']:>7} tracks {share:>5.0%}  {modality['encoder'] or '-'}")
    _print_space(summary)
    if summary["errors"]:
        hint = "" if problems else " (`fairouz-tui stats --problems` lists them)"
        typer.echo(f"{summary['errors']} problems with files{hint}")
    for problem in listed:
        typer.echo(f"  {one_line(problem['path'])}: {one_line(problem['reason'])} [{problem['stage']}]")


def _print_space(summary: "Mapping[str, Any]") -> None:
    """Say which space is in use, why, since when, and how to go back."""
    from datetime import datetime

    from fairouz_tui.show import one_line

    use, note = summary["space_use"], summary["space_report"].get("note", "")
    if not use:
        typer.echo("joint space (what decides which tracks are alike): none yet")
        return
    who = "chosen by you" if use["pinned"] else "chosen by the program"
    since = f"{datetime.fromtimestamp(use['since']):%Y-%m-%d %H:%M}"
    typer.echo(f"joint space (what decides which tracks are alike): {one_line(summary['space'])}")
    typer.echo(f"  {who}, in use since {since}")
    if note:
        typer.echo(f"  because: {one_line(note)}")
    if use["before"]:
        typer.echo(f"  back to {one_line(use['before'])}: fairouz-tui spaces rollback")
    if use["pinned"]:
        typer.echo("  back to choosing by itself: fairouz-tui spaces auto")

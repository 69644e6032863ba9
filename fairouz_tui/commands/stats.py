"""The command `stats`."""

from typing import Annotated

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.paths import library_folder


def stats(
    problems: Annotated[bool, typer.Option("--problems", help="List each file that failed, with the reason.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Say what the library holds, what each modality covers, and which files failed.

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
    note = summary["space_report"].get("note", "")
    typer.echo(f"joint space: {summary['space'] or 'none yet'}" + (f" ({note})" if note else ""))
    if summary["errors"]:
        hint = "" if problems else " (`fairouz-tui stats --problems` lists them)"
        typer.echo(f"{summary['errors']} problems with files{hint}")
    for problem in listed:
        typer.echo(f"  {one_line(problem['path'])}: {one_line(problem['reason'])} [{problem['stage']}]")

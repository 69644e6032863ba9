"""The command `spaces` and its verbs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json, verb_follows
from fairouz_tui.commands.output import columns
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.spaces.by_hand import Outcome

spaces = typer.Typer(rich_markup_mode=None, no_args_is_help=False)

_SHORT = {
    "same_artist_ndcg10": "artist",
    "other_album_ndcg10": "album",
    "shared_genre_ndcg10": "genre",
    "cross_modal_recall10": "across",
}
"""Heads of the table's columns for the figures of the report; others are named in full."""
_WHOLE_TABLE = 100
"""In a narrower terminal the table leaves out how a space was made."""
_MISSING = "-"

Space = Annotated[str, typer.Argument(metavar="SPACE", help="Its id or name, as `fairouz-tui spaces` lists them.")]


@spaces.callback(invoke_without_command=True)
def list_spaces(context: typer.Context, as_json: Json = False, library: Library = None) -> None:
    """List the joint spaces; choose, compare, fit or export one.

    A space decides which tracks are alike.

    Example: fairouz-tui spaces
    """
    if not verb_follows(context, library):
        _list(as_json, library)


@spaces.command("list")
def list_again(as_json: Json = False, library: Library = None) -> None:
    """List the joint spaces, as `spaces` alone does."""
    _list(as_json, library)


def _list(as_json: bool, library: Path | None) -> None:
    from dataclasses import asdict

    from indexer.catalogue import Catalogue
    from indexer.spaces.listing import list_spaces

    listed = [asdict(space) for space in list_spaces(Catalogue(library_folder(library)))]
    if as_json:
        print_json({"spaces": listed})
        return
    _print_table(listed)


@spaces.command()
def compare(
    a: Space,
    b: Annotated[str, typer.Argument(metavar="SPACE", help="The other one.")],
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Measure two spaces on this library: figures, how many neighbours they share, what weighs how much.

    Example: fairouz-tui spaces compare embedded refit-2
    """
    from indexer.catalogue import Catalogue
    from indexer.spaces.listing import compare

    found = compare(Catalogue(library_folder(library)), a, b)
    if as_json:
        print_json(found)
        return
    _print_comparison(found)


@spaces.command()
def activate(
    space: Annotated[str, typer.Argument(metavar="SPACE|FILE", help="An id or name, or a file made by `train`.")],
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Use a space until you choose another; nothing replaces it by itself.

    Example: fairouz-tui spaces activate embedded
    """
    from indexer.spaces.by_hand import activate

    _print_outcome(activate(library_folder(library), space), as_json)


@spaces.command()
def rollback(as_json: Json = False, library: Library = None) -> None:
    """Go back to the space that was in use before; twice comes back.

    Example: fairouz-tui spaces rollback
    """
    from indexer.spaces.by_hand import rollback

    _print_outcome(rollback(library_folder(library)), as_json)


@spaces.command()
def auto(as_json: Json = False, library: Library = None) -> None:
    """Leave the choice to the program again, which takes a better space when it finds one.

    Example: fairouz-tui spaces auto
    """
    from indexer.spaces.by_hand import choose_by_itself

    _print_outcome(choose_by_itself(library_folder(library)), as_json)


@spaces.command()
def refit(
    force: Annotated[bool, typer.Option("--force", help="Use the best fit even if it is no better.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Fit a space to this library now and use it if it is better by the library's own report.

    Example: fairouz-tui spaces refit
    """
    from indexer.spaces.by_hand import fit_now

    _print_outcome(fit_now(library_folder(library), force=force), as_json)


@spaces.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Write it as .npz or .parquet.")],
    space: Annotated[str | None, typer.Argument(metavar="SPACE", help="The one in use when none is named.")] = None,
    blocks: Annotated[bool, typer.Option("--blocks", help="Add the blocks of each modality.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Write ids, paths, titles and the joint vectors, whose inner product ranks like the score.

    Example: fairouz-tui spaces export -o music.npz
    """
    from indexer.catalogue import Catalogue
    from indexer.spaces.export import export_space

    count = export_space(Catalogue(library_folder(library)), output, wanted=space, blocks=blocks)
    if as_json:
        print_json({"file": str(output), "tracks": count})
        return
    typer.echo(f"{count} tracks written to {output}")


def _print_table(listed: "list[dict[str, Any]]") -> None:
    from fairouz_tui.show import fit, one_line

    names = list(dict.fromkeys(name for space in listed for name in space["figures"]))
    heads = "".join(f"  {_SHORT.get(name, name):>6}" for name in names)
    cells, made = (20, True) if columns() >= _WHOLE_TABLE else (14, False)
    maker = f"  {fit('made by', 13)}" * made
    typer.echo(f"  {'id':>3}  {fit('name', cells)}{maker}  {'tracks':>6}{heads}  since")
    for space in listed:
        mark = "*" if space["active"] else "!" if space["problem"] else " "
        number = _MISSING if space["id"] is None else str(space["id"])
        tracks = _MISSING if space["tracks"] is None else str(space["tracks"])
        figures = "".join(f"  {_figure(space['figures'].get(name)):>6}" for name in names)
        since = f"  {_day(space['activated'])}" + ("  chosen by you" if space["active"] and space["pinned"] else "")
        name, recipe = fit(one_line(space["name"]), cells), f"  {fit(one_line(space['recipe']), 13)}" * made
        typer.echo(f"{mark} {number:>3}  {name}{recipe}  {tracks:>6}{figures}{since}")
    for space in listed:
        if space["problem"]:
            first, *rest = space["problem"].split("; ")
            more = f" (and {len(rest)} more)" if rest else ""
            typer.echo(f"! {one_line(space['name'])}: {one_line(first)}{more}")
    if any(space["recipe"] == "imported" for space in listed):
        typer.echo("Figures of an imported space flatter it where it was trained on this library.")
    typer.echo("* in use. `fairouz-tui spaces activate SPACE` takes another, `rollback` the one before.")


def _print_comparison(found: "Mapping[str, Any]") -> None:
    from fairouz_tui.show import fit, one_line

    a, b = found["a"], found["b"]
    heads = [f"{one_line(side['name'])} ({side['recipe']})" for side in (a, b)]
    typer.echo(f"{'':<22}  {fit(heads[0], 24)}  {heads[1]}")
    for name in dict.fromkeys([*a["figures"], *b["figures"]]):
        typer.echo(f"{name:<22}  {fit(_figure(a['figures'].get(name)), 24)}  {_figure(b['figures'].get(name))}")
    typer.echo(f"{'alpha':<22}  {fit(_figure(a['alpha']), 24)}  {_figure(b['alpha'])}")
    for name, head in found["modalities"].items():
        texts = [_head(head["weight_" + side], head["shared_" + side]) for side in "ab"]
        changed = "" if texts[0] == texts[1] else "  differs"
        typer.echo(f"{name:<22}  {fit(texts[0], 24)}  {texts[1]}{changed}")
    verdict = "better" if found["b_better"] else "not better"
    typer.echo(f"{one_line(b['name'])} is {verdict} than {one_line(a['name'])} here: {found['reason']}")
    if "imported" in (a["recipe"], b["recipe"]):
        typer.echo("An imported space that was trained on this library has met the answers: its figures flatter it.")
    if found["overlap"] is not None:
        typer.echo(
            f"{found['overlap']:.0%} of the ten nearest neighbours are the same ({found['queries']} tracks asked)"
        )


def _print_outcome(outcome: "Outcome", as_json: bool) -> None:
    from fairouz_tui.show import one_line

    space = outcome.space
    if as_json:
        named = {"id": space.id, "name": space.name, "recipe": space.recipe, "pinned": space.pinned}
        print_json({"space": named, "changed": outcome.changed, "note": outcome.note})
        return
    verb = "now in use" if outcome.changed else "stays in use"
    chosen = ", chosen by you" if space.pinned else ""
    typer.echo(
        f"{one_line(space.name)} (id {space.id}) {verb}{chosen}" + (f": {one_line(outcome.note)}" * bool(outcome.note))
    )


def _head(weight: float | None, shared: bool) -> str:
    return _MISSING if weight is None else f"weight {weight:g}{', shared' * shared}"


def _figure(value: float | None) -> str:
    return _MISSING if value is None else f"{value:.3f}"


def _day(seconds: float | None) -> str:
    """Write a moment, in seconds since 1970, as local date and time."""
    from datetime import datetime

    return "never used" if seconds is None else f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}"

"""The command `encoders` and its verbs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json, verb_follows
from fairouz_tui.commands.output import columns
from fairouz_tui.paths import library_folder, models_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.catalogue import Catalogue
    from indexer.encoders.listing import Listed
    from indexer.progress import Progress
    from models.encoders.known import KnownEncoder

_ROOMY = 108
"""In a narrower terminal the table leaves out the profiles."""

encoders = typer.Typer(rich_markup_mode=None, no_args_is_help=False)

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `fairouz-tui encoders` lists it.")]


@encoders.callback(invoke_without_command=True)
def list_encoders(context: typer.Context, as_json: Json = False, library: Library = None) -> None:
    """List the encoders; fetch, add, choose or remove one.

    They turn words, covers and sound into vectors.

    Example: fairouz-tui encoders
    """
    if not verb_follows(context, library):
        _list(as_json, library)


@encoders.command("list")
def list_again(as_json: Json = False, library: Library = None) -> None:
    """List the encoders, as `encoders` alone does."""
    _list(as_json, library)


@encoders.command()
def fetch(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Fetch an encoder from the model hub, after showing its licence and size; stopped, it goes on the next time.

    Example: fairouz-tui encoders fetch multilingual-e5-large
    """
    from indexer.encoders.fetch import fetch
    from indexer.encoders.folder import find_known, how_to_get
    from indexer.errors import IndexerError

    encoder = find_known(name)
    if not encoder.repository:
        raise IndexerError(f"{encoder.name} is not published in a form that can be fetched: {how_to_get(encoder)}")
    if not yes:
        _ask(encoder)
    _show(fetch(models_folder(), encoder))
    _say_where(encoder, as_json)


@encoders.command()
def add(
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder with its files; they are copied.")],
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Take an encoder from a folder on disk: fetched elsewhere, or made by the converter.

    Example: fairouz-tui encoders add vggish ~/converted/vggish
    """
    from indexer.encoders.fetch import add
    from indexer.encoders.folder import find_known

    encoder = find_known(name)
    add(models_folder(), encoder, folder.expanduser())
    _say_where(encoder, as_json)


@encoders.command()
def remove(
    name: Name,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget its pin as well: other files may come then.")
    ] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Delete the files of an encoder. Vectors that it made stay usable; its pin is kept.

    Example: fairouz-tui encoders remove bge-large-en-v1.5
    """
    from indexer.encoders.folder import find_known, remove

    encoder = find_known(name)
    freed = remove(models_folder(), encoder, forget=forget)
    if as_json:
        print_json({"name": encoder.name, "freed_bytes": freed})
        return
    typer.echo(f"{encoder.name} removed, {freed / 1e6:.0f} MB freed")


@encoders.command()
def use(
    names: Annotated[
        list[str], typer.Argument(metavar="PROFILE|NAME...", help="embedded, seed, or encoders, one for each modality.")
    ],
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Choose the encoders of a library: a profile, or one encoder for what it reads. The next `index` works through.

    Example: fairouz-tui encoders use multilingual-e5-large
    """
    from dataclasses import asdict

    from indexer.encoders.profiles import use
    from indexer.storing.store import Store

    with Store(library_folder(library)) as store, store.indexing():
        switch = use(store, models_folder(), names)
    if as_json:
        print_json(asdict(switch))
        return
    for kind, (before, now, tracks) in switch.changed.items():
        typer.echo(f"{kind}: {now} instead of {before}" + (f"; {tracks} tracks to read again" if tracks else ""))
    if not switch.changed:
        typer.echo("nothing changes: " + ", ".join(f"{kind} by {name}" for kind, name in switch.encoders.items()))
    else:
        typer.echo("`fairouz-tui index` makes the new vectors; until it is through, the old ones answer.")


@encoders.command()
def check(as_json: Json = False, library: Library = None) -> None:
    """Hash the files of every encoder that is here and compare them with their pins.

    Example: fairouz-tui encoders check
    """
    from indexer.encoders.folder import State
    from indexer.encoders.listing import list_encoders

    listed = list_encoders(models_folder(), _catalogue(library), thorough=True)
    here = [one for one in listed if one.state in (State.FETCHED, State.DAMAGED)]
    damaged = [one for one in here if one.state is State.DAMAGED]
    if as_json:
        print_json({"ok": not damaged, "encoders": [_json(one) for one in here]})
    else:
        for one in here:
            typer.echo(f"{one.name}: {one.problem or 'as it was pinned'}")
        if not here:
            typer.echo("no encoder has been fetched or added: nothing to check")
    if damaged:
        raise typer.Exit(1)


def _list(as_json: bool, library: Path | None) -> None:
    from indexer.encoders.listing import list_encoders
    from indexer.encoders.profiles import profile_of

    catalogue = _catalogue(library)
    listed = list_encoders(models_folder(), catalogue)
    profile = "embedded" if catalogue is None else profile_of(catalogue)
    if as_json:
        rows = [_json(one) for one in listed]
        print_json({"models": str(models_folder()), "profile": profile, "encoders": rows})
        return
    _print_table(listed, columns())
    typer.echo(f"* in use{f' (profile {profile})' if profile else ''}. Fetched ones lie in {models_folder()}.")


def _catalogue(library: Path | None) -> "Catalogue | None":
    """Open the library; None where there is none yet, or none that can be read: the encoders are there all the same."""
    from indexer.catalogue import Catalogue
    from indexer.errors import IndexerError

    try:
        return Catalogue(library_folder(library))
    except IndexerError:
        return None


def _json(one: "Listed") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one) | {"state": one.state.value}


def _print_table(listed: "list[Listed]", width: int) -> None:
    """Print one line an encoder; in a narrow terminal without the profiles, a long name on a line of its own."""
    from fairouz_tui.show import fit, one_line

    roomy = width >= _ROOMY
    room, gap = (42, "  ") if roomy else (28, " ")

    def line(mark: str, name: str, cells: "Sequence[str]", profiles: str) -> str:
        widths = (("<", 9), (">", 5), ("<", 16), (">", 4), ("<", 11))
        rest = gap.join(f"{cell:{side}{wide}}" for cell, (side, wide) in zip(cells, widths, strict=True))
        first = f"{mark} {fit(name, room)}" if len(name) <= room else f"{mark} {name}\n  {' ' * room}"
        return f"{first}{gap}{rest}{gap + profiles if roomy else ''}".rstrip()

    typer.echo(line(" ", "name", ("reads", "MB", "licence", "dim", "state"), "profile"))
    for one in listed:
        mark = "!" if one.problem else "*" if one.in_use else " "
        size = str(one.megabytes) if one.megabytes else "-"
        cells = (one.kind, size, one.licence, str(one.dimension), one.state.value)
        typer.echo(line(mark, one.name, cells, ", ".join(one.profiles)))
    for one in listed:
        if one.problem:
            typer.echo(f"! {one.name}: {one_line(one.problem)}")


def _ask(encoder: "KnownEncoder") -> None:
    """Show licence and size, and ask where there is a terminal; anywhere else --yes must say it."""
    from fairouz_tui.errors import AppError

    typer.echo(
        f"{encoder.name}: {encoder.megabytes} MB from {encoder.repository}, licence {encoder.licence}, "
        f"{encoder.dimension} numbers a vector",
        err=True,
    )
    if not sys.stdin.isatty():
        raise AppError(f"no terminal to ask on: `fairouz-tui encoders fetch {encoder.name} --yes` accepts the licence")
    if not typer.confirm("Fetch it?", default=True, err=True):
        raise typer.Exit(1)


def _say_where(encoder: "KnownEncoder", as_json: bool) -> None:
    from indexer.encoders.folder import encoder_id, place

    folder = place(models_folder(), encoder)
    if as_json:
        print_json({"name": encoder.name, "id": encoder_id(models_folder(), encoder), "folder": str(folder)})
        return
    typer.echo(f"{encoder.name} is in {folder}, pinned. `fairouz-tui encoders use {encoder.name}` puts it to use.")


def _show(stages: "Iterator[Progress]") -> None:
    """Draw a bar in bytes on stderr when it is a terminal; else run silently."""
    if not sys.stderr.isatty():
        for _ in stages:
            pass
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=None)
        for progress in stages:
            bars.update(task, completed=progress.done, total=progress.total or None, description=progress.stage)

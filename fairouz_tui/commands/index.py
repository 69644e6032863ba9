"""The command `index`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.progress import Counts, Progress


def index(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Music folders; none = all that are known.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that failed before.")] = False,
    cover_model: Annotated[
        Path | None,
        typer.Option("--cover-model", metavar="DIR", help="Compare covers by an OpenCLIP model in DIR; none = ours."),
    ] = None,
    as_json: Json = False,
    progress_json: Annotated[bool, typer.Option("--progress-json", hidden=True)] = False,
    library: Library = None,
) -> None:
    """Scan music folders into the library: tags, covers, lyrics, sound. Only what changed is read.

    Music files are never written. Stop it with Ctrl-C at any time: the next run goes on from there.

    Example: fairouz-tui index ~/Music
    """
    from indexer.pipeline import index as run_index
    from indexer.progress import Counts

    counts = Counts()
    stages = run_index(library_folder(library), folders or (), counts=counts, retry=retry, cover_model=cover_model)
    if progress_json:
        for progress in stages:
            print(json.dumps(asdict(progress)), flush=True)
    else:
        show_progress(stages)
    if as_json:
        print_json(counts_json(counts))
    elif not progress_json:
        print_counts(counts)


def counts_json(counts: "Counts") -> dict[str, Any]:
    """Return the JSON of the contract, with the notes beside it."""
    return asdict(counts)


def print_counts(counts: "Counts") -> None:
    """Say in a few lines what a run did."""
    from fairouz_tui.show import one_line

    typer.echo(
        f"{counts.seen} audio files: {counts.new} new, {counts.changed} changed, {counts.moved} moved, "
        f"{counts.unchanged} unchanged, {counts.failed} failed; {counts.missing} missing. {counts.seconds:.1f} s"
    )
    for note in counts.notes[:20]:
        typer.echo(one_line(note))
    if counts.failed:
        typer.echo(
            "`fairouz-tui stats --problems` says why files failed; `fairouz-tui index --retry` tries them again."
        )


def show_progress(stages: "Iterator[Progress]") -> None:
    """Draw a bar per stage on stderr when it is a terminal; else run silently."""
    if not sys.stderr.isatty():
        for _ in stages:
            pass
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}
        for progress in stages:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage, total=None)
            failed = f" ({progress.failed} failed)" if progress.failed else ""
            bars.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total or None,
                description=f"{progress.stage}{failed}",
            )
        for task in bars.tasks:
            bars.update(task.id, total=task.total or task.completed or 1, completed=task.total or task.completed or 1)

"""The command `index`."""

import json
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.errors import AppError
from fairouz_tui.paths import database_path, library_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from indexer.progress import Counts, Progress


def index(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER", help="Music folders; none = all that are known.")
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try files again that failed before.")] = False,
    retry_only: Annotated[
        bool,
        typer.Option("--retry-only", help="Try only these, and read nothing else; given FILEs instead: only those."),
    ] = False,
    cover_model: Annotated[
        Path | None,
        typer.Option("--cover-model", metavar="DIR", help="Compare covers by an OpenCLIP model in DIR; none = ours."),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and take in what changes in the folders, until Ctrl-C.")
    ] = False,
    poll: Annotated[
        bool, typer.Option("--poll", help="With --watch: look at every file again and again (network disks).")
    ] = False,
    pause_on_battery: Annotated[
        bool, typer.Option("--pause-on-battery", help="Wait while the machine runs on its battery.")
    ] = False,
    as_json: Json = False,
    progress_json: Annotated[bool, typer.Option("--progress-json", hidden=True)] = False,
    library: Library = None,
) -> None:
    """Read music folders: tags, covers, lyrics, sound.

    Only what changed is read, and nothing is ever written to your music. Stop it with Ctrl-C at any time: the next
    run goes on from there.

    It works at low priority and uses what the machine has to spare.

    Example: fairouz-tui index ~/Music

    Example: fairouz-tui index --watch --pause-on-battery
    """
    from indexer.courtesy import step_back, while_plugged_in
    from indexer.pipeline import index as run_index
    from indexer.progress import Counts
    from indexer.retrying import retry as try_again

    if poll and not watch:
        raise typer.BadParameter("goes with --watch", param_hint="--poll")
    if retry_only and watch:
        raise typer.BadParameter("does not go with --watch", param_hint="--retry-only")
    home = library_folder(library)
    _check_folders(folders or (), home, command="index FOLDER --watch" if watch else "index FOLDER")
    step_back()

    def run(changed: "Sequence[Path]") -> Counts:
        counts = Counts()
        if retry_only:
            stages = try_again(home, [Path(os.path.abspath(file)) for file in changed], counts=counts)
        else:
            stages = run_index(home, changed, counts=counts, retry=retry, cover_model=cover_model, refit=not watch)
        stages = while_plugged_in(stages) if pause_on_battery else stages
        _take(stages, progress_json, home, trying_again=retry_only)
        return counts

    if watch:
        from fairouz_tui.following import follow

        follow(home, folders or (), run=run, polling=poll, as_json=as_json)
        return
    counts = run(folders or ())
    if as_json:
        print_json(counts_json(counts))
    elif not progress_json:
        print_counts(counts)


def _check_folders(folders: "Sequence[Path]", library: Path, *, command: str) -> None:
    """Raise AppError where there is nothing to index: a mistyped folder must not leave an empty library behind."""
    if database_path(library).exists():
        return
    if not folders:
        raise AppError(f"no music folder is known yet: run `fairouz-tui {command}`")
    for folder in folders:
        if not folder.is_dir():
            raise AppError(f"{folder} is not a folder: give the folder that holds your music")


def _take(stages: "Generator[Progress, None, None]", as_json_lines: bool, library: Path, *, trying_again: bool) -> None:
    """Take every step of a run, showing here and on other screens how far it is; who reads the lines may pause it."""
    from fairouz_tui.run_note import noted

    if as_json_lines:
        from fairouz_tui.control import Control
        from indexer.courtesy import while_wanted

        # Who reads the lines stops the run with it, even where a script has made both ignore it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        wanted = while_wanted(stages, paused=Control().paused)
        for progress in noted(wanted, library, trying_again=trying_again):
            print(json.dumps(asdict(progress)), flush=True)
    else:
        show_progress(noted(stages, library, trying_again=trying_again))


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
    if not counts.seen and not counts.missing:
        typer.echo("There is no music in there: name the folder that holds it, as in `fairouz-tui index ~/Music`.")
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
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}
        for progress in stages:
            if progress.stage not in tasks:
                for task in bars.tasks:
                    bars.update(task.id, told="")
                tasks[progress.stage] = bars.add_task(progress.stage, total=None, told="")
            failed = f" ({progress.failed} failed)" if progress.failed else ""
            bars.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total or None,
                description=f"{progress.stage}{failed}",
                told=escape(told(progress)),
            )
        for task in bars.tasks:
            done = task.total or task.completed or 1
            bars.update(task.id, total=done, completed=done, told="")


def told(progress: "Progress") -> str:
    """Say how far the whole run is, or what holds it up: "run 62 % · 4:10 left", "paused: on battery", or ""."""
    from fairouz_tui.show import clock, one_line

    if progress.note:
        return one_line(progress.note)
    if progress.seconds_left is None:
        return ""
    share = "" if progress.share is None else f"run {progress.share * 100:.0f} % · "
    return f"{share}{clock(progress.seconds_left)} left"

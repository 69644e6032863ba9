"""The command `evaluate`."""

import math
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairouz_tui.commands.options import Json, Library, modality, print_json
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.evaluation.evaluate import Evaluation, Request
    from models.evaluation.rows import Row

_PROTOCOLS = ("paper", "artist-folds")
_SHOWN = {
    "paper": [f"{kind}P@{k}" for kind in ("", "unseen ") for k in (10, 15, 20, 25)],
    "artist-folds": [
        f"{kind}{metric}"
        for kind in ("", "without graph: ")
        for metric in (
            "artist nDCG@10",
            "other album nDCG@10",
            "genre nDCG@10",
            "genre kNN",
            "cross-modal R@10",
        )
    ],
}
"""The columns of the table on the screen; --all and --json have every figure."""
_HEADS = {
    "artist nDCG@10": "artist",
    "other album nDCG@10": "other alb.",
    "genre nDCG@10": "genre",
    "cross-modal R@10": "across",
}


def evaluate(
    folder: Annotated[
        Path | None, typer.Argument(metavar="FOLDER", help="A data folder; none = your own library.")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option("--protocol", metavar="NAME", help="artist-folds (default) or paper.")
    ] = None,
    recipes: Annotated[
        list[str] | None,
        typer.Option("--recipe", metavar="NAME", help="What to train and measure; may be repeated."),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="MODALITY", help="Leave a modality out; may be repeated.")
    ] = None,
    folds: Annotated[
        Path | None, typer.Option("--folds", metavar="FILE", help='Your own folds: {"track id": fold, ...} as JSON.')
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, max=100, metavar="N", help="Repeat with so many seeds (3).")
    ] = None,
    vectors: Annotated[
        Path | None,
        typer.Option("--save-vectors", metavar="FILE", help="Write the joint vectors that gave the figures as .npz."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Print every figure, not only the main columns.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Measure how good the answers are.

    On your own library, or on a data folder by a protocol.

    Baselines stand beside every model. Without a folder your library is measured by its own tags.

    Example: fairouz-tui evaluate

    Example: fairouz-tui evaluate DATA --protocol artist-folds --without graph
    """
    if folder is None:
        if any((protocol, recipes, without, folds, seeds, vectors, everything)):
            raise typer.BadParameter("this option is for a data folder: name one, or leave it out for your library")
        _report(library, as_json=as_json)
        return
    protocol = protocol or "artist-folds"
    if protocol not in _PROTOCOLS:
        raise typer.BadParameter(f'"{protocol}" is no protocol ({", ".join(_PROTOCOLS)})', param_hint="--protocol")
    left_out = [name for name in (modality(one, hint="--without") for one in without or ()) if name]
    from models.errors import ModelError
    from models.evaluation.evaluate import Request, fit_of
    from models.modality import Modality

    try:
        for name in recipes or ():
            fit_of(name)
    except ModelError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    request = Request(
        folder, protocol, tuple(recipes or ()), tuple(map(Modality, left_out)), folds, seeds or 3, vectors
    )
    try:
        done = _run(request)
        if vectors is not None:
            done.save(vectors)
    except ModelError as error:
        raise AppError(str(error)) from error
    if as_json:
        print_json({"protocol": done.protocol, "rows": [row.to_json() for row in done.rows]})
        return
    _print(done.rows, None if everything else _SHOWN[protocol])
    if vectors is not None:
        typer.echo(f"Vectors written to {vectors}")


def _report(library: Path | None, *, as_json: bool) -> None:
    """Measure the user's own library by its tags."""
    from fairouz_tui.report_text import report_lines
    from indexer.catalogue import Catalogue
    from indexer.report.library import library_report

    catalogue = Catalogue(library_folder(library))
    with _bar() as show:
        report = library_report(catalogue, progress=show).to_json()
    if as_json:
        print_json(report)
        return
    for line in report_lines(report):
        typer.echo(line)


@contextmanager
def _bar() -> "Iterator[Callable[[str, int, int], None]]":
    """Draw a bar on stderr where it is a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda name, done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("reading", total=None)
        yield lambda name, done, total: bars.update(task, description=name, completed=done, total=total or None)


def _run(request: "Request") -> "Evaluation":
    """Measure on a data folder."""
    from models.evaluation.evaluate import evaluate as run

    stages = run(request)
    with _bar() as show:
        while True:
            try:
                show(*next(stages))
            except StopIteration as end:
                measured: Evaluation = end.value
                return measured


def _print(rows: "list[Row]", metrics: list[str] | None) -> None:
    """Print one line a model and one column a figure, or, for all figures, one line a figure."""
    from fairouz_tui.show import fit

    figures = {(row.model, row.metric): row for row in rows}
    models = list(dict.fromkeys(row.model for row in rows))
    if metrics is None:
        for row in rows:
            typer.echo(f"{row.model:<40} {row.metric:<50} {shown(row)}")
        return
    for title in dict.fromkeys(_group(metric) for metric in metrics):
        columns = [
            metric for metric in metrics if _group(metric) == title and any((m, metric) in figures for m in models)
        ]
        if not columns:
            continue
        names = [_HEADS.get(name, name) for name in (metric.removeprefix(title) for metric in columns)]
        typer.echo(f"{title.strip() or 'model':<24}" + "".join(f" {name:>10}" for name in names))
        for model in models:
            if any((model, column) in figures for column in columns):
                cells = (figures.get((model, column)) for column in columns)
                typer.echo(f"{fit(model, 24)}" + "".join(f" {shown(cell) if cell else '-':>10}" for cell in cells))
        typer.echo("")
    if "artist nDCG@10" in metrics:
        typer.echo("artist, other album, genre: nDCG@10; across: cross-modal R@10.")
    deviation = ", ± the deviation between seeds" if any(row.seeds > 1 for row in rows) else ""
    typer.echo(f"Means over folds and seeds{deviation}. --all prints every figure.")


def _group(metric: str) -> str:
    return next((prefix for prefix in ("unseen ", "without graph: ") if metric.startswith(prefix)), "")


def shown(row: "Row") -> str:
    """Write a figure as people do: .793 ±.004."""
    if math.isnan(row.mean):
        return "-"
    number = f"{row.mean:.1f}" if row.mean >= 1.5 else f"{row.mean:.3f}".removeprefix("0")
    return number if row.sd == 0 else f"{number}±{row.sd:.3f}".replace("±0.", "±.")

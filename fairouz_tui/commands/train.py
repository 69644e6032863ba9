"""The command `train`."""

import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import Json, Library, print_json
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.training.loop import Moment
    from models.training.options import Options
    from models.training.recipe import Recipe
    from models.training.run import Run

INTERRUPTED = 130
_DATA = "data"
"""Where in a run folder the copy of a library lies."""
SETTINGS = {"ignore_unknown_options": True}
"""How typer must read this command: the options of a recipe are known only when the recipe is."""


def train(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[DATA] [--OPTION VALUE]...",
            help="A data folder (none = your library), and options of the recipe: `--recipes` lists them.",
        ),
    ] = None,
    recipe: Annotated[str | None, typer.Option("--recipe", metavar="NAME", help="What to train.")] = None,
    recipes: Annotated[bool, typer.Option("--recipes", help="List recipes and their options, and exit.")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder of the run.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, metavar="N", help="Of all that is drawn (0).")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in DIR exactly where it stopped.")
    ] = False,
    device: Annotated[str, typer.Option("--device", metavar="NAME", help="auto, cpu or cuda.")] = "auto",
    threads: Annotated[int | None, typer.Option("--threads", min=1, metavar="N", help="Threads on the CPU.")] = None,
    wandb: Annotated[bool, typer.Option("--wandb", help="Send the curves to Weights & Biases.")] = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Train a joint model on a data folder or your own library.

    Ctrl-C stops it; `--resume` goes on to exactly the same weights as without a stop.

    Example: fairouz-tui train --recipe contrastive --out runs/first --epochs 50

    Example: fairouz-tui train --resume --out runs/first
    """
    if recipes:
        _list_recipes(recipe, as_json=as_json)
        return
    data, texts = split_arguments(arguments or [])
    if out is None:
        raise typer.BadParameter("say where the run is kept", param_hint="--out")
    from models.errors import ModelError
    from models.training.options import OptionError

    try:
        # Wrong usage is told before torch is loaded, which takes seconds.
        chosen, values = _chosen(out, recipe, texts, resume=resume)
        with _no_orphan(out):
            dataset, source = _dataset(out, data, library, resume=resume)
            how: dict[str, Any] = {"seed": seed, "device": device, "threads": threads, "wandb": wandb, "source": source}
            run = _run(out, dataset, chosen, values, resume=resume, **how)
            _work(run, out)
    except OptionError as error:
        raise typer.BadParameter(str(error)) from error
    except ModelError as error:
        raise AppError(str(error)) from error
    _report(run, out, as_json=as_json)


def split_arguments(arguments: Sequence[str]) -> tuple[Path | None, dict[str, str]]:
    """Tell the data folder from options of the recipe, `--name VALUE` or `--name=VALUE`."""
    data: list[str] = []
    texts: dict[str, str] = {}
    waiting = iter(arguments)
    for argument in waiting:
        if not argument.startswith("-"):
            data.append(argument)
            continue
        name, equals, text = argument.partition("=")
        if not name.startswith("--") or len(name) < 3:
            raise typer.BadParameter(f'"{argument}" is no option')
        value = text if equals else next(waiting, None)
        if value is None or (not equals and value.startswith("--")):
            raise typer.BadParameter(f"{name} needs a value: {name} VALUE")
        texts[name[2:]] = value
    if len(data) > 1:
        raise typer.BadParameter(f'one data folder at most, not "{data[0]}" and "{data[1]}"')
    return (Path(data[0]) if data else None), texts


def _chosen(out: Path, recipe: str | None, texts: dict[str, str], *, resume: bool) -> "tuple[Recipe, dict[str, Any]]":
    """Return the recipe and the options that were typed; a run to resume knows its recipe."""
    from models.training.options import read_options
    from models.training.recipes import RECIPES, recipe_named
    from models.training.run_file import begun

    described = begun(out) if resume else None
    name = recipe or (described or {}).get("recipe")
    if name is None and resume:
        raise AppError(f"{out} holds no run to resume: leave --resume out to begin one")
    if name is None:
        raise typer.BadParameter(f"choose {', '.join(RECIPES)}; --recipes explains them", param_hint="--recipe")
    chosen = recipe_named(name)
    return chosen, read_options(chosen.options, texts)


def _dataset(out: Path, data: Path | None, library: Path | None, *, resume: bool) -> "tuple[Dataset, str]":
    """Return the tracks to train on and where they come from: "" for a library."""
    from models.dataset import load_dataset
    from models.training.run_file import begun

    described = begun(out)
    if resume and described is not None and data is None:
        data = Path(described["source"]) if described["source"] else None
        copied = out / _DATA
        if data is None and copied.is_dir():
            return load_dataset(copied), ""
    if data is not None:
        return load_dataset(data), str(data.expanduser().absolute())
    if described is not None and not resume:
        raise AppError(f"{out} holds a run already: go on with it by --resume, or choose another folder")
    from indexer.catalogue import Catalogue
    from indexer.training import export_library

    export_library(Catalogue(library_folder(library)), out / _DATA)
    return load_dataset(out / _DATA), ""


@contextmanager
def _no_orphan(out: Path) -> Iterator[None]:
    """Take the copy of a library away again where no run came of it: it would be in the way of the next try."""
    from models.training.run_file import begun

    there = (out / _DATA).exists()
    try:
        yield
    finally:
        if not there and begun(out) is None:
            shutil.rmtree(out / _DATA, ignore_errors=True)


def _run(
    out: Path,
    dataset: "Dataset",
    recipe: "Recipe",
    values: dict[str, Any],
    *,
    resume: bool,
    seed: int | None,
    **how: Any,
) -> "Run":
    """Set the run up, with what the folder says where it is resumed."""
    from models.training.run import Run
    from models.training.run_file import begun, resumed_options

    described = begun(out) if resume else None
    options: Options = resumed_options(described, values) if described else recipe.options(**values)
    chosen = seed if seed is not None else described["seed"] if described else 0
    return Run(out, dataset, recipe, options, seed=chosen, resume=resume, **how)


def _work(run: "Run", out: Path) -> None:
    """Train to the end, or until Ctrl-C: the step in hand is finished and all is saved."""
    if run.plan.recipe.build is None:
        # Solved at one stroke: there is nothing to save in between, and Ctrl-C ends it.
        if sys.stderr.isatty():
            typer.echo(f"fitting {run.plan.recipe.name} to {len(run.dataset)} tracks ...", err=True)
        for _ in run.train():
            pass
        return
    with _stopping(run):
        show_training(run.train(), epochs=getattr(run.plan.options, "epochs", 1))
    if not run.finished:
        typer.echo(f"resume with `fairouz-tui train --resume --out {out}`", err=True)
        raise typer.Exit(INTERRUPTED)


@contextmanager
def _stopping(run: "Run") -> Iterator[None]:
    """Let the first Ctrl-C ask the run to stop, and a second one end it at once."""

    def stop(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def show_training(moments: "Iterator[Moment]", *, epochs: int) -> None:
    """Draw a bar over the epochs with the losses on stderr when it is a terminal; else run silently."""
    if not sys.stderr.isatty():
        for _ in moments:
            pass
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("epoch"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("", total=epochs)
        for moment in moments:
            done = moment.epoch + moment.step / moment.steps_an_epoch
            bars.update(task, completed=round(done, 2), description=losses(moment.loss, moment.validation_loss))


def losses(loss: float | None, validation_loss: float | None) -> str:
    """Say "loss 0.0312, validation 0.0345"; what was not measured (None, NaN) is left out."""
    named = (("loss", loss), ("validation", validation_loss))
    return ", ".join(f"{name} {value:.4g}" for name, value in named if value is not None and value == value)


def _report(run: "Run", out: Path, *, as_json: bool) -> None:
    """Say what came of it."""
    from models.training.curves import has_tensorboard

    figures = run.figures()
    if as_json:
        names = {"recipe": run.plan.recipe.name, "tracks": len(run.dataset), "seed": run.plan.seed}
        files = {"model": str(out / "model.safetensors"), "card": str(out / "model.json")}
        print_json(names | files | {"explanation": run.explanation} | figures)
        return
    typer.echo(f"{run.plan.recipe.name} on {len(run.dataset)} tracks: {out / 'model.safetensors'}")
    if run.explanation.get("kind") == "approximate":
        r2 = run.explanation["r2"]
        typer.echo(f"It is no sum over modalities: explaining it by them accounts for {r2:.0%} of its scores (R2).")
    if not figures:
        return
    early = ", stopped early" if figures["stopped_early"] else ""
    said = losses(figures["loss"], figures["validation_loss"])
    typer.echo(
        f"{figures['epochs']} epochs{early}, best after {figures['best_epoch']}; {said}. {figures['seconds']:.1f} s"
    )
    if not has_tensorboard():
        typer.echo("For TensorBoard events: pip install 'fairouz-tui[train]'. The curves are in curves.jsonl.")


def _list_recipes(name: str | None, *, as_json: bool) -> None:
    """Print every recipe, or one, with its options, their defaults and what they mean."""
    from models.training.options import OptionError, defaults_of, limits_of
    from models.training.recipes import RECIPES, recipe_named

    try:
        listed = [recipe_named(name)] if name else list(RECIPES.values())
    except OptionError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from error
    if as_json:
        print_json({one.name: {"summary": one.summary, "options": defaults_of(one.options)} for one in listed})
        return
    for one in listed:
        typer.echo(f"{one.name}: {one.summary}")
        defaults = defaults_of(one.options)
        for field, limits in limits_of(one.options).items():
            choices = f" ({', '.join(limits.choices)})" if limits.choices else ""
            typer.echo(f"  --{field.replace('_', '-'):<22} {_typed(defaults[field]):<10} {limits.meaning}{choices}")


def _typed(value: Any) -> str:
    """Write a value as one would type it."""
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)

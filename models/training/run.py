"""Run a recipe in a folder of its own, from the data to the model file, and go on with a run that was interrupted.

A run folder holds `run.json` (recipe, options, seed, digest of the data), `checkpoint.safetensors` while there is
something to resume, `curves.jsonl` and `events/`, and at the end `model.safetensors` with its card `model.json`.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.dataset import Dataset
from models.errors import ModelError
from models.joint.additive import Space
from models.joint.attribution import explained
from models.joint.gcca import sampled
from models.modality import MODALITIES
from models.model_file import write_in_one_step
from models.training.curves import Curves, point_of
from models.training.fingerprint import fingerprint
from models.training.loop import Moment, Trainer
from models.training.options import OptionError, Options, Schedule
from models.training.recipe import Recipe
from models.training.run_file import RUN, Plan, begun, check_same
from models.training.state import load_state, save_state

CHECKPOINT, MODEL, CARD = "checkpoint.safetensors", "model.safetensors", "model.json"
DEVICES = ("auto", "cpu", "cuda")
EXPLAINED_TRACKS = 1_000
"""Tracks among which pairs are drawn to tell how far an explanation by modalities goes."""


class Run:
    """A recipe at work in a folder.

    Raises ModelError where the folder holds another run (or, to be resumed, none), or the data is not that of the run.
    """

    def __init__(
        self,
        folder: Path,
        dataset: Dataset,
        recipe: Recipe,
        options: Options,
        *,
        seed: int = 0,
        resume: bool = False,
        device: str = "auto",
        threads: int | None = None,
        wandb: bool = False,
        source: str = "",
    ) -> None:
        self.folder, self.dataset, self.device = folder, dataset, device_named(device)
        described = begun(folder)
        if described is not None and not resume:
            raise ModelError(f"{folder} holds a run already: go on with it by --resume, or choose another folder")
        taken = next((name for name in (MODEL, CARD, CHECKPOINT) if (folder / name).exists()), None)
        if described is None and not resume and taken:
            raise ModelError(f"{folder} has a {taken} that is of no run: choose another folder")
        if described is None and resume:
            raise ModelError(f"{folder} holds no run to resume: leave --resume out to begin one")
        threads = threads or (described or {}).get("threads") or torch.get_num_threads()
        self.plan = Plan(recipe, options, seed, fingerprint(dataset), threads)
        if described is not None:
            check_same(described, self.plan)
        self._wandb = wandb
        self._described = self.plan.description() | {"source": source}
        self.trainer: Trainer | None = None
        self._asked_to_stop = False
        self.explanation: dict[str, Any] = {}

    def stop(self) -> None:
        """Ask to stop after the step in hand, with everything saved."""
        self._asked_to_stop = True
        if self.trainer is not None:
            self.trainer.stop()

    @property
    def finished(self) -> bool:
        """Return whether the model is written."""
        return (self.folder / CARD).is_file() and (self.trainer is None or self.trainer.finished)

    def train(self) -> Iterator[Moment]:
        """Do all the run's work, and yield after every step; a recipe in closed form yields nothing."""
        torch.set_num_threads(self.plan.threads)
        recipe = self.plan.recipe
        if recipe.fit is not None:
            model = recipe.fit(self.dataset, self.plan.options, self.plan.seed)
            self._begin()
            self._write(model, {})
            return
        self.trainer = self._trainer()
        if self._asked_to_stop:
            self.trainer.stop()
        self._begin()
        epoch = self.trainer.counters.epoch
        with Curves(self.folder, epoch=epoch, config=self._described, wandb=self._wandb) as curves:
            for moment in self.trainer.run():
                if moment.epoch_ended:
                    curves.add(point_of(moment))
                yield moment
        if self.trainer.finished:
            self._write(self.trainer.task.model(), self.figures())

    def _begin(self) -> None:
        """Write down what the run is, once it is known that the recipe can learn from the data."""
        _make(self.folder)
        write_in_one_step(_json(self._described), self.folder / RUN, what="run")

    def _trainer(self) -> Trainer:
        schedule, recipe = self.plan.options, self.plan.recipe
        if recipe.build is None or not isinstance(schedule, Schedule):
            raise TypeError(f"the recipe {recipe.name} has neither fit nor build with a Schedule")
        checkpoint = self.folder / CHECKPOINT
        return Trainer(
            recipe.build(self.dataset, schedule, self.plan.seed, self.device),
            schedule,
            seed=self.plan.seed,
            device=self.device,
            state=load_state(checkpoint) if checkpoint.is_file() else None,
            save=lambda state: save_state(state, checkpoint),
        )

    def figures(self) -> dict[str, Any]:
        """Return how training went, ready for JSON; None for a loss that was not measured, {} for a closed form."""
        if self.trainer is None:
            return {}
        now = self.trainer.counters
        return {
            "epochs": now.epoch,
            "steps": now.steps,
            "loss": _finite(now.loss),
            "validation_loss": _finite(now.best_loss),
            "best_epoch": now.best_epoch or now.epoch,
            "stopped_early": now.stopped_early,
            "seconds": round(now.seconds, 3),
            "training_examples": len(self.trainer.task.examples),
            "validation_examples": len(self.trainer.task.held_out),
        }

    def _write(self, model: Any, figures: dict[str, Any]) -> None:
        """Write the model, then its card, which says that the run is complete."""
        self.plan.recipe.save(model, self.folder / MODEL)
        dataset = self.dataset
        self.explanation = _explanation(model, dataset)
        present = {m.value: int(dataset.present[:, MODALITIES.index(m)].sum()) for m in dataset.modalities()}
        card = {
            "model": MODEL,
            "summary": self.plan.recipe.summary,
            **self._described,
            "tracks": len(dataset),
            "present": present,
            "encoders": {m.value: dataset.encoders[m] for m in dataset.modalities()},
            "explanation": self.explanation,
            "figures": figures,
            "versions": {"torch": torch.__version__, "numpy": np.__version__},
        }
        write_in_one_step(_json(card), self.folder / CARD, what="model card")


def _explanation(model: Any, dataset: Dataset) -> dict[str, Any]:
    """Say whether contributions of modalities account for the model's scores, and if not wholly, how far."""
    some = dataset.take(sampled(len(dataset), rows_at_most=EXPLAINED_TRACKS, seed=0))
    r2 = explained(model, some) if len(some) > 1 else 1.0
    return {"kind": "exact" if isinstance(model, Space) else "approximate", "r2": r2}


def device_named(name: str) -> str:
    """Return "cpu" or "cuda"; "auto" takes a GPU where there is one. Raises ModelError for one that is not there."""
    if name not in DEVICES:
        raise OptionError(f'"{name}" is no device: choose {", ".join(DEVICES)}')
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cuda" and not torch.cuda.is_available():
        raise ModelError("torch finds no GPU here: use --device cpu")
    return name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"{folder} cannot be made ({error.strerror}): choose another folder with --out") from error


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=2, allow_nan=False) + "\n").encode()

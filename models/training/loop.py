"""Train a task by gradient: epochs, validation, early stop, and checkpoints that resume to exactly the same weights."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.errors import ModelError
from models.training.batches import batches, epoch_order
from models.training.options import Schedule
from models.training.recipe import Task
from models.training.state import Counters, State, gather, spread

_VALIDATION = 2**31
"""The number in place of epoch and step from which the draws of a validation come: the same ones every time."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a run stands after a step; the losses are those of the last finished epoch, NaN before."""

    epoch: int
    step: int
    steps_an_epoch: int
    steps: int
    loss: float
    validation_loss: float
    seconds: float
    epoch_ended: bool


class Trainer:
    """Train a task to its end, or until it is asked to stop; `save` gets the state at every checkpoint."""

    def __init__(
        self,
        task: Task,
        schedule: Schedule,
        *,
        seed: int,
        device: str = "cpu",
        state: State | None = None,
        save: Callable[[State], None] | None = None,
    ) -> None:
        self.task = task
        self.schedule = schedule
        self.counters = Counters() if state is None else state.counters
        self._seed = seed
        self._save = save or (lambda _: None)
        self._optimizer = torch.optim.AdamW(
            task.module.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay
        )
        self._best: dict[str, Tensor] = {}
        self._asked_to_stop = False
        self._loss_sum = torch.tensor(self.counters.loss_sum, dtype=torch.float64, device=device)
        """Of the unfinished epoch; added up on the device, since reading it after every step would hold a GPU up."""
        if not len(task.examples):
            raise ModelError("the data has nothing to train on: add tracks, or lower --validation-share")
        if state is not None:
            self._best = spread(state.tensors, task.module, self._optimizer)

    @property
    def finished(self) -> bool:
        """Return whether there is no epoch left to train."""
        return self.counters.stopped_early or self.counters.epoch >= self.schedule.epochs

    def stop(self) -> None:
        """Ask to stop after the step in hand: the state is saved, and `run` ends."""
        self._asked_to_stop = True

    def run(self) -> Iterator[Moment]:
        """Train, and yield after every step. At the end the module has the best weights, unless it was stopped."""
        with deterministic():
            yield from self._run()

    def _run(self) -> Iterator[Moment]:
        started = time.monotonic() - self.counters.seconds
        while not self.finished:
            for moment in self._epoch():
                self.counters.seconds = time.monotonic() - started
                # First whoever listens, then the checkpoint: a crash in between repeats an epoch, and loses none.
                yield moment
                stopping = self._asked_to_stop
                if stopping or (moment.epoch_ended and self._due()):
                    self._save(self.state())
                if stopping and not self.finished:
                    return
        if self._best:
            self.task.module.load_state_dict(self._best)

    def state(self) -> State:
        """Return the state of the run as it is now."""
        self.counters.loss_sum = float(self._loss_sum)
        return State(self.counters, gather(self.task.module, self._optimizer, self._best))

    def _due(self) -> bool:
        return self.finished or self.counters.epoch % self.schedule.checkpoint_every == 0

    def _epoch(self) -> Iterator[Moment]:
        """Train what is left of an epoch."""
        task, size, counters = self.task, self.schedule.batch, self.counters
        order = epoch_order(len(task.examples), seed=self._seed, epoch=counters.epoch, groups=task.groups)
        total = math.ceil(len(order) / size)
        for chosen in batches(order, size=size, start=counters.step):
            self._loss_sum += self._learn(chosen) * len(chosen)
            counters.step += 1
            counters.steps += 1
            if counters.step < total:
                yield self._moment(total, ended=False)
        loss = float(self._loss_sum) / len(order)
        self._loss_sum.zero_()
        self._close_epoch(loss)
        yield self._moment(total, ended=True)

    def _learn(self, chosen: NDArray[np.int64]) -> Tensor:
        """Do one step and return its loss, float64 without gradient."""
        with drawing_from(self._seed, self.counters.epoch, self.counters.step) as generator:
            self.task.module.train()
            loss = self.task.loss(self.task.examples[chosen], generator)
            self._optimizer.zero_grad()
            if loss.requires_grad:  # a batch may hold nothing to learn from, such as one track alone
                loss.backward()  # type: ignore[no-untyped-call]
                self._optimizer.step()
        return loss.detach().to(torch.float64)

    def _close_epoch(self, loss: float) -> None:
        """Count an epoch, validate, and remember the weights where they are the best so far."""
        counters = self.counters
        counters.epoch += 1
        counters.step, counters.loss = 0, loss
        counters.validation_loss = self._validate()
        measured = counters.validation_loss if len(self.task.held_out) else 0.0
        if not (math.isfinite(loss) and math.isfinite(measured)):
            raise ModelError(f"the loss is no longer a number in epoch {counters.epoch}: lower --learning-rate")
        if counters.validation_loss < counters.best_loss:
            counters.best_loss, counters.best_epoch = counters.validation_loss, counters.epoch
            self._best = {name: tensor.detach().clone() for name, tensor in self.task.module.state_dict().items()}
        patience = self.schedule.patience
        counters.stopped_early = bool(self._best and patience and counters.epoch - counters.best_epoch >= patience)

    def _validate(self) -> float:
        """Return the mean loss over the held-out examples; NaN without any."""
        held_out, total = self.task.held_out, 0.0
        if not len(held_out):
            return math.nan
        self.task.module.eval()
        # Shuffled once and for all: neighbours in a file are of one artist, and a batch of them is no fair question.
        order = epoch_order(len(held_out), seed=self._seed, epoch=_VALIDATION)
        with torch.no_grad():
            for step, chosen in enumerate(batches(order, size=self.schedule.batch)):
                with drawing_from(self._seed, _VALIDATION, step) as generator:
                    total += float(self.task.loss(held_out[chosen], generator)) * len(chosen)
        return total / len(held_out)

    def _moment(self, steps_an_epoch: int, *, ended: bool) -> Moment:
        now = self.counters
        losses = (now.loss, now.validation_loss)
        return Moment(now.epoch, now.step, steps_an_epoch, now.steps, *losses, now.seconds, ended)


@contextmanager
def deterministic() -> Iterator[None]:
    """Let torch add up in a fixed order: the gradient of picking rows is else added by threads as they happen to come.

    Two runs of the same seed on two threads differ without it. Operations that have no fixed order only warn.
    """
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)


@contextmanager
def drawing_from(*numbers: int) -> Iterator[torch.Generator]:
    """Draw all random numbers of a block from some whole numbers: dropout by torch, the rest by the generator given."""
    high, low = np.random.SeedSequence([3, *numbers]).generate_state(2, np.uint32).tolist()
    seed = high << 31 ^ low
    with torch.random.fork_rng([torch.cuda.current_device()] if torch.cuda.is_available() else []):
        torch.manual_seed(seed)
        yield torch.Generator().manual_seed(seed)

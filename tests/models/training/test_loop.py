"""The loop on a task small enough to know what must happen: learning, early stop, stopping and going on."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.errors import ModelError
from models.joint.additive import Space
from models.training.loop import Trainer, drawing_from
from models.training.options import Schedule
from models.training.state import State, load_state, save_state


class Line:
    """Fit y = 3 a - 2 b from noisy examples; dropout and a drawn jitter make every step random."""

    groups: NDArray[np.int64] | None = None

    def __init__(self, *, count: int = 60, held_out: int = 20, dropout: float = 0.0, jitter: float = 0.0) -> None:
        generator = np.random.default_rng(0)
        self.x = generator.normal(size=(count + held_out, 2)).astype(np.float32)
        self.y = self.x @ np.array([3.0, -2.0], np.float32)
        self.examples, self.held_out = np.arange(count), np.arange(count, count + held_out)
        self.jitter = jitter
        with drawing_from(0):
            self.module: nn.Module = nn.Sequential(
                nn.Linear(2, 8), nn.BatchNorm1d(8), nn.Dropout(dropout), nn.Linear(8, 1)
            )

    def loss(self, examples: NDArray[np.int64], generator: torch.Generator) -> Tensor:
        noise = self.jitter * torch.randn(len(examples), generator=generator)
        told = self.module(torch.from_numpy(self.x[examples])).squeeze(1)
        loss: Tensor = (told - torch.from_numpy(self.y[examples]) + noise).square().mean()
        return loss

    def model(self) -> Space:
        raise AssertionError("not asked for")


def weights(task: Line) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in task.module.state_dict().items()}


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def drain(trainer: Trainer) -> list[Any]:
    return list(trainer.run())


def test_loss_falls_on_a_task_that_can_be_learned() -> None:
    trainer = Trainer(Line(), Schedule(epochs=60, batch=16, learning_rate=0.02, patience=0), seed=0)
    ends = [moment for moment in trainer.run() if moment.epoch_ended]
    assert [moment.epoch for moment in ends] == list(range(1, 61))
    assert ends[-1].loss < 0.1 * ends[0].loss
    assert ends[-1].validation_loss < 0.1 * ends[0].validation_loss
    assert ends[-1].steps == 60 * 4


def test_reported_loss_is_the_mean_over_examples_however_they_are_cut() -> None:
    losses = []
    for batch in (60, 7):  # weights that do not move: the mean must not depend on the batches
        task = Line()
        task.module = nn.Linear(2, 1)
        nn.init.zeros_(task.module.weight)
        nn.init.zeros_(task.module.bias)
        trainer = Trainer(task, Schedule(epochs=1, batch=batch, learning_rate=0.0), seed=0)
        losses.append(drain(trainer)[-1].loss)
    assert losses == pytest.approx([float((task.y[:60] ** 2).mean())] * 2, rel=1e-6)


def test_best_weights_are_kept_and_patience_ends_the_run() -> None:
    """A step so large that it diverges: the validation is best early on."""
    task = Line(jitter=3.0, dropout=0.5)
    trainer = Trainer(task, Schedule(epochs=200, batch=8, learning_rate=0.3, patience=4), seed=1)
    ends = [(moment.epoch, moment.validation_loss) for moment in trainer.run() if moment.epoch_ended]
    best_epoch, best = min(ends, key=lambda end: end[1])
    assert trainer.counters.stopped_early
    assert len(ends) == best_epoch + 4 < 200
    assert (trainer.counters.best_epoch, trainer.counters.best_loss) == (best_epoch, best)
    assert trainer._validate() == best
    again = Line(jitter=3.0, dropout=0.5)
    drain(Trainer(again, Schedule(epochs=best_epoch, batch=8, learning_rate=0.3, patience=4), seed=1))
    assert same(weights(task), weights(again))


def test_without_held_out_tracks_the_last_weights_stay() -> None:
    task = Line(held_out=0)
    trainer = Trainer(task, Schedule(epochs=5, patience=1), seed=0)
    moments = drain(trainer)
    assert all(math.isnan(moment.validation_loss) for moment in moments)
    assert trainer.counters.epoch == 5
    assert not trainer.counters.stopped_early


def test_training_touches_no_random_numbers_of_others() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    drain(Trainer(Line(dropout=0.5), Schedule(epochs=2), seed=0))
    assert torch.equal(torch.rand(3), expected)


def test_same_seed_same_weights_other_seed_others() -> None:
    def trained(seed: int) -> dict[str, Tensor]:
        task = Line(dropout=0.3, jitter=0.5)
        torch.manual_seed(np.random.default_rng().integers(1000))
        drain(Trainer(task, Schedule(epochs=3, batch=16), seed=seed))
        return weights(task)

    assert same(trained(0), trained(0))
    assert not same(trained(0), trained(1))


@dataclass
class Memory:
    """Keeps checkpoints as a run folder does: through the file format."""

    path: Any
    saved: list[int] = field(default_factory=list)

    def __call__(self, state: State) -> None:
        self.saved.append(state.counters.steps)
        save_state(state, self.path)


@pytest.mark.parametrize("stop_at", [1, 4, 5, 8, 13, 19, 20])
def test_stopped_run_goes_on_to_exactly_the_same_weights(tmp_path: Any, stop_at: int) -> None:
    schedule = Schedule(epochs=5, batch=16, learning_rate=0.01, patience=3)
    whole = Line(dropout=0.4, jitter=0.3)
    ends = [moment for moment in Trainer(whole, schedule, seed=2).run() if moment.epoch_ended]
    first = Line(dropout=0.4, jitter=0.3)
    trainer = Trainer(first, schedule, seed=2, save=Memory(tmp_path / "state"))
    seen = []
    for moment in trainer.run():
        seen.append(moment)
        if moment.steps == stop_at:
            trainer.stop()
    assert seen[-1].steps == stop_at
    assert trainer.finished == (stop_at == 20)
    second = Line(dropout=0.4, jitter=0.3)
    resumed = Trainer(second, schedule, seed=2, state=load_state(tmp_path / "state"))
    seen += drain(resumed)
    assert same(weights(second), weights(whole))
    told = [(moment.epoch, moment.loss, moment.validation_loss) for moment in seen if moment.epoch_ended]
    assert told == [(moment.epoch, moment.loss, moment.validation_loss) for moment in ends]


def test_stopping_again_and_again_changes_nothing(tmp_path: Any) -> None:
    schedule = Schedule(epochs=3, batch=16)
    whole = Line(dropout=0.4)
    drain(Trainer(whole, schedule, seed=0))
    state, rounds, finished = None, 0, False
    while not finished:
        task = Line(dropout=0.4)
        trainer = Trainer(task, schedule, seed=0, state=state, save=Memory(tmp_path / "state"))
        trainer.stop()
        drain(trainer)
        state, rounds, finished = load_state(tmp_path / "state"), rounds + 1, trainer.finished
    assert rounds == 12
    assert same(weights(task), weights(whole))


def test_checkpoints_come_every_few_epochs_and_at_the_end(tmp_path: Any) -> None:
    memory = Memory(tmp_path / "state")
    drain(Trainer(Line(), Schedule(epochs=8, batch=30, checkpoint_every=3), seed=0, save=memory))
    assert memory.saved == [6, 12, 16]


def test_more_epochs_go_on_where_the_run_ended(tmp_path: Any) -> None:
    memory = Memory(tmp_path / "state")
    drain(Trainer(Line(), Schedule(epochs=3, batch=16), seed=0, save=memory))
    task, whole = Line(), Line()
    drain(Trainer(task, Schedule(epochs=6, batch=16), seed=0, state=load_state(memory.path)))
    drain(Trainer(whole, Schedule(epochs=6, batch=16), seed=0))
    assert same(weights(task), weights(whole))


def test_loss_that_is_no_number_is_one_clear_error() -> None:
    task = Line()
    task.y[3] = np.nan
    with pytest.raises(ModelError, match="no longer a number in epoch 1: lower --learning-rate"):
        drain(Trainer(task, Schedule(epochs=3), seed=0))
    task = Line()
    task.y[-1] = np.inf
    with pytest.raises(ModelError, match="no longer a number"):
        drain(Trainer(task, Schedule(epochs=3), seed=0))


def test_nothing_to_train_on_is_told() -> None:
    with pytest.raises(ModelError, match="nothing to train on"):
        Trainer(Line(count=0), Schedule(), seed=0)


def test_state_of_another_model_is_refused(tmp_path: Any) -> None:
    drain(Trainer(Line(), Schedule(epochs=1), seed=0, save=Memory(tmp_path / "state")))
    task = Line()
    task.module = nn.Linear(2, 1)
    with pytest.raises(ModelError, match="of another model"):
        Trainer(task, Schedule(), seed=0, state=load_state(tmp_path / "state"))


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "header", "missing", "pickle"])
def test_damaged_checkpoint_is_one_line(tmp_path: Any, damage: str) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "state"
    drain(Trainer(Line(), Schedule(epochs=1), seed=0, save=Memory(path)))
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "header":
        path.write_bytes(data.replace(b"best_epoch", b"worstepoch"))
    elif damage == "other":
        save_file({"a": torch.zeros(1)}, path)
    elif damage == "pickle":
        torch.save({"a": 1}, path)
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"")
    with pytest.raises(ModelError, match="not a readable checkpoint") as caught:
        load_state(path)
    assert "\n" not in str(caught.value)

"""What a run writes down while it goes."""

import json
import math
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from models.errors import ModelError
from models.training.curves import CURVES, EVENTS, Curves, Point, point_of, read_curves
from models.training.loop import Moment


def points(first: int, last: int, *, offset: float = 0.0) -> list[Point]:
    return [Point(10 * epoch, epoch, 1 / epoch + offset, 2 / epoch, epoch / 2) for epoch in range(first, last + 1)]


def write(folder: Path, some: list[Point], *, epoch: int = 0) -> None:
    with Curves(folder, epoch=epoch, config={}) as curves:
        for point in some:
            curves.add(point)


def test_epochs_are_lines_of_json(tmp_path: Path) -> None:
    write(tmp_path, points(1, 3))
    lines = [json.loads(line) for line in (tmp_path / CURVES).read_text("utf-8").splitlines()]
    assert lines[1] == {"step": 20, "epoch": 2, "loss": 0.5, "validation_loss": 1.0, "seconds": 1.0}
    assert read_curves(tmp_path) == points(1, 3)
    assert point_of(Moment(1, 0, 10, 10, 2.0, math.nan, 0.1234567, epoch_ended=True)) == Point(10, 1, 2.0, None, 0.123)


def test_a_line_can_be_read_while_the_run_goes(tmp_path: Path) -> None:
    with Curves(tmp_path, config={}) as curves:
        curves.add(points(1, 1)[0])
        assert read_curves(tmp_path) == points(1, 1)


def test_resumed_run_writes_repeated_epochs_once(tmp_path: Path) -> None:
    write(tmp_path, points(1, 7))
    with (tmp_path / CURVES).open("a") as file:
        file.write('{"step": 80, "ep')  # cut off by a crash
    write(tmp_path, points(5, 9, offset=0.1), epoch=4)
    assert read_curves(tmp_path) == points(1, 4) + points(5, 9, offset=0.1)


def test_tensorboard_reads_the_same_curve(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write(tmp_path, points(1, 7))
    write(tmp_path, points(5, 9, offset=0.1), epoch=4)
    seconds = [file.name.split(".")[3] for file in (tmp_path / EVENTS).iterdir()]
    assert len(seconds) == len(set(seconds)) == 2
    events = EventAccumulator(str(tmp_path / EVENTS))
    events.Reload()
    expected = points(1, 4) + points(5, 9, offset=0.1)
    for name, field in (("loss/training", "loss"), ("loss/validation", "validation_loss")):
        read = [(event.step, event.value) for event in events.Scalars(name)]
        assert [step for step, _ in read] == [point.step for point in expected]
        assert [value for _, value in read] == pytest.approx([getattr(point, field) for point in expected], rel=1e-6)


def test_without_tensorboard_the_lines_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.curves.has_tensorboard", lambda: False)
    write(tmp_path, points(1, 2))
    assert read_curves(tmp_path) == points(1, 2)
    assert not (tmp_path / EVENTS).exists()


def test_wandb_that_is_not_installed_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.curves.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install 'fairouz-tui\[wandb\]'"):
        Curves(tmp_path, config={}, wandb=True)


class Sent:
    """Stands where Weights & Biases would be: a service far away that tests must not call."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, Any]]] = []
        self.finished = False

    def log(self, values: dict[str, Any], *, step: int) -> None:
        self.rows.append((step, values))

    def finish(self) -> None:
        self.finished = True


@pytest.mark.parametrize("offline", [True, False])
def test_wandb_gets_the_curve_and_is_never_asked_without_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: bool
) -> None:
    sent, asked = Sent(), []

    def init(**how: Any) -> Sent:
        asked.append(how)
        return sent

    module: Any = types.ModuleType("wandb")
    module.init = init
    module.api = types.SimpleNamespace(api_key=None)
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.setattr("models.training.curves.find_spec", lambda name: object())
    monkeypatch.setattr("models.training.curves.has_tensorboard", lambda: False)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("WANDB_MODE", "offline" if offline else "online")
    if not offline:
        with pytest.raises(ModelError, match="wandb login"):
            Curves(tmp_path, config={}, wandb=True)
        assert not asked
        return
    with Curves(tmp_path, config={"seed": 3}, wandb=True) as curves:
        curves.add(Point(5, 1, 0.5, None, 0.1))
    assert (asked[0]["config"], asked[0]["dir"]) == ({"seed": 3}, str(tmp_path))
    assert sent.rows == [(5, {"epoch": 1, "loss": 0.5})]
    assert sent.finished

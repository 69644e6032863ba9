"""Write down how a run goes: a line of JSON an epoch, TensorBoard events where it is installed, W&B on request."""

import json
import math
import os
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models.errors import ModelError
from models.model_file import write_in_one_step

if TYPE_CHECKING:
    from models.training.loop import Moment

CURVES = "curves.jsonl"
EVENTS = "events"
PROJECT = "fairouz-tui"
"""The project of Weights & Biases that runs go to."""
_SAME_SECOND_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Point:
    """An epoch of a run."""

    step: int
    epoch: int
    loss: float
    validation_loss: float | None
    seconds: float
    """Of training so far, pauses left out."""


class _Log(Protocol):
    def add(self, point: Point) -> None: ...

    def close(self) -> None: ...


class Curves:
    """The curves of a run in its folder. A resumed run first drops the epochs after `epoch`: they are trained again.

    Raises ModelError where W&B is asked for and cannot be used. A context manager: leaving it closes the files.
    """

    def __init__(self, folder: Path, *, epoch: int = 0, config: dict[str, Any], wandb: bool = False) -> None:
        points = [point for point in read_curves(folder) if point.epoch <= epoch]
        write_in_one_step("".join(map(_line, points)).encode(), folder / CURVES, what="curve")
        self._file = (folder / CURVES).open("a", encoding="utf-8")
        last = points[-1].step if points else 0
        self._logs: list[_Log] = [_TensorBoard(folder / EVENTS, after=last)] if has_tensorboard() else []
        if wandb:
            self._logs.append(_Wandb(folder, config))

    def __enter__(self) -> "Curves":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()
        for log in self._logs:
            log.close()

    def add(self, point: Point) -> None:
        """Write an epoch down at once, so that it can be watched."""
        self._file.write(_line(point))
        self._file.flush()
        for log in self._logs:
            log.add(point)


def read_curves(folder: Path) -> list[Point]:
    """Read the curves of a run; a last line that was cut off by a crash is left out, and no file gives no points."""
    points = []
    file = folder / CURVES
    for line in file.read_text("utf-8", errors="replace").splitlines() if file.is_file() else ():
        try:
            points.append(Point(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return points


def has_tensorboard() -> bool:
    """Return whether TensorBoard events can be written."""
    return find_spec("tensorboard") is not None


def point_of(moment: "Moment") -> Point:
    """Make the point of an epoch that has ended; a validation loss of NaN is none."""
    validation_loss = None if math.isnan(moment.validation_loss) else moment.validation_loss
    return Point(moment.steps, moment.epoch, moment.loss, validation_loss, round(moment.seconds, 3))


def _line(point: Point) -> str:
    return json.dumps({name: getattr(point, name) for name in Point.__slots__}) + "\n"


class _TensorBoard:
    """Events for `tensorboard --logdir RUN`."""

    def __init__(self, folder: Path, *, after: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # Files are read in the order of their names: the second, then numbers that sort as text ("10" before "9").
        while any(folder.glob(f"events.out.tfevents.{int(time.time()):010d}.*")):
            time.sleep(_SAME_SECOND_SECONDS)
        self._writer = SummaryWriter(str(folder), purge_step=after + 1 if after else None)

    def add(self, point: Point) -> None:
        self._writer.add_scalar("loss/training", point.loss, point.step)
        if point.validation_loss is not None:
            self._writer.add_scalar("loss/validation", point.validation_loss, point.step)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class _Wandb:
    """A run of Weights & Biases; WANDB_MODE=offline keeps it on this machine."""

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        if find_spec("wandb") is None:
            raise ModelError("--wandb needs Weights & Biases: pip install 'fairouz-tui[wandb]', or leave --wandb out")
        import wandb

        offline = os.environ.get("WANDB_MODE") in ("offline", "disabled", "dryrun")
        if not offline and not (os.environ.get("WANDB_API_KEY") or wandb.api.api_key):
            raise ModelError("--wandb needs an account: run `wandb login`, or set WANDB_MODE=offline")
        try:
            self._run = wandb.init(
                project=PROJECT, name=folder.name, dir=str(folder), config=config, reinit="finish_previous"
            )
        except Exception as error:  # whatever a service far away may raise: it must not cost the run a traceback
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"Weights & Biases does not start ({reason}): set WANDB_MODE=offline") from error

    def add(self, point: Point) -> None:
        values = {"epoch": point.epoch, "loss": point.loss, "validation_loss": point.validation_loss}
        self._run.log({name: value for name, value in values.items() if value is not None}, step=point.step)

    def close(self) -> None:
        self._run.finish()

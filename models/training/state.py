"""Keep a run on disk so that it goes on exactly where it stopped: one safetensors file, JSON in its header, no pickle.

The file holds the weights ("weights.*"), Adam's moments ("adam.INDEX.*") and the best weights so far ("best.*"); its
header holds the counters. There are no generator states: every random number is drawn from (seed, epoch, step).
"""

import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import torch
from torch import Tensor

from models.errors import ModelError
from models.model_file import write_in_one_step

FORMAT = "fairouz-tui training state"
VERSION = 1
_KEY = "state"


@dataclass(slots=True)
class Counters:
    """How far a run is."""

    epoch: int = 0
    """Epochs that are finished."""
    step: int = 0
    """Steps done of the epoch after them."""
    steps: int = 0
    """Steps done in all."""
    loss_sum: float = 0.0
    """Sum of the loss over the examples of the unfinished epoch."""
    loss: float = math.nan
    """Mean loss of the last finished epoch."""
    validation_loss: float = math.nan
    best_loss: float = math.inf
    """Lowest validation loss so far."""
    best_epoch: int = 0
    """The epoch after which it was measured; 0 before the first."""
    seconds: float = 0.0
    stopped_early: bool = False


@dataclass(slots=True, eq=False)
class State:
    """All that a run needs to go on."""

    counters: Counters = field(default_factory=Counters)
    tensors: dict[str, Tensor] = field(default_factory=dict)


def gather(module: torch.nn.Module, optimizer: torch.optim.Optimizer, best: dict[str, Tensor]) -> dict[str, Tensor]:
    """Name all tensors of a run; they are copies on the CPU."""
    named = {f"weights.{name}": tensor for name, tensor in module.state_dict().items()}
    named |= {f"best.{name}": tensor for name, tensor in best.items()}
    for index, moments in optimizer.state_dict()["state"].items():
        named |= {f"adam.{index}.{name}": tensor for name, tensor in moments.items()}
    return {name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in named.items()}


def spread(tensors: dict[str, Tensor], module: torch.nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Put the tensors of `gather` back into module and optimizer, and return the best weights.

    Raises ModelError where they are of another module.
    """
    parts: dict[str, dict[str, Tensor]] = {"weights": {}, "best": {}, "adam": {}}
    for name, tensor in tensors.items():
        part, _, rest = name.partition(".")
        parts[part][rest] = tensor
    moments: dict[int, dict[str, Tensor]] = {}
    for name, tensor in parts["adam"].items():
        index, _, kind = name.partition(".")
        moments.setdefault(int(index), {})[kind] = tensor.clone()
    try:
        module.load_state_dict(parts["weights"])
        optimizer.load_state_dict({"state": moments, "param_groups": optimizer.state_dict()["param_groups"]})
    except (RuntimeError, KeyError, ValueError) as error:
        raise ModelError("the checkpoint is of another model: start a new run in another folder") from error
    return parts["best"]


def save_state(state: State, path: Path) -> None:
    """Write a run's state in one step: after a crash the file is the old one or the new one, never a part of it."""
    from safetensors.torch import save

    header = json.dumps({"format": FORMAT, "version": VERSION, "counters": asdict(state.counters)})
    write_in_one_step(save(state.tensors, metadata={_KEY: header}), path, what="checkpoint")


def load_state(path: Path) -> State:
    """Read a run's state; raises ModelError, one line, for a file that is damaged or of another kind."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a file is not iterable)
        if header["format"] != FORMAT or header["version"] != VERSION:
            raise ValueError(f"version {header['version']!r}, this app reads {VERSION}")
        if not all(name.startswith(("weights.", "best.", "adam.")) for name in tensors):
            raise ValueError("a tensor without a place")
        counters = Counters(**{one.name: header["counters"][one.name] for one in fields(Counters)})
    except (OSError, SafetensorError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"{path} is not a readable checkpoint ({reason}): delete it to train from the start"
        ) from error
    return State(counters, tensors)

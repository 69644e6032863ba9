"""Say what a recipe is: a name, its options, and a way from a dataset to a joint model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from models.training.options import Options

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

    from models.dataset import Dataset
    from models.joint.model import JointModel


class Task(Protocol):
    """What the loop trains: a module, the examples it learns from, and their loss."""

    module: "torch.nn.Module"
    examples: "NDArray[np.int64]"
    """[e, ...], one entry an example: rows of the dataset, or pairs of them; shuffled anew every epoch."""
    held_out: "NDArray[np.int64]"
    """[v, ...], the examples of the held-out artists; empty where nothing is held out."""
    groups: "NDArray[np.int64] | None"
    """[e], examples of one group (an artist) are kept side by side when shuffled, a few at a time; None: no groups."""

    def loss(self, examples: "NDArray[np.int64]", generator: "torch.Generator") -> "torch.Tensor":
        """Return the mean loss of a batch, a scalar; `module.training` says whether it is for learning."""
        ...

    def model(self) -> "JointModel":
        """Return the joint model with the module's weights as they are now."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to make a joint model. Exactly one of `build` and `fit` is given.

    build : (dataset, options, seed, device) -> Task, trained by gradient; `options` is then a Schedule.
    fit : (dataset, options, seed) -> the model, in closed form.
    save : writes the model to a file; raises ModelError.
    """

    name: str
    summary: str
    options: type[Options]
    save: Callable[[Any, Path], None]
    build: "Callable[[Dataset, Any, int, str], Task] | None" = None
    fit: "Callable[[Dataset, Any, int], JointModel] | None" = None

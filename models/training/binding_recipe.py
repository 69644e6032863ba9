"""The recipe `binding`: the network of the Fairouz paper, trained on pairs of tracks that belong together or do not."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.training.options import Schedule, option
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.joint.binding import BindingModel
    from models.training.recipe import Task

LOSSES = ("margin", "info_nce", "neighbour", "siglip", "supervised")


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingOptions(Schedule):
    """Options of `binding`; those of the network are explained in models/joint/binding.py."""

    batch: int = option(4096, "examples a step; pairs share tracks, so that many cost little more than few", least=1)
    contraction: int = option(2, "an encoder's vector is contracted by so much, 1, 2 or 4", least=1, most=4)
    expansion: int = option(4, "the fused layer is so much wider, 2 or 4", least=2, most=4)
    text_and_image_twice: bool = option(False, "contract text and covers twice as much, yes or no")
    dropout: str = option("none", "where numbers are dropped in training", choices=("none", "encoders", "everywhere"))
    rate: float = option(0.2, "how often a number is dropped, where any is", least=0, most=0.95)
    size: int = option(128, "numbers in a joint vector", least=1, most=65536)
    loss: str = option("margin", "margin is the paper's; supervised learns from artists", choices=LOSSES)
    margin: float = option(0.5, "least distance of a pair that does not belong together (margin)", least=0)
    temperature: float = option(0.1, "of the softmax (info_nce, neighbour, supervised)", least=0.001)
    negatives: int = option(1, "tracks drawn against each pair where the data lists none (margin)", least=0)
    modality_dropout: float = option(0.0, "how often a modality of a track is hidden in training", least=0, most=0.95)


def build(dataset: "Dataset", options: BindingOptions, seed: int, device: str) -> "Task":
    """Make the task."""
    from models.training.binding_task import BindingTask

    return BindingTask(dataset, options, seed=seed, device=device)


def save(model: "BindingModel", path: Path) -> None:
    """Write the model to a file."""
    from models.joint.binding_file import save_binding

    save_binding(model, path)


BINDING = Recipe(
    "binding", "the Fairouz paper's network, trained on pairs of tracks", BindingOptions, save, build=build
)

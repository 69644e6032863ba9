"""The recipe `contrastive`: additive heads, started from the closed form, trained between modalities and on artists."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.checkpoint import save_space
from models.joint.additive import ALPHA
from models.joint.whitening import PARTIAL
from models.training.options import Schedule, option
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.training.recipe import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastiveOptions(Schedule):
    """Options of `contrastive`."""

    temperature: float = option(0.2, "of all softmaxes: lower follows the hardest negatives", least=0.001)
    """On three of five artist folds of the Fairouz data without the graph, cross-modal R@10 and same-artist nDCG@10: .1
    gives .190/.787, .2 .211/.786, .3 .214/.783, .5 .201/.779; the closed form .196/.787."""
    artist_weight: float = option(1.0, "of the loss that gathers the tracks of an artist", least=0)
    modality_dropout: float = option(0.3, "how often a modality of a track is hidden in training", least=0, most=0.95)
    directions: int = option(128, "principal directions of an encoder that its head sees", least=64)
    exponent: float = option(PARTIAL, "how far the spread of directions is evened out, 0 to 1", least=0, most=1)
    alpha: float = option(ALPHA, "share of the shared blocks in the score", least=0, most=1)
    least_inputs: int = option(200, "distinct vectors that a modality needs to be trained", least=2)


def build(dataset: "Dataset", options: ContrastiveOptions, seed: int, device: str) -> "Task":
    """Make the task."""
    from models.training.contrastive_task import ContrastiveTask

    return ContrastiveTask(dataset, options, seed=seed, device=device)


CONTRASTIVE = Recipe(
    "contrastive",
    "additive heads, trained by InfoNCE between modalities and supervised contrastive on artists",
    ContrastiveOptions,
    save_space,
    build=build,
)

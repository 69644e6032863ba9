"""The recipe that fills the table of the Fairouz paper: the graph of listed pairs, embedded."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.training.options import Options, option
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.joint.neighbourhood import Neighbourhood


@dataclass(frozen=True, slots=True, kw_only=True)
class NeighbourhoodOptions(Options):
    """Options of `neighbourhood`; see models/joint/neighbourhood.py."""

    near: int = option(7, "links of a new track, per modality and direction", least=1, most=1000)
    power: float = option(0.6, "how much a direction counts: its eigenvalue to this power", least=0, most=2)


def fit_neighbourhood(dataset: "Dataset", options: NeighbourhoodOptions, seed: int) -> "Neighbourhood":
    """Fit in closed form; the seed matters only where there are more tracks than it can take."""
    from models.joint.neighbourhood import fit_neighbourhood as fit

    return fit(dataset, seed=seed, near=options.near, power=options.power)


def save(model: "Neighbourhood", path: Path) -> None:
    """Write the model."""
    from models.joint.neighbourhood_file import save_neighbourhood

    save_neighbourhood(model, path)


NEIGHBOURHOOD = Recipe(
    "neighbourhood",
    "near in any one modality: for the paper's table, no additive space",
    NeighbourhoodOptions,
    save,
    fit=fit_neighbourhood,
)

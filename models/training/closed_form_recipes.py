"""The recipes that are solved in closed form: shrunken PCA, and GCCA beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.checkpoint import save_space
from models.joint.additive import ALPHA
from models.joint.whitening import PARTIAL
from models.training.options import Options, option
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.joint.additive import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class PcaOptions(Options):
    """Options of `pca`."""

    exponent: float = option(PARTIAL, "how far the spread of directions is evened out, 0 to 1", least=0, most=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GccaOptions(PcaOptions):
    """Options of `gcca`."""

    alpha: float = option(ALPHA, "share of the shared blocks in the score", least=0, most=1)


def fit_pca(dataset: "Dataset", options: PcaOptions, seed: int) -> "Space":
    """Fit private blocks alone; nothing is drawn, so that every seed gives the same."""
    from models.joint.closed_form import fit_private_space

    return fit_private_space(dataset.x, dataset.present, encoders=dataset.encoders, exponent=options.exponent)


def fit_gcca(dataset: "Dataset", options: GccaOptions, seed: int) -> "Space":
    """Fit shared blocks by GCCA beside the private ones; nothing is drawn."""
    from models.joint.closed_form import fit_shared_space

    return fit_shared_space(
        dataset.x, dataset.present, encoders=dataset.encoders, exponent=options.exponent, alpha=options.alpha
    )


PCA = Recipe("pca", "a private block per modality by shrunken PCA", PcaOptions, save_space, fit=fit_pca)
GCCA = Recipe("gcca", "shared blocks by generalised canonical correlations", GccaOptions, save_space, fit=fit_gcca)

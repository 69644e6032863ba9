"""The recipe `hybrid`: the additive space with both kinds of blocks trained, our default on labelled data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.checkpoint import save_space
from models.joint.additive import ALPHA
from models.modality import MODALITIES
from models.training.options import Options, option
from models.training.recipe import Recipe

if TYPE_CHECKING:
    from models.dataset import Dataset
    from models.joint.additive import Space


@dataclass(frozen=True, slots=True, kw_only=True)
class HybridOptions(Options):
    """Options of `hybrid`; how long and how strongly it trains stands in models/joint/hybrid_*.py."""

    alpha: float = option(ALPHA, "share of the shared blocks in the score", least=0, most=1)
    audio: float = option(0.84, "weight of the sound", least=0.001)
    lyrics: float = option(0.34, "weight of the lyrics", least=0.001)
    tags: float = option(0.34, "weight of the tags", least=0.001)
    cover: float = option(1.0, "weight of the cover", least=0.001)
    graph: float = option(0.73, "weight of the graph", least=0.001)
    playlists: float = option(0.73, "weight of the playlists", least=0.001)


def fit_hybrid(dataset: "Dataset", options: HybridOptions, seed: int) -> "Space":
    """Fit in closed form and train for some seconds."""
    from models.joint.hybrid import fit_hybrid as fit

    return fit(dataset, seed=seed, alpha=options.alpha, weights={m: getattr(options, m.value) for m in MODALITIES})


HYBRID = Recipe(
    "hybrid",
    "additive space from labels: GCCA and genre directions, then contrastive refinement",
    HybridOptions,
    save_space,
    fit=fit_hybrid,
)

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
    """Options of `hybrid`; those of training are explained in models/joint/hybrid_shared.py and hybrid_private.py."""

    alpha: float = option(ALPHA, "share of the shared blocks in the score", least=0, most=1)
    audio: float = option(0.84, "weight of the sound", least=0.001)
    lyrics: float = option(0.34, "weight of the lyrics", least=0.001)
    tags: float = option(0.34, "weight of the tags", least=0.001)
    cover: float = option(1.0, "weight of the cover", least=0.001)
    graph: float = option(0.73, "weight of the graph", least=0.001)
    playlists: float = option(0.73, "weight of the playlists", least=0.001)
    members: int = option(2, "runs whose shared maps are averaged", least=1, most=100)
    epochs: int = option(80, "times through the tracks in a run, 0 = the closed form's shared maps", least=0)
    batch: int = option(220, "tracks a step of a run", least=2)
    learning_rate: float = option(3e-4, "step of AdamW, shared maps", least=0)
    temperature: float = option(0.5, "of InfoNCE between modalities", least=0.001)
    dropout: float = option(0.3, "how often a score of a track is hidden, shared maps", least=0, most=0.95)
    ridge: float = option(10.0, "variance added to every direction, in mean variances", least=0)
    steps: int = option(30, "steps of the private maps, 0 = the closed form's", least=0)
    private_learning_rate: float = option(1e-3, "step of Adam, private maps", least=0)
    private_temperature: float = option(0.07, "of the softmax over artists and genres", least=0.001)
    private_dropout: float = option(0.5, "how often a direction is hidden, private maps", least=0, most=0.95)
    modality_dropout: float = option(0.2, "how often a modality is hidden, private maps", least=0, most=0.95)
    genre_weight: float = option(0.5, "of the loss that gathers genres", least=0)
    pull: float = option(5.0, "how strongly private maps are held where they start", least=0)
    same_album: float = option(0.3, "how much a track of the same album counts", least=0, most=1)


def fit_hybrid(dataset: "Dataset", options: HybridOptions, seed: int) -> "Space":
    """Fit in closed form and train for some seconds."""
    from models.joint.hybrid import fit_hybrid as fit
    from models.joint.hybrid_private import Refinement
    from models.joint.hybrid_shared import Tuning

    tuning = Tuning(
        members=options.members,
        epochs=options.epochs,
        batch=options.batch,
        learning_rate=options.learning_rate,
        temperature=options.temperature,
        dropout=options.dropout,
        ridge=options.ridge,
    )
    refinement = Refinement(
        steps=options.steps,
        learning_rate=options.private_learning_rate,
        temperature=options.private_temperature,
        dropout=options.private_dropout,
        modality_dropout=options.modality_dropout,
        genre_weight=options.genre_weight,
        pull=options.pull,
        same_album=options.same_album,
    )
    weights = {m: float(getattr(options, m.value)) for m in MODALITIES}
    return fit(dataset, seed=seed, alpha=options.alpha, weights=weights, tuning=tuning, refinement=refinement)


HYBRID = Recipe(
    "hybrid",
    "additive space from labels: GCCA and genre directions, then contrastive refinement",
    HybridOptions,
    save_space,
    fit=fit_hybrid,
)

"""Run a protocol on a data folder with some recipes, and keep what is needed to check the figures."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.dataset import load_dataset
from models.errors import ModelError
from models.evaluation.files import load_published, read_folds, save_vectors
from models.evaluation.protocol_folds import Done, by_artist_folds
from models.evaluation.protocol_paper import paper_table
from models.evaluation.rows import Row
from models.joint.model import Fit
from models.modality import Modality

PAPER, ARTIST_FOLDS = "paper", "artist-folds"
DEFAULT_RECIPE = {PAPER: "neighbourhood", ARTIST_FOLDS: "hybrid"}
"""What a protocol measures when no recipe is named: the paper's table has a preset of its own."""
WITHOUT_GRAPH = "without graph: "


@dataclass(frozen=True, slots=True)
class Request:
    """What to measure."""

    folder: Path
    protocol: str
    recipes: Sequence[str] = ()
    """The first one's vectors are kept."""
    without: Sequence[Modality] = ()
    folds: Path | None = None
    seeds: int = 3
    vectors: Path | None = None
    """Where the vectors shall go; looked at before the work begins."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured."""

    protocol: str
    rows: list[Row]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """`ids` [n], `vectors` [n, d] (paper) or [folds, n, d], and with folds `folds` [n], all of the first seed."""

    def save(self, path: Path) -> None:
        """Write the arrays as .npz."""
        save_vectors(path, **self.arrays)


def evaluate(request: Request) -> Generator[Done, None, Evaluation]:
    """Measure, yielding how far it is; the generator's value is the `Evaluation`.

    Where the data has a graph, which holds the answers, the artist folds are run a second time without it, unless it is
    left out anyway. Raises ModelError for data that cannot be read or does not answer the protocol.
    """
    if request.vectors is not None and (request.vectors.suffix != ".npz" or not request.vectors.parent.is_dir()):
        raise ModelError(f"{request.vectors} could not be written: name a .npz file in a folder that is there")
    dataset = load_dataset(request.folder).without(request.without)
    if not dataset.modalities():
        raise ModelError("no modality is left to measure: leave fewer out")
    folds = read_folds(request.folds, dataset) if request.folds else None
    names = tuple(request.recipes) or (DEFAULT_RECIPE[request.protocol],)
    fits = {name: fit_of(name) for name in names}
    ids = np.array(dataset.ids)
    if request.protocol == PAPER:
        table = yield from paper_table(
            dataset,
            fits,
            seeds=request.seeds,
            folds=folds,
            keep=names[0],
            published=load_published(request.folder, dataset),
        )
        return Evaluation(PAPER, table.rows, {"ids": ids, "vectors": kept(table.vectors)})
    run = partial(by_artist_folds, fits=fits, seeds=request.seeds, folds=folds)
    folded = yield from run(dataset, keep=names[0])
    rows = folded.rows
    if Modality.GRAPH in dataset.modalities() and len(dataset.modalities()) > 1:
        rest = yield from run(dataset.without([Modality.GRAPH]), label=WITHOUT_GRAPH)
        rows += rest.rows
    return Evaluation(ARTIST_FOLDS, rows, {"ids": ids, "vectors": kept(folded.vectors), "folds": folded.folds})


def kept(vectors: NDArray[np.float32] | None) -> NDArray[np.float32]:
    """Return the vectors of a model that every protocol run must have met."""
    if vectors is None:
        raise ModelError("no model was measured: name a recipe")
    return vectors


def fit_of(name: str) -> Fit:
    """Return the way a recipe with its default options makes a model of training tracks and a seed.

    Raises ModelError for a recipe that does not exist.
    """
    from models.training.fit import fitting
    from models.training.recipes import recipe_named

    return fitting(recipe_named(name))

"""Ask every model the same honest questions: folds by artist, trained on the others, asked about unknown artists."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.evaluation.arithmetic import genre_swap
from models.evaluation.baselines import baselines, centred_concatenation, rank_fusion, single
from models.evaluation.cross_modal import cross_modal
from models.evaluation.folds import FOLDS, artist_folds
from models.evaluation.retrieval import Fold, by_inner_product, fold_of, retrieval
from models.evaluation.rows import Figures, Row
from models.joint.attribution import explained
from models.joint.model import Fit, JointModel
from models.modality import MODALITIES, Modality

MAIN = ("artist nDCG@10", "other album nDCG@10", "genre nDCG@10", "genre kNN")
"""The four columns that everything is compared by."""
RANK_FUSION = "rank fusion"
EXPLAINED_PAIRS = 500
"""Pairs of a fold by which it is told how far an explanation by modalities goes."""
Done = tuple[str, int, int]
"""What is being done, how many of its parts are done, how many there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """What a run found."""

    rows: list[Row]
    folds: NDArray[np.int64]
    """The fold of each track under the first seed, [n]."""
    vectors: NDArray[np.float32] | None
    """[folds, n, d] of the kept model under the first seed; row f embeds every track and never saw fold f."""


def by_artist_folds(
    dataset: Dataset,
    fits: Mapping[str, Fit],
    *,
    seeds: int = 3,
    folds: NDArray[np.int64] | None = None,
    keep: str | None = None,
    label: str = "",
) -> Generator[Done, None, Folded]:
    """Run the protocol, yielding how far it is; the generator's value is `Folded`.

    fits : the models by name; the baselines are added.
    folds : int [n], the fold of each track under every seed; None deals them anew by each seed.
    keep : the model whose joint vectors are kept.
    label : written before the name of every figure.
    """
    figures = Figures()
    kept: list[NDArray[np.float32]] = []
    total = seeds * len(np.unique(folds) if folds is not None else range(FOLDS))
    deals = [artist_folds(dataset.artists, seed=seed) if folds is None else folds for seed in range(seeds)]
    for dealt in deals:
        _check(dataset, dealt)
    done = 0
    for seed, dealt in enumerate(deals):
        for number in np.unique(dealt):
            yield f"{label or 'artist folds'}, seed {seed}", done, total
            fold = fold_of(dataset, dealt, int(number))
            for name, measured in _fold(dataset, fits, fold, seed):
                figures.add(name, seed, {f"{label}{metric}": value for metric, value in measured.figures.items()})
                if seed == 0 and name == keep and measured.vectors is not None:
                    kept.append(measured.vectors)
            done += 1
    return Folded(figures.rows(), deals[0], np.stack(kept) if kept else None)


def _check(dataset: Dataset, dealt: NDArray[np.int64]) -> None:
    """Refuse folds that nothing can be asked of, before anything is trained."""
    for number in np.unique(dealt):
        fold = fold_of(dataset, dealt, int(number))
        if len(fold.gallery) < 2 or len(fold.reference) < 2:
            raise ModelError(f"fold {number} has fewer than two tracks in it or beside it: take more, or other folds")


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One model on one fold."""

    figures: dict[str, float]
    vectors: NDArray[np.float32] | None


def _fold(dataset: Dataset, fits: Mapping[str, Fit], fold: Fold, seed: int) -> Iterator[tuple[str, Measured]]:
    train = dataset.take(fold.reference)
    for name, fit in fits.items():
        model = fit(train, seed)
        measured = measure(dataset, model, fold)
        measured.figures["explained R2"] = explained(model, dataset.take(fold.gallery), pairs=EXPLAINED_PAIRS)
        yield name, measured
    for name, fit in baselines(train, single).items():
        yield name, measure(dataset, fit(train, seed), fold)
    yield RANK_FUSION, Measured(retrieval(dataset, rank_fusion(dataset, centred_concatenation(train)), fold), None)


def measure(dataset: Dataset, model: JointModel, fold: Fold) -> Measured:
    """Ask one model everything about one fold."""
    embed = partial(_embedded, dataset, model)
    vectors = embed(dataset.modalities())
    alone = {m: embed((m,)) for m in dataset.modalities()}
    figures = retrieval(dataset, by_inner_product(vectors), fold)
    figures |= genre_swap(dataset, vectors, fold)
    if len(alone) > 1:
        figures |= cross_modal(dataset, alone, fold)
    for m, queries in alone.items():
        figures |= _main(f"only {m} asked: ", retrieval(dataset, by_inner_product(queries, vectors), fold))
        if len(alone) > 1:
            rest = embed(tuple(other for other in alone if other != m))
            figures |= _main(f"{m} missing: ", retrieval(dataset, by_inner_product(rest, vectors), fold))
    return Measured(figures, vectors)


def _embedded(dataset: Dataset, model: JointModel, modalities: tuple[Modality, ...]) -> NDArray[np.float32]:
    """Embed every track as if it had these modalities at most."""
    columns = np.isin(MODALITIES, modalities)
    return model.embed({m: dataset.x[m] for m in modalities}, dataset.present & columns)


def _main(prefix: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}{metric}": figures[metric] for metric in MAIN}

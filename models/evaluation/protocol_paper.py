"""Fill the table of the Fairouz paper: its own protocol, and the same question about tracks that training never saw."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.evaluation.baselines import as_given, baselines, rank_fusion, raw_concatenation
from models.evaluation.folds import FOLDS, artist_folds
from models.evaluation.paper import nearest, paper
from models.evaluation.protocol_folds import RANK_FUSION, Done
from models.evaluation.rows import Figures, Row
from models.joint.model import Fit


@dataclass(frozen=True, slots=True, eq=False)
class PaperTable:
    """What a run found."""

    rows: list[Row]
    vectors: NDArray[np.float32] | None
    """[n, d] of the kept model under the first seed, trained on all tracks."""


def paper_table(
    dataset: Dataset,
    fits: Mapping[str, Fit],
    *,
    seeds: int = 3,
    folds: NDArray[np.int64] | None = None,
    keep: str | None = None,
    published: Mapping[str, NDArray[np.floating]] | None = None,
) -> Generator[Done, None, PaperTable]:
    """Run the protocol, yielding how far it is; the generator's value is `PaperTable`.

    `published` are joint vectors [n, d] that came with the data; the other arguments are as in `by_artist_folds`.
    """
    if not dataset.positives:
        raise ModelError("this data lists no positives: measure it with --protocol artist-folds")
    everything = np.arange(len(dataset))
    figures = Figures()
    kept = None
    for name, vectors in (published or {}).items():
        figures.add(name, 0, paper(dataset, nearest(vectors, everything), everything))
    total = seeds * (1 + (FOLDS if folds is None else len(np.unique(folds))))
    done = 0
    for seed in range(seeds):
        yield f"paper, seed {seed}", done, total
        # Single modalities as given: the positives were made from these.
        for name, fit in {**fits, **baselines(dataset, as_given)}.items():
            vectors = fit(dataset, seed).embed(dataset.x, dataset.present)
            figures.add(name, seed, paper(dataset, nearest(vectors, everything), everything))
            kept = vectors if seed == 0 and name == keep else kept
        figures.add(RANK_FUSION, seed, paper(dataset, fused(dataset, dataset, everything), everything))
        done += 1
        dealt = artist_folds(dataset.artists, seed=seed) if folds is None else folds
        for fold in np.unique(dealt):
            yield f"paper, unseen, seed {seed}", done, total
            train = dataset.take(np.flatnonzero(dealt != fold))
            queries = np.flatnonzero(dealt == fold)
            for name, fit in {**fits, **baselines(train, as_given)}.items():
                vectors = fit(train, seed).embed(dataset.x, dataset.present)
                figures.add(name, seed, unseen(paper(dataset, nearest(vectors, queries), queries)))
            figures.add(RANK_FUSION, seed, unseen(paper(dataset, fused(dataset, train, queries), queries)))
            done += 1
    return PaperTable(figures.rows(), kept)


def fused(dataset: Dataset, train: Dataset, queries: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank all rows for some of them by rank fusion, [queries, n]."""
    scores = rank_fusion(dataset, raw_concatenation(train))(queries, np.arange(len(dataset)))
    return np.argsort(-scores, axis=1, kind="stable")


def unseen(figures: dict[str, float]) -> dict[str, float]:
    """Say of figures that training never saw the queries."""
    return {f"unseen {metric}": value for metric, value in figures.items()}

"""Ask whether one modality's shared block finds the same track by another's, for every ordered pair."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from indexer.report.adoption import CONTENT
from indexer.report.material import Material, block_products
from indexer.report.ranking import CUT, Rows, chunks, sample
from models.evaluation.cross_modal import found
from models.joint.additive import span
from models.joint.whitening import BLOCK
from models.modality import Modality

QUERIES = 500


@dataclass(frozen=True, slots=True)
class Crossing:
    """How well modality `a` finds the same track in `b`, among the tracks that have `b`."""

    a: Modality
    b: Modality
    shared: bool
    """Whether both have a shared block; without, there is nothing but chance."""
    queries: int
    tracks: int
    recall10: float
    median_rank: float

    @property
    def chance_recall10(self) -> float:
        """Return what a random order finds."""
        return min(1.0, CUT / self.tracks) if self.tracks else np.nan

    @property
    def chance_rank(self) -> float:
        """Return the median rank in a random order."""
        return (self.tracks + 1) / 2


def measure_cross_modal(material: Material, *, most: int = QUERIES) -> list[Crossing]:
    """Measure every ordered pair of content modalities that some track has both of; ties count as their expectation."""
    pairs = [(a, b) for a, b in permutations([m for m in CONTENT if m in material.x], 2) if material.has(a, b).any()]
    asked = {}
    for a, b in pairs:
        rows = np.flatnonzero(material.has(a, b))
        asked[a, b] = rows[sample(len(rows), most)]
    above: dict[tuple[Modality, Modality], list[NDArray[np.int64]]] = {pair: [] for pair in pairs}
    tied: dict[tuple[Modality, Modality], list[NDArray[np.int64]]] = {pair: [] for pair in pairs}
    every = np.unique(np.concatenate(list(asked.values()))) if pairs else np.zeros(0, np.int64)
    for space, met in material.unseen(every):
        blocks, _ = space.blocks(material.x, material.present)
        for a, b in pairs:
            for part in chunks(asked[a, b][np.isin(asked[a, b], met)]):
                before, beside = _ranks(blocks, a, b, part, np.flatnonzero(material.has(b)))
                above[a, b].append(before)
                tied[a, b].append(beside)
    return [_crossing(material, a, b, np.concatenate(above[a, b]), np.concatenate(tied[a, b])) for a, b in pairs]


def _ranks(
    blocks: NDArray[np.float16], a: Modality, b: Modality, rows: Rows, gallery: Rows
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many tracks stand before each query's own, and how many share its place (itself counted)."""
    first, second = (slice(span(m).start, span(m).start + BLOCK) for m in (a, b))
    scores = block_products(blocks[rows, first], blocks[gallery, second])
    own = scores[np.arange(len(rows)), np.searchsorted(gallery, rows)][:, None]
    return (scores > own).sum(axis=1), (scores == own).sum(axis=1)


def _crossing(
    material: Material, a: Modality, b: Modality, above: NDArray[np.int64], tied: NDArray[np.int64]
) -> Crossing:
    shared = all(material.space.heads[m].shared is not None for m in (a, b))
    median = float(np.median(above + (tied + 1) / 2))
    return Crossing(a, b, shared, len(above), int(material.has(b).sum()), found(above, tied, k=CUT), median)

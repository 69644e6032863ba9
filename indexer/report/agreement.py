"""Ask whether two modalities name the same neighbours, and how much of each the joint space keeps."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from indexer.report.bootstrap import Interval, interval
from indexer.report.material import Cosines, Material, block_products
from indexer.report.ranking import CUT, Rows, chunks, first, sample, shaken
from models.modality import MODALITIES, Modality

QUERIES, TRACKS = 500, 5000
"""Tracks asked, and tracks that stand in the lists."""
JOINT, CONCATENATION = "space", "concatenation"
Scores = Callable[[Rows], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many of ten neighbours two ways of comparing have in common, as a share, over tracks that both know."""

    a: str
    b: str
    tracks: int
    overlap: Interval
    chance: float


def measure_agreement(material: Material, *, most: int = QUERIES, tracks: int = TRACKS) -> list[Agreement]:
    """Compare every two modalities, and each with the joint space and with the concatenation.

    Pairs that eleven tracks or fewer have are left out: any list of ten would be all of them.
    """
    found = []
    for a, b in combinations(material.x, 2):
        rows = _rows(material.has(a, b), tracks)
        found.append(_agreement(material, a, b, _own(material, a, rows), _own(material, b, rows), rows, most))
    for m in material.x:
        rows = _rows(material.has(m), tracks)
        own = _own(material, m, rows)
        found.append(_agreement(material, m, JOINT, own, _joint(material, rows), rows, most))
        found.append(_agreement(material, m, CONCATENATION, own, _concatenated(material, rows), rows, most))
    return [one for one in found if one is not None]


def overlap(a: Rows, b: Rows) -> NDArray[np.float64]:
    """Return the share of places [q, k] of one list that stand in the other too, [q]; places -1 count for nobody."""
    both = (a[:, :, None] == b[:, None, :]) & (a >= 0)[:, :, None]
    shares: NDArray[np.float64] = both.sum(axis=(1, 2)) / np.maximum((a >= 0).sum(axis=1), 1)
    return shares


def _agreement(
    material: Material, a: str, b: str, by_a: Scores, by_b: Scores, rows: Rows, most: int
) -> Agreement | None:
    if len(rows) <= CUT + 1:
        return None
    asked = sample(len(rows), most)
    shares = []
    for part in chunks(asked):
        itself = part[:, None] == np.arange(len(rows))
        # Different seeds: ties broken alike in both lists would look like agreement.
        lists = [first(shaken(by(part), part, seed=seed), itself) for seed, by in enumerate((by_a, by_b), start=1)]
        shares.append(overlap(*lists))
    groups = material.labels.groups[rows[asked]]
    return Agreement(str(a), str(b), len(rows), interval(np.concatenate(shares), groups), CUT / (len(rows) - 1))


def _rows(has: NDArray[np.bool_], most: int) -> Rows:
    rows = np.flatnonzero(has)
    return rows[sample(len(rows), most)]


def _own(material: Material, m: Modality, rows: Rows) -> Scores:
    return Cosines(material.x[m][rows], material.has(m)[rows]).scores


def _joint(material: Material, rows: Rows) -> Scores:
    blocks, mask = material.space.blocks({m: x[rows] for m, x in material.x.items()}, material.present[rows])
    return lambda part: block_products(material.space.queries(blocks[part], mask[part]), blocks)


def _concatenated(material: Material, rows: Rows) -> Scores:
    own = [_own(material, m, rows) for m in MODALITIES if m in material.x]
    return lambda part: np.sum([scores(part) for scores in own], axis=0) / len(own)

"""Count in how many lists of ten each track stands: a few hubs stand in many, orphans in none.

N_10(t) is the number of tracks that have t among their ten nearest. In spaces of many dimensions it is skewed
(Radovanovic, Nanopoulos and Ivanovic, "Hubs in space", JMLR 2010): what a listener meets is always the same.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.report.material import Cosines, Material, block_products
from indexer.report.ranking import CUT, Rows, chunks, first, sample, shaken

TRACKS = 5000
"""Tracks that are both asked and listed. Counts cannot be sampled by the query: most tracks would seem orphans."""
WORST = 5
Scores = Callable[[Rows], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Hubness:
    """How evenly the places in the lists are dealt; NaN for a library of one track."""

    name: str
    skewness: float
    """Of the distribution of N_10; about 0.3 where neighbours are random, above 1 where hubs rule."""
    orphans: float
    """Share of tracks that stand in nobody's list."""
    robin_hood: float
    """Share of all places that would have to change hands for all tracks to have as many, in [0, 1]
    (Feldbauer, Leodolter, Plant and Flexer, "Fast approximate hubness reduction", 2018)."""
    worst: tuple[tuple[int, int], ...]
    """(row, N_10) of the greatest hubs."""


def measure_hubs(
    material: Material, hub_terms: NDArray[np.float64], *, most: int = TRACKS
) -> tuple[int, list[Hubness]]:
    """Return how many tracks were looked at, and the hubness of the space with and without hub term and of baselines.

    hub_terms : [n], what is added to the score of each track. All modalities are at work, as in a list on the screen.
    """
    rows = sample(len(material), most)
    blocks, mask = material.space.blocks({m: x[rows] for m, x in material.x.items()}, material.present[rows])
    own = [Cosines(x[rows], material.has(m)[rows]) for m, x in material.x.items()]
    terms = hub_terms[rows].astype(np.float32)

    def space(part: Rows) -> NDArray[np.float32]:
        return block_products(material.space.queries(blocks[part], mask[part]), blocks)

    ways: dict[str, Scores] = {
        "space, hub term": lambda part: space(part) + terms,
        "space": space,
        "concatenation": lambda part: np.sum([one.scores(part) for one in own], axis=0) / len(own),
        "random": lambda part: np.zeros((len(part), len(rows)), np.float32),
    }
    return len(rows), [hubness(name, occurrences(scores, len(rows)), rows) for name, scores in ways.items()]


def occurrences(scores: Scores, count: int) -> NDArray[np.int64]:
    """Return N_10 of each of `count` tracks, int64 [count]; a track is not in its own list."""
    places = []
    for part in chunks(np.arange(count)):
        itself = part[:, None] == np.arange(count)
        places.append(first(shaken(scores(part), part), itself))
    listed = np.concatenate(places).ravel() if places else np.zeros(0, np.int64)
    return np.bincount(listed[listed >= 0], minlength=count)


def hubness(name: str, listed: NDArray[np.int64], rows: Rows) -> Hubness:
    """Describe counts N_10 [n] of the tracks `rows` [n]."""
    if not listed.sum():
        return Hubness(name, np.nan, np.nan, np.nan, ())
    deviation = listed - listed.mean()
    spread = float(np.sqrt((deviation**2).mean()))
    worst = [int(i) for i in np.argsort(-listed, kind="stable")[:WORST] if listed[i] > CUT]
    return Hubness(
        name,
        skewness=float((deviation**3).mean()) / spread**3 if spread > 0 else 0.0,
        orphans=float((listed == 0).mean()),
        robin_hood=float(np.abs(deviation).sum() / (2 * listed.sum())),
        worst=tuple((int(rows[i]), int(listed[i])) for i in worst),
    )

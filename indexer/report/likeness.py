"""Score all tracks for some queries by each way of comparing: the space, each modality alone, and the baselines.

All look at content alone: the graph and the playlists hold the answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.report.adoption import CONTENT
from indexer.report.material import Cosines, Material, block_products
from indexer.report.ranking import Rows, chunks, first, shaken
from models.joint.additive import Space, span
from models.joint.whitening import BLOCK
from models.modality import MODALITIES, Modality

SPACE, CONCATENATION, FUSION, TAG_WORDS, RANDOM = "space", "concatenation", "rank fusion", "tags (BM25)", "random"
NOWHERE = -2.0
"""The score of a track that a way of comparing knows nothing of: below all others, so that it is not guessed at."""
_FUSED, _FUSION_OFFSET = 100, 60
"""Reciprocal rank fusion over the first hundred places; 60 after Cormack, Clarke and Buettcher, SIGIR 2009."""


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The scores, float32 [q, n], of one way of comparing; `can` [q] says which queries it knows anything of."""

    name: str
    scores: NDArray[np.float32]
    can: NDArray[np.bool_]


def own(m: Modality) -> str:
    """Name the comparison by an encoder's own vectors."""
    return f"{m} vectors"


def private(m: Modality) -> str:
    """Name the comparison by a private block."""
    return f"{m} block"


class Likenesses:
    """All ways of comparing the tracks of a library."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self.content = [m for m in CONTENT if m in material.x]
        self._cosines = {m: Cosines(material.x[m], material.has(m)) for m in self.content}

    def scored(self, rows: Rows) -> Iterator[tuple[Rows, Scored]]:
        """Yield, for parts of `rows`, the scores of every way of comparing in turn; the arrays are the caller's."""
        for space, met in self._material.unseen(rows):
            blocks, mask = space.blocks(self._material.x, self._material.present)
            for part in chunks(met):
                for scored in self._all(space, blocks, mask, part):
                    yield part, scored

    def _all(self, space: Space, blocks: NDArray[np.float16], mask: NDArray[np.bool_], rows: Rows) -> Iterator[Scored]:
        faders = {m: 0.0 for m in MODALITIES if m not in self.content}
        any_content = self._material.has_any(self.content)
        yield Scored(
            SPACE,
            block_products(space.queries(blocks[rows], mask[rows], faders=faders), blocks),
            any_content[rows],
        )
        summed = np.zeros((len(rows), len(blocks)), np.float32)
        fused = np.zeros_like(summed)
        for m in self.content:
            here = self._cosines[m].present
            scores = self._cosines[m].scores(rows)
            summed += scores
            scores = alone(scores, here)
            fused += _reciprocal_ranks(scores, rows, here)
            yield Scored(own(m), scores, here[rows])
            columns = slice(span(m).start + BLOCK, span(m).stop)
            yield Scored(private(m), alone(block_products(blocks[rows, columns], blocks[:, columns]), here), here[rows])
        yield Scored(CONCATENATION, summed / np.float32(len(self.content)), any_content[rows])
        yield Scored(FUSION, fused, any_content[rows])
        words = self._material.words
        yield Scored(TAG_WORDS, words.scores(rows), words.present[rows])
        yield Scored(RANDOM, np.zeros_like(summed), np.ones(len(rows), np.bool_))


def alone(scores: NDArray[np.float32], here: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Put the tracks without the modality (here [n]) last; changes and returns `scores` [q, n]."""
    scores[:, ~here] = NOWHERE
    return scores


def _reciprocal_ranks(scores: NDArray[np.float32], rows: Rows, here: NDArray[np.bool_]) -> NDArray[np.float32]:
    hidden = np.zeros(scores.shape, np.bool_)
    hidden[:, ~here] = True
    hidden[~here[rows]] = True
    places = first(shaken(scores, rows), hidden, k=_FUSED + 1)
    fused = np.zeros(scores.shape, np.float32)
    line, place = np.nonzero(places >= 0)
    fused[line, places[line, place]] = 1 / (_FUSION_OFFSET + 1 + place)
    return fused

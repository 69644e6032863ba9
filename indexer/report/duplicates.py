"""Count pairs of tracks that sound the same: copies, or the same recording on two albums."""

from dataclasses import dataclass

import numpy as np

from indexer.report.material import Cosines, Material
from indexer.report.ranking import chunks, sample
from models.modality import MODALITIES, Modality

ALIKE = 0.999
"""Centred cosine of sound from which two files are taken for one recording: another encoding of it stays above."""
QUERIES = 2000
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pairs with nearly identical sound."""

    pairs: int
    """Counted where all tracks were asked, else estimated from the sample."""
    tracks: int
    """Tracks that have a twin, counted or estimated in the same way."""
    asked: int
    examples: tuple[tuple[int, int], ...]
    """Rows of some pairs."""


def measure_duplicates(material: Material, *, most: int = QUERIES) -> Duplicates | None:
    """Compare the sound of `most` tracks with that of all that the report looks at; None without sound."""
    if Modality.AUDIO not in material.x:
        return None
    rows = np.flatnonzero(material.has(Modality.AUDIO))
    sound = Cosines(material.x[Modality.AUDIO][rows], np.ones(len(rows), np.bool_))
    asked = sample(len(rows), most)
    twins: list[tuple[int, int]] = []
    for part in chunks(asked):
        line, column = np.nonzero((sound.scores(part) >= ALIKE) & (part[:, None] != np.arange(len(rows))))
        twins += zip(part[line].tolist(), column.tolist(), strict=True)
    # The sample of a large library has whole artists, whose twins it has too.
    everywhere = int(material.everywhere[:, MODALITIES.index(Modality.AUDIO)].sum())
    scale = everywhere / max(len(asked), 1)
    once = sorted({(min(pair), max(pair)) for pair in twins})
    return Duplicates(
        pairs=round(len(twins) / 2 * scale),
        tracks=round(len({a for a, _ in twins}) * scale),
        asked=len(asked),
        examples=tuple((int(rows[a]), int(rows[b])) for a, b in once[:EXAMPLES]),
    )

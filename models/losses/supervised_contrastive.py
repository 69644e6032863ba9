"""Gather tracks of one label (artist, album, genre), apart from all others."""

from torch import Tensor

from models.dataset import UNKNOWN
from models.losses.neighbour_positive import TEMPERATURE, neighbour_positive


def supervised_contrastive(embeddings: Tensor, labels: Tensor, *, temperature: float | Tensor = TEMPERATURE) -> Tensor:
    """Return `neighbour_positive` where the positives of a track are the other tracks of its label.

    `embeddings` is float [n, d], `labels` int64 [n]. Tracks whose label is UNKNOWN (-1) have no positives and are
    nobody's; they stay among the negatives, since two tracks drawn at random seldom share an artist. Labels met once
    ask nothing. Without two tracks of one label the loss is 0.

    Khosla, Teterwak, Wang et al., "Supervised contrastive learning", NeurIPS 2020, L_out, as a mean over the anchors
    that have a positive.
    """
    positives = (labels[:, None] == labels[None]) & (labels != UNKNOWN)[:, None]
    return neighbour_positive(embeddings, positives, temperature=temperature)

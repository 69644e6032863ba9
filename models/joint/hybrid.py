"""Fit the additive hybrid space: the closed form with labels, then a short training of both kinds of blocks.

Everything stays a linear map after centring, so that the result is a Space like any other: its score is a sum, its
explanations exact, its faders live.
"""

from collections.abc import Mapping

import torch
from threadpoolctl import threadpool_limits

from models.dataset import Dataset
from models.joint.additive import ALPHA, Space
from models.joint.balance import balanced
from models.joint.closed_form import assembled, labelled_maps, paired, views_of
from models.joint.genre_directions import genre_indicators
from models.joint.hybrid_private import Refinement, refined_private
from models.joint.hybrid_shared import Tuning, tuned_shared
from models.modality import Modality

RANK = 256
"""Principal directions that private blocks are refined in."""
TRACKS_AT_MOST = 4_000
"""Refining holds n x n matrices, 16 million numbers each; of more tracks a seeded sample is used."""
WEIGHTS: Mapping[Modality, float] = {
    Modality.AUDIO: 0.84,
    Modality.LYRICS: 0.34,
    Modality.TAGS: 0.34,
    Modality.COVER: 1.0,
    Modality.GRAPH: 0.73,
    Modality.PLAYLISTS: 0.73,
}
"""w_m, found on the Fairouz data for VGGish, lyric summaries and OpenCLIP; only ratios count."""

TUNING, REFINEMENT = Tuning(), Refinement()


def fit_hybrid(
    data: Dataset,
    *,
    seed: int = 0,
    weights: Mapping[Modality, float] = WEIGHTS,
    alpha: float = ALPHA,
    tuning: Tuning = TUNING,
    refinement: Refinement = REFINEMENT,
) -> Space:
    """Fit to the tracks of a dataset, some seconds for some hundred tracks; equal seeds give equal spaces.

    Labels may be missing: without artists nothing is gathered by artist, without genres nothing by genre. Raises
    ModelError where no modality has a track or vectors are not finite.
    """
    views, rows = views_of(data.x, data.present, rank=RANK, rows_at_most=TRACKS_AT_MOST)
    some = data.take(rows)
    indicators, counted = genre_indicators(some.genres), balanced(some.artists)
    private, shared = labelled_maps(views, some.artists, indicators, counted)
    threads = torch.get_num_threads()
    with threadpool_limits(limits=1):
        # Small matrices: a second thread only waits, and another number of threads would add up in another order.
        torch.set_num_threads(1)
        try:
            private = refined_private(
                some, views, private, indicators, counted, weights, seed=seed, refinement=refinement
            )
            if shared:
                shared = {**shared, **tuned_shared(paired(views), shared, len(some), seed=seed, tuning=tuning)}
        finally:
            torch.set_num_threads(threads)
    return assembled(views, private, shared, encoders=data.encoders, weights=weights, alpha=alpha, name="hybrid")

"""Keep the neighbourhoods of one space: a track's neighbours are closer than everybody else.

Two-branch networks call this neighbourhood (or structure) preservation: positives within one modality, tracks of one
album say, or the nearest in one encoder's space, beside the positives between modalities; and neighbourhood sampling,
the drawing of batches in which every track meets some of its neighbours. There it is a hinge on triplets
(`hinge_ranking` of a space with itself is that form). Here it is the form that has replaced it since: InfoNCE with
several positives a track, every positive against all the rest of the batch, which weighs hard negatives by itself and
has no margin to choose.
"""

import torch
from torch import Tensor

from models.losses.unit import unit

TEMPERATURE = 0.1
"""Khosla et al. found .07 to .1 best; a lower one follows the hardest negatives."""


def neighbour_positive(
    embeddings: Tensor,
    positives: Tensor,
    known: Tensor | None = None,
    *,
    temperature: float | Tensor = TEMPERATURE,
) -> Tensor:
    """Return the mean over tracks with a positive of -mean over its positives p of log softmax(cosine / temperature)_p.

    `embeddings` is float [n, d], `positives` bool [n, n], row: the track that asks. `known`, bool [n, n], rules out
    the pairs of which nobody knows whether they belong together: they are neither positive nor negative. A track is
    never its own neighbour. The softmax runs over all known others, so a track whose known others are one positive
    costs nothing. Tracks without positives ask nothing but stay negatives of others; without any positive the
    loss is 0.

    Wang, Li and Lazebnik, "Learning two-branch neural networks for image-text matching tasks", TPAMI 2018
    (neighbourhoods); Khosla et al., "Supervised contrastive learning", NeurIPS 2020 (several positives, L_out);
    Dwibedi et al., "With a little help from my friends", ICCV 2021 (nearest neighbours as positives).
    """
    others = ~torch.eye(len(embeddings), dtype=torch.bool, device=embeddings.device)
    compared = others if known is None else others & known
    wanted = positives & compared
    # Rows without a positive are left out before the softmax: one over nothing would have a gradient of NaN.
    asks = wanted.any(dim=1)
    wanted, compared = wanted[asks], compared[asks]
    rows = unit(embeddings)
    logits = rows[asks] @ rows.T / temperature
    surprise = logits.masked_fill(~compared, -torch.inf).logsumexp(dim=1, keepdim=True) - logits
    terms = torch.where(wanted, surprise, 0).sum(dim=1) / wanted.sum(dim=1)
    return terms.sum() / max(len(terms), 1)

"""Learn from playlists as words are learned from sentences: tracks heard close together against drawn ones."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

NEGATIVES = 4
"""Drawn for each pair."""


def skip_gram(centres: Tensor, contexts: Tensor, pairs: Tensor, negatives: Tensor) -> Tensor:
    """Return the mean over pairs of -[log s(u.v) + sum over k of log s(-u.n_k)], s the sigmoid.

    `centres` float [n, d] and `contexts` float [m, d] (the same tensor twice where one encoder makes both);
    `pairs` int64 [p, 2]: row of the centre u, row of the context v. `negatives` int64 [p, K]: rows of contexts that are
    no positives of the centre, from `draw_negatives`; -1 stands for none and adds nothing. No pairs give 0.

    Mikolov, Sutskever, Chen, Corrado and Dean, "Distributed representations of words and phrases and their
    compositionality", NeurIPS 2013.
    """
    u = centres[pairs[:, 0]]
    near = (u * contexts[pairs[:, 1]]).sum(dim=1)
    far = (u[:, None] * contexts[negatives.clamp(min=0)]).sum(dim=2)
    terms = logsigmoid(near) + torch.where(negatives >= 0, logsigmoid(-far), 0).sum(dim=1)
    return -terms.sum() / max(len(pairs), 1)


def draw_negatives(
    forbidden: Tensor, *, generator: torch.Generator, count: int = NEGATIVES, noise: Tensor | None = None
) -> Tensor:
    """Draw rows that are no positives, with replacement: int64 [p, count], -1 where a pair leaves nothing to draw.

    `forbidden`, bool [p, m], marks for each pair what may not be drawn: the centre itself and all its positives, not
    only the one of this pair. `noise`, float [m], 0 or more, weighs the rows (word2vec: how often one occurs, to the
    power of .75); all alike when None. m is at most 2^24.
    """
    if forbidden.numel() == 0:
        return torch.full((len(forbidden), count), -1, dtype=torch.int64, device=forbidden.device)
    weights = torch.ones(forbidden.shape[1], device=forbidden.device) if noise is None else noise
    weights = torch.where(forbidden, 0, weights)
    possible = (weights > 0).any(dim=1, keepdim=True)
    drawn = torch.multinomial(torch.where(possible, weights, 1), count, replacement=True, generator=generator)
    return torch.where(possible, drawn, -1)

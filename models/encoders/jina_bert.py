"""Compute the last hidden states of Jina's BERT in torch: distances instead of positions, a gated feed-forward part.

Günther et al. (2023), Jina Embeddings 2: 8192-token general-purpose text embeddings for long documents; ALiBi (Press
et al. 2022) made symmetric, so that tokens on both sides count less the farther they are; GEGLU (Shazeer 2020).
Imports torch: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

from models.encoders.bert import Attention, Bert
from models.encoders.bert_shape import alibi_slopes

if TYPE_CHECKING:
    from models.encoders.bert_shape import BertShape


class JinaBert(Bert):
    """A stack of layers whose attention falls off with distance."""

    def make_layer(self) -> nn.Module:
        """Make one layer."""
        return JinaLayer(self.shape)

    def bias(self, tokens: Tensor, mask: Tensor | None) -> Tensor:
        """Return minus the distance of tokens, [b or 1, 1, t, t], minus infinity at padding; heads scale it."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        dtype = self.embeddings.word_embeddings.weight.dtype
        distance = -(places[:, None] - places).abs().to(dtype)[None, None]
        padding = super().bias(tokens, mask)
        return distance if padding is None else distance + padding


class JinaLayer(nn.Module):
    """Attention and the gated part, each added to its input and normalised."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.attention = JinaAttention(shape)
        self.mlp = GatedPart(shape)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """Transform hidden states [b, t, width]."""
        transformed: Tensor = self.mlp(self.attention(hidden, bias))
        return transformed


class JinaAttention(Attention):
    """Self-attention whose heads fall off with distance, each at its own slope."""

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """Mix the values head by head: the bias of all heads at once would take gigabytes for a long text."""
        assert bias is not None
        split = (part.chunk(self.heads, dim=1) for part in (query, key, value))
        parts = zip(*split, alibi_slopes(self.heads), strict=True)
        heads = [scaled_dot_product_attention(q, k, v, attn_mask=bias * slope) for q, k, v, slope in parts]
        return torch.cat(heads, dim=1)


class GatedPart(nn.Module):
    """GEGLU: one half of the inner values opens or closes the other; added to its input and normalised."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.gated_layers = nn.Linear(shape.width, 2 * shape.inner, bias=False)
        self.wo = nn.Linear(shape.inner, shape.width)
        self.layernorm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, hidden: Tensor) -> Tensor:
        """Transform hidden states [b, t, width]; the first half is the gate, as in the published weights."""
        gate, opened = self.gated_layers(hidden).chunk(2, dim=-1)
        transformed: Tensor = self.layernorm(self.wo(gelu(gate) * opened) + hidden)
        return transformed

"""Compute the last hidden states of BERT and XLM-RoBERTa in torch; Jina's variant is in jina_bert.

Written for texts of one length or padded ones, without what only training needs. Modules are named as the published
weights are, so that these load as they lie. Imports torch: import it where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, scaled_dot_product_attention

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.encoders.bert_shape import BertShape


class Bert(nn.Module):
    """A stack of layers over token embeddings."""

    def __init__(self, shape: BertShape) -> None:
        """Make the modules without weights: load them with `load_state_dict(..., assign=True)`."""
        super().__init__()
        self.shape = shape
        with torch.device("meta"):
            self.embeddings = Embeddings(shape)
            self.encoder = Stack(self.make_layer() for _ in range(shape.layers))
        self.eval()

    def make_layer(self) -> nn.Module:
        """Make one layer."""
        return Layer(self.shape)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the hidden states [b, t, width] of token ids [b, t]; `mask` [b, t] is False at padding."""
        hidden: Tensor = self.embeddings(tokens)
        bias = self.bias(tokens, mask)
        for layer in self.encoder.layer:
            hidden = layer(hidden, bias)
        return hidden

    def bias(self, tokens: Tensor, mask: Tensor | None) -> Tensor | None:
        """Return what is added to the attention: [b, 1, 1, t], minus infinity at padding; None for nothing."""
        if mask is None:
            return None
        dtype = self.embeddings.word_embeddings.weight.dtype
        return torch.zeros(mask.shape, dtype=dtype, device=tokens.device).masked_fill(~mask, -torch.inf)[:, None, None]


class Stack(nn.Module):
    """The layers, named as they are published."""

    def __init__(self, layers: Iterable[nn.Module]) -> None:
        super().__init__()
        self.layer = nn.ModuleList(layers)


def table(rows: int, width: int) -> nn.Embedding:
    """Make an embedding without drawing random numbers, which on the meta device takes torch a second to load."""
    return nn.Embedding(rows, width, _weight=torch.empty(rows, width))


class Embeddings(nn.Module):
    """Token, position and sentence embeddings, added and normalised."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.first_position = shape.first_position
        self.word_embeddings = table(shape.vocabulary, shape.width)
        if not shape.alibi:
            self.position_embeddings = table(shape.positions, shape.width)
        self.token_type_embeddings = table(shape.kinds, shape.width)
        self.LayerNorm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, tokens: Tensor) -> Tensor:
        """Embed token ids [b, t] as [b, t, width]; positions count from the left, where texts begin."""
        added = self.word_embeddings(tokens) + self.token_type_embeddings.weight[0]
        if hasattr(self, "position_embeddings"):
            first = self.first_position
            added = added + self.position_embeddings.weight[first : first + tokens.shape[1]]
        normalised: Tensor = self.LayerNorm(added)
        return normalised


class Layer(nn.Module):
    """Attention and a feed-forward part, each added to its input and normalised."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.attention = Attention(shape)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(shape.width, shape.inner)})
        self.output = Output(shape.inner, shape)

    def forward(self, hidden: Tensor, bias: Tensor | None) -> Tensor:
        """Transform hidden states [b, t, width]."""
        attended = self.attention(hidden, bias)
        transformed: Tensor = self.output(gelu(self.intermediate["dense"](attended)), attended)
        return transformed


class Attention(nn.Module):
    """Multi-head self-attention."""

    def __init__(self, shape: BertShape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.self = nn.ModuleDict({part: nn.Linear(shape.width, shape.width) for part in ("query", "key", "value")})
        self.output = Output(shape.width, shape)

    def forward(self, hidden: Tensor, bias: Tensor | None) -> Tensor:
        """Transform hidden states [b, t, width]."""
        query, key, value = (
            self.self[part](hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in ("query", "key", "value")
        )  # [b, heads, t, width / heads] each
        mixed = self.attend(query, key, value, bias)
        attended: Tensor = self.output(mixed.transpose(1, 2).flatten(2), hidden)
        return attended

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """Mix the values by how well their keys fit each query: [b, heads, t, width / heads]."""
        return scaled_dot_product_attention(query, key, value, attn_mask=bias)


class Output(nn.Module):
    """A linear map whose outcome is added to what came before it, and normalised."""

    def __init__(self, incoming: int, shape: BertShape) -> None:
        super().__init__()
        self.dense = nn.Linear(incoming, shape.width)
        self.LayerNorm = nn.LayerNorm(shape.width, eps=shape.epsilon)

    def forward(self, inner: Tensor, before: Tensor) -> Tensor:
        """Return the hidden states [b, t, width]."""
        normalised: Tensor = self.LayerNorm(self.dense(inner) + before)
        return normalised

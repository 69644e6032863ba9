"""Read from config.json what a BERT-like text model is built of, and which weights it must bring.

Three published architectures: BERT (Devlin et al. 2019), XLM-RoBERTa (Conneau et al. 2020), which counts positions
from two, and Jina's BERT (Günther et al. 2023, Jina Embeddings 2), which knows distances instead of positions
(`alibi`) and has a gated feed-forward part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from models.encoders.known import KnownEncoder

XLM_FIRST_POSITION = 2
"""XLM-RoBERTa's positions begin after that of its padding, whose id is 1."""

_WANTED: dict[str, dict[str, Any]] = {
    "text": {"hidden_act": "gelu", "position_embedding_type": "absolute"},
    "jina": {"hidden_act": "gelu", "position_embedding_type": "alibi", "feed_forward_type": "geglu"},
}
"""What config.json must say; a key that it lacks has the usual value, which is the first line's."""
_MODEL_TYPES = {"text": ("bert", "xlm-roberta"), "jina": ("bert",)}


@dataclass(frozen=True, slots=True)
class BertShape:
    """The sizes of one model."""

    layers: int
    heads: int
    width: int
    inner: int
    """Width of the feed-forward part."""
    vocabulary: int
    positions: int
    first_position: int
    kinds: int
    """Rows of the table that marks first and second sentences; the first row alone is used."""
    epsilon: float
    """Inside the layer norms."""
    padding: int
    """The token that fills short texts in a batch; what it is does not matter, it is masked."""
    alibi: bool
    """Attention falls off with distance, the feed-forward part is gated, and there are no positions."""

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every tensor that a folder must bring, as they are published."""
        width = self.width
        shapes: dict[str, tuple[int, ...]] = {"embeddings.word_embeddings.weight": (self.vocabulary, width)}
        if not self.alibi:
            shapes["embeddings.position_embeddings.weight"] = (self.positions, width)
        shapes["embeddings.token_type_embeddings.weight"] = (self.kinds, width)
        shapes |= _norm("embeddings.LayerNorm", width)
        for layer in range(self.layers):
            shapes |= self._layer(f"encoder.layer.{layer}")
        return shapes

    def _layer(self, name: str) -> dict[str, tuple[int, ...]]:
        width, inner = self.width, self.inner
        shapes: dict[str, tuple[int, ...]] = {}
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _linear(f"{name}.attention.{part}", width, width)
        shapes |= _norm(f"{name}.attention.output.LayerNorm", width)
        if self.alibi:
            gates = {f"{name}.mlp.gated_layers.weight": (2 * inner, width)}
            return shapes | gates | _linear(f"{name}.mlp.wo", width, inner) | _norm(f"{name}.mlp.layernorm", width)
        shapes |= _linear(f"{name}.intermediate.dense", inner, width) | _linear(f"{name}.output.dense", width, inner)
        return shapes | _norm(f"{name}.output.LayerNorm", width)


def _linear(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}


def _norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def read_shape(config: Mapping[str, Any], known: KnownEncoder, *, path: Path) -> BertShape:
    """Read what config.json says, `path` being where it lies.

    Raises ModelError when it describes another architecture than `known.kind` loads, lacks a size, or gives vectors
    of another dimension than `known.dimension`.
    """
    _check_architecture(config, known, path)
    try:
        shape = _shape(config, alibi=known.kind == "jina")
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} does not say what the model is built of ({error}): fetch it again") from error
    if shape.width % shape.heads or min(shape.layers, shape.heads, shape.width, shape.inner) < 1:
        raise ModelError(f"{path} has sizes that do not fit each other: fetch it again")
    if shape.width != known.dimension:
        raise ModelError(
            f"{path} describes vectors of dimension {shape.width}, but {known.name} has {known.dimension}: "
            "this is another model"
        )
    return shape


def _check_architecture(config: Mapping[str, Any], known: KnownEncoder, path: Path) -> None:
    types = _MODEL_TYPES[known.kind]
    found = config.get("model_type")
    if found not in types:
        raise ModelError(
            f"{path} is of architecture {found!r}, and {known.name} of {' or '.join(types)}: fetch it again"
        )
    for key, wanted in _WANTED[known.kind].items():
        given = config.get(key, _WANTED["text"].get(key))
        if given != wanted:
            raise ModelError(f"{path} says {key} = {given!r}, and {known.name} has {wanted!r}: fetch it again")


def _shape(config: Mapping[str, Any], *, alibi: bool) -> BertShape:
    return BertShape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        width=int(config["hidden_size"]),
        inner=int(config["intermediate_size"]),
        vocabulary=int(config["vocab_size"]),
        positions=int(config["max_position_embeddings"]),
        first_position=XLM_FIRST_POSITION if config["model_type"] == "xlm-roberta" else 0,
        kinds=int(config["type_vocab_size"]),
        epsilon=float(config["layer_norm_eps"]),
        padding=int(config["pad_token_id"]),
        alibi=alibi,
    )


def alibi_slopes(heads: int) -> list[float]:
    """Return how fast each head's attention falls off with distance (Press et al. 2022, ALiBi).

    A geometric row from 2^(-8/n) for a power of two n; for other numbers of heads the rest comes from every other
    slope of the next power of two, as published.
    """
    whole = 1 << (heads.bit_length() - 1)
    slopes = [2 ** (-8 * (i + 1) / whole) for i in range(whole)]
    between = [2 ** (-8 * (i + 1) / (2 * whole)) for i in range(0, 2 * whole, 2)]
    return slopes + between[: heads - whole]

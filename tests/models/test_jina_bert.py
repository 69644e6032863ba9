"""Jina's BERT against a naive loop over tokens, heads and layers, on weights under the published names."""

import json
from math import erf, exp, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from models.encoders.bert_shape import alibi_slopes
from models.encoders.hub_text import HubTextEncoder
from models.encoders.torch_text import TorchText
from tests.models.tiny_hub import LINES, make_tiny_text, tiny_known

Array = NDArray[np.float64]
TEXTS = ["piano", *LINES, "we drive the old road over the water " * 4]


def normalised(x: Array, weights: dict[str, Array], name: str) -> Array:
    deviation = sqrt(float(((x - x.mean()) ** 2).mean()) + 1e-12)
    return np.asarray((x - x.mean()) / deviation * weights[f"{name}.weight"] + weights[f"{name}.bias"])


def linear(x: Array, weights: dict[str, Array], name: str) -> Array:
    return np.asarray(weights[f"{name}.weight"] @ x + weights.get(f"{name}.bias", 0))


def naive_vector(ids: list[int], weights: dict[str, Array], config: dict[str, Any], slopes: list[float]) -> Array:
    """Compute the mean of the last hidden states, of unit length, in float64."""
    kinds = weights["embeddings.token_type_embeddings.weight"]
    words = weights["embeddings.word_embeddings.weight"]
    hidden = [normalised(words[token] + kinds[0], weights, "embeddings.LayerNorm") for token in ids]
    for layer in range(config["num_hidden_layers"]):
        hidden = naive_layer(hidden, weights, f"encoder.layer.{layer}", config["intermediate_size"], slopes)
    mean = np.mean(hidden, axis=0)
    return np.asarray(mean / np.linalg.norm(mean))


def naive_layer(
    hidden: list[Array], weights: dict[str, Array], at: str, inner: int, slopes: list[float]
) -> list[Array]:
    query, key, value = (
        [linear(x, weights, f"{at}.attention.self.{part}") for x in hidden] for part in ("query", "key", "value")
    )
    size = len(hidden[0]) // len(slopes)
    after = []
    for i, x in enumerate(hidden):
        mixed = np.zeros(len(x))
        for head, slope in enumerate(slopes):
            own = slice(head * size, (head + 1) * size)
            odds = [exp(query[i][own] @ key[j][own] / sqrt(size) - slope * abs(i - j)) for j in range(len(hidden))]
            for j, odd in enumerate(odds):
                mixed[own] += odd / sum(odds) * value[j][own]
        attended = normalised(
            linear(mixed, weights, f"{at}.attention.output.dense") + x, weights, f"{at}.attention.output.LayerNorm"
        )
        both = linear(attended, weights, f"{at}.mlp.gated_layers")
        gate = np.array([v / 2 * (1 + erf(v / sqrt(2))) for v in both[:inner]])
        after.append(
            normalised(linear(gate * both[inner:], weights, f"{at}.mlp.wo") + attended, weights, f"{at}.mlp.layernorm")
        )
    return after


def test_equals_the_naive_loop_on_both_paths(tmp_path: Path) -> None:
    folder = make_tiny_text(tmp_path / "jina", "jina")
    encoder = HubTextEncoder(folder, tiny_known("jina", query_prompt="", passage_prompt=""))
    weights = {name: value.astype(np.float64) for name, value in load_file(folder / "model.safetensors").items()}
    config = json.loads((folder / "config.json").read_text())
    slopes = [2**-2, 2**-4, 2**-6, 2**-8, 2**-1, 2**-3]  # four of four heads, then every other of eight
    ids = encoder.tokens.ids(TEXTS)
    wanted = np.stack([naive_vector(one, weights, config, slopes) for one in ids])
    np.testing.assert_allclose(encoder.encode(TEXTS), wanted, atol=2e-6)
    in_torch = TorchText(encoder._shape, encoder._weights, encoder._known)
    np.testing.assert_allclose(in_torch.vectors(ids), wanted, atol=2e-6)


@pytest.mark.parametrize(
    ("heads", "slopes"),
    [
        (1, [2**-8]),
        (8, [2**-1, 2**-2, 2**-3, 2**-4, 2**-5, 2**-6, 2**-7, 2**-8]),
        (12, [*(2**-i for i in range(1, 9)), 2**-0.5, 2**-1.5, 2**-2.5, 2**-3.5]),
    ],
)
def test_slopes_are_those_of_the_paper(heads: int, slopes: list[float]) -> None:
    np.testing.assert_allclose(alibi_slopes(heads), slopes)


def test_long_texts_need_no_positions(tmp_path: Path) -> None:
    folder = make_tiny_text(tmp_path / "jina", "jina", max_position_embeddings=8192)
    encoder = HubTextEncoder(folder, tiny_known("jina", tokens=8192))
    text = "the harbour light turns and again it turns over the water\n" * 40
    assert len(encoder.tokens.chunks(text)) == 1
    assert np.isfinite(encoder.encode([text])).all()
    assert len(encoder.tokens.chunks(text * 5)) > 1

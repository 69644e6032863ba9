"""CLAP's two published forms, converted and loaded, give the vectors of the model that they were made from."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from models.encoders.clap import FILES, ClapEncoder
from models.encoders.clap_features import features
from models.encoders.known import KNOWN
from models.encoders.model_folder import WEIGHTS
from models.errors import ModelError
from tests.models.scripts import load_script
from tests.models.tiny_clap import DIMENSION, make_tiny_clap

script = load_script("convert_clap")
HUB_TO_ORIGINAL = (
    (r"^text_model\.", "text_branch."),
    (r"^audio_model\.audio_encoder\.", "audio_branch."),
    (r"_projection\.linear1\.", "_projection.0."),
    (r"_projection\.linear2\.", "_projection.2."),
)
AUDIO_TO_ORIGINAL = (
    (r"\.batch_norm\.", ".bn0."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.attention\.self\.", ".attn."),
    (r"\.intermediate\.dense\.", ".mlp.fc1."),
    (r"(\.blocks\.\d+)\.output\.dense\.", r"\1.mlp.fc2."),
    (r"\.layernorm_before\.", ".norm1."),
    (r"\.layernorm_after\.", ".norm2."),
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_clap(tmp_path_factory.mktemp("hub") / "clap")


def original(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Name weights as the training program does, with its front end and heads beside them."""
    made: dict[str, torch.Tensor] = {}
    for name, value in weights.items():
        rules = HUB_TO_ORIGINAL + (AUDIO_TO_ORIGINAL if name.startswith("audio_model.") else ())
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        made[name] = value
    for name in [name for name in made if ".attn.query." in name]:
        parts = [made.pop(name.replace("query", part)) for part in ("query", "key", "value")]
        made[name.replace("query", "qkv")] = torch.cat(parts)
    front = {"audio_branch.logmel_extractor.melW": torch.ones(5, 2), "audio_branch.head.weight": torch.ones(3, 3)}
    return made | front | {"text_transform.sequential.0.weight": torch.ones(2, 2)}


@pytest.mark.parametrize("form", ["hub", "training"])
def test_converted_weights_give_the_same_vectors(hub: Path, tmp_path: Path, form: str) -> None:
    weights: Any = load_file(hub / WEIGHTS)
    if form == "training":
        named = {f"module.{name}": value for name, value in original(weights).items()}
        assert "module.audio_branch.layers.0.blocks.0.attn.qkv.weight" in named
        assert "module.audio_branch.layers.1.blocks.0.mlp.fc2.bias" in named
        weights = {"epoch": 15, "state_dict": named, "figures": {"r@1": np.float64(0.5)}}
    torch.save(weights, tmp_path / "published.pt")
    path = script.convert(tmp_path / "published.pt", hub, tmp_path / "out")
    assert sorted(file.name for file in path.parent.iterdir()) == sorted(FILES)
    entry = replace(next(encoder for encoder in KNOWN if encoder.kind == "clap"), dimension=DIMENSION)
    ours, theirs = ClapEncoder(tmp_path / "out", entry), ClapEncoder(hub, entry)
    pictures = features([np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32)])
    np.testing.assert_allclose(ours.encode([pictures]), theirs.encode([pictures]), atol=1e-6)
    np.testing.assert_allclose(ours.encode_text(["slow dark"]), theirs.encode_text(["slow dark"]), atol=1e-6)


@pytest.mark.parametrize("content", ["text", "one tower", "list", "missing"])
def test_other_files_are_refused(hub: Path, tmp_path: Path, content: str) -> None:
    source = tmp_path / "published.pt"
    if content == "text":
        source.write_text("no pickle")
    elif content == "one tower":
        torch.save({"text_branch.pooler.dense.bias": torch.ones(2)}, source)
    elif content == "list":
        torch.save([1], source)
    with pytest.raises(ModelError) as caught:
        script.convert(source, hub, tmp_path / "out")
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_what_describes_the_model_is_needed(hub: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        script.convert(hub / WEIGHTS, tmp_path, tmp_path / "out")

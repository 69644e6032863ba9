"""Folders that hold no model, half a model or another one: one line each, for every loader."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from models.encoders.clap import ClapEncoder
from models.encoders.clap_features import features as clap_features
from models.encoders.dinov2 import DinoV2Encoder
from models.encoders.known import KNOWN, Kind, KnownEncoder
from models.encoders.model_folder import ABOUT, read_tensors
from models.encoders.open_clip import OpenClipEncoder
from models.encoders.openl3 import OpenL3Encoder
from models.encoders.openl3_network import OpenL3Shape
from models.encoders.vggish import VggishEncoder
from models.encoders.vggish_network import VggishShape
from models.errors import ModelError
from tests.models import tiny_clap, tiny_dinov2, tiny_open_clip


def make_tiny_vggish(directory: Path) -> Path:
    directory.mkdir()
    shape = VggishShape((1, 1, 1, 1, 1, 1), (2, 2), 3)
    save_file({name: torch.ones(size) for name, size in shape.weights().items()}, directory / "model.safetensors")
    return directory


def make_tiny_openl3(directory: Path) -> Path:
    directory.mkdir()
    weights = {name: torch.ones(size) for name, size in OpenL3Shape((1, 1, 1, 2)).weights().items()}
    save_file(weights, directory / "model.safetensors", metadata={ABOUT: json.dumps({"input": "mel256"})})
    return directory


def hear(directory: Path, entry: KnownEncoder) -> Any:
    return ClapEncoder(directory, entry).encode([clap_features([np.ones(480, np.float32)])])


@dataclass(frozen=True)
class Loader:
    kind: Kind
    make: Callable[[Path], Path]
    load: Callable[[Path, KnownEncoder], Any]
    dimension: int
    weights: str = "model.safetensors"

    @property
    def entry(self) -> KnownEncoder:
        return replace(next(entry for entry in KNOWN if entry.kind == self.kind), dimension=self.dimension)


LOADERS = [
    Loader("open-clip", tiny_open_clip.make_tiny_open_clip, OpenClipEncoder, 16, "open_clip_model.safetensors"),
    Loader("dinov2", tiny_dinov2.make_tiny_dinov2, DinoV2Encoder, tiny_dinov2.DIMENSION),
    Loader("clap", tiny_clap.make_tiny_clap, hear, tiny_clap.DIMENSION),
    Loader("vggish", make_tiny_vggish, VggishEncoder, 3),
    Loader("openl3", make_tiny_openl3, OpenL3Encoder, 2),
]


@pytest.fixture(scope="module", params=LOADERS, ids=lambda loader: loader.kind)
def loader(request: pytest.FixtureRequest) -> Loader:
    found: Loader = request.param
    return found


@pytest.fixture(scope="module")
def published(loader: Loader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loader.make(tmp_path_factory.mktemp("hub") / "model")


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    """A copy to be broken."""
    for file in published.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def refused(loader: Loader, folder: Path, *, dimension: int | None = None) -> str:
    entry = loader.entry if dimension is None else replace(loader.entry, dimension=dimension)
    with pytest.raises(ModelError) as caught:
        loader.load(folder, entry)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert str(folder) in message
    return message


def test_a_whole_folder_is_loaded(loader: Loader, folder: Path) -> None:
    loader.load(folder, loader.entry)


def test_no_folder(loader: Loader, tmp_path: Path) -> None:
    assert "fetch" in refused(loader, tmp_path / "none")


def test_every_file_is_missed(loader: Loader, folder: Path) -> None:
    for file in sorted(folder.iterdir()):
        content = file.read_bytes()
        file.unlink()
        assert file.name in refused(loader, folder)
        file.write_bytes(content)


def test_a_pickle_is_not_loaded_and_is_named(loader: Loader, folder: Path) -> None:
    (folder / loader.weights).unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    message = refused(loader, folder)
    assert "pytorch_model.bin is a pickle" in message
    assert loader.weights in message


@pytest.mark.parametrize("content", [b"", b"no tensors", None])
def test_weights_cut_short_or_none_at_all(loader: Loader, folder: Path, content: bytes | None) -> None:
    path = folder / loader.weights
    path.write_bytes(path.read_bytes()[:-50] if content is None else content)
    refused(loader, folder)


def changed(path: Path, change: Callable[[dict[str, Any], str], None], *, name: str) -> None:
    from models.encoders.model_folder import read_header

    about, weights = read_header(path)[0], load_file(path)
    change(weights, name)
    save_file(weights, path, metadata={ABOUT: json.dumps(about)})


NAMES = {
    "open-clip": "visual.ln_post.weight",
    "dinov2": "encoder.layer.1.norm1.weight",
    "clap": "audio_model.audio_encoder.norm.weight",
    "vggish": "features.8.weight",
    "openl3": "norms.3.running_mean",
}


def test_a_missing_weight_is_not_made_up(loader: Loader, folder: Path) -> None:
    changed(folder / loader.weights, lambda weights, name: weights.pop(name), name=NAMES[loader.kind])
    refused(loader, folder)


def test_a_missing_statistic_is_not_made_up(tmp_path: Path) -> None:
    loader = LOADERS[2]
    folder = loader.make(tmp_path / "clap")
    name = "audio_model.audio_encoder.batch_norm.running_mean"
    changed(folder / loader.weights, lambda weights, name: weights.pop(name), name=name)
    assert name in refused(loader, folder)


def test_a_weight_of_another_shape_is_refused(loader: Loader, folder: Path) -> None:
    changed(
        folder / loader.weights,
        lambda weights, name: weights.update({name: torch.zeros(77)}),
        name=NAMES[loader.kind],
    )
    refused(loader, folder)


def test_vectors_of_another_dimension_are_refused(loader: Loader, folder: Path) -> None:
    message = refused(loader, folder, dimension=loader.dimension + 1)
    assert f"dimension {loader.dimension}" in message
    assert str(loader.dimension + 1) in message


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"model_type": "bert"}'])
def test_a_configuration_that_is_none(loader: Loader, folder: Path, content: str) -> None:
    configurations = [file for file in folder.iterdir() if file.name.endswith("config.json")]
    for path in configurations:
        before = path.read_bytes()
        path.write_text(content)
        refused(loader, folder)
        path.write_bytes(before)
    assert bool(configurations) == (loader.kind not in ("vggish", "openl3"))


def test_half_precision_is_read_as_single(tmp_path: Path) -> None:
    save_file({"a": torch.tensor([1.5, 2.0], dtype=torch.float16)}, tmp_path / "half.safetensors")
    assert read_tensors(tmp_path / "half.safetensors", {"a": (2,)})["a"].dtype == torch.float32
    with pytest.raises(ModelError, match="missing"):
        read_tensors(tmp_path / "half.safetensors", {"b": (2,)})

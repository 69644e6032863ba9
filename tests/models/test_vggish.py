"""VGGish from the published pickle to vectors: converted, loaded and compared with the definition written out."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import correlate

from models.encoders.known import KnownEncoder, known
from models.encoders.model_folder import WEIGHTS, digest, read_header
from models.encoders.vggish import VggishEncoder
from models.encoders.vggish_features import features
from models.encoders.vggish_network import Vggish, VggishShape, shape_of
from models.errors import ModelError
from tests.models.scripts import FOLDER, load_script

script = load_script("convert_vggish")
NARROW = VggishShape(channels=(2, 3, 2, 4, 3, 5), hidden=(7, 6), dimension=8)
PUBLISHED_LAYERS = {
    "features.0": (64, 96, 64),
    "features.2": (64, 48, 32),
    "features.3": (128, 48, 32),
    "features.5": (128, 24, 16),
    "features.6": (256, 24, 16),
    "features.8": (256, 24, 16),
    "features.10": (256, 12, 8),
    "features.11": (512, 12, 8),
    "features.13": (512, 12, 8),
    "features.15": (512, 6, 4),
    "embeddings.0": (4096,),
    "embeddings.2": (4096,),
    "embeddings.4": (128,),
}
"""What each layer gives for one picture: Hershey et al. 2017 and the definition published with the weights."""


def published(shape: VggishShape, *, seed: int = 0) -> dict[str, torch.Tensor]:
    """Draw weights under the names of the published pickle."""
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(size, generator=generator) * 0.3 for name, size in shape.weights().items()}


def refused(source: Path, folder: Path) -> str:
    """Convert what cannot be converted and return the one line that says so; nothing is written."""
    with pytest.raises(ModelError) as caught:
        script.convert(source, folder)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.fixture(scope="module")
def pickle_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "vggish.pth"
    torch.save(published(NARROW) | {"pproc.pca_means": torch.zeros(8, 1)}, path)
    return path


@pytest.fixture(scope="module")
def folder(pickle_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("converted") / "vggish"
    script.convert(pickle_file, folder)
    return folder


@pytest.fixture(scope="module")
def entry() -> KnownEncoder:
    entry = known("vggish")
    assert entry is not None
    return replace(entry, dimension=NARROW.dimension)


@pytest.fixture(scope="module")
def encoder(folder: Path, entry: KnownEncoder) -> VggishEncoder:
    return VggishEncoder(folder, entry)


def sound(seconds: float, *, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, 0.2, round(seconds * 16_000)).astype(np.float32)


def test_every_layer_has_its_published_shape() -> None:
    network = Vggish()
    seen: dict[str, tuple[int, ...]] = {}
    for name, layer in network.named_modules():
        if name in PUBLISHED_LAYERS:
            layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: tuple(out.shape[1:])}))
    network(torch.zeros((2, 96, 64), device="meta"))
    assert seen == PUBLISHED_LAYERS
    kernels = [layer.kernel_size for layer in network.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert kernels == [(3, 3)] * 6
    assert {name: tuple(value.shape) for name, value in network.state_dict().items()} == VggishShape().weights()
    assert sum(value.numel() for value in network.parameters()) == 72_141_184


def test_widths_are_read_from_the_tensors() -> None:
    assert shape_of(NARROW.weights()) == NARROW
    assert shape_of(VggishShape().weights()) == VggishShape()


def test_vectors_are_those_of_the_definition_written_out(encoder: VggishEncoder) -> None:
    pictures = features([sound(2.5)])
    weights = {name: value.numpy().astype(np.float64) for name, value in published(NARROW).items()}
    expected = np.mean([forward(picture, weights) for picture in pictures], axis=0)
    assert (expected < 0).any()
    np.testing.assert_allclose(encoder.encode([pictures])[0], expected / np.linalg.norm(expected), atol=1e-5)


def forward(picture: NDArray[np.float32], weights: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Compute one picture's vector in float64, in the layout of the published definition (height, width, channels)."""
    hidden = picture[:, :, None].astype(np.float64)
    for place, pooled in ((0, True), (3, True), (6, False), (8, True), (11, False), (13, True)):
        kernel, bias = weights[f"features.{place}.weight"], weights[f"features.{place}.bias"]
        padded = np.pad(hidden, ((1, 1), (1, 1), (0, 0)))
        maps = [correlate(padded, kernel[out].transpose(1, 2, 0), mode="valid")[:, :, 0] for out in range(len(kernel))]
        hidden = np.maximum(np.stack(maps, axis=2) + bias, 0)
        if pooled:
            height, width, channels = hidden.shape
            hidden = hidden.reshape(height // 2, 2, width // 2, 2, channels).max(axis=(1, 3))
    flat = hidden.ravel()
    for layer in (0, 2, 4):
        flat = weights[f"embeddings.{layer}.weight"] @ flat + weights[f"embeddings.{layer}.bias"]
        flat = flat if layer == 4 else np.maximum(flat, 0)
    return flat


def test_tracks_of_any_length_become_unit_rows(encoder: VggishEncoder) -> None:
    tracks = [features([sound(seconds, seed=7) for seconds in lengths]) for lengths in ((40.0,), (0.2,), (3.0, 2.0))]
    vectors = encoder.encode(tracks)
    assert vectors.shape == (3, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for row, track in enumerate(tracks):
        np.testing.assert_allclose(encoder.encode([track])[0], vectors[row], atol=1e-5)
    assert encoder.encode([]).shape == (0, 8)
    np.testing.assert_array_equal(encoder.encode([np.zeros((0, 96, 64), np.float32)]), np.zeros((1, 8)))


def test_id_names_the_model_and_its_weights(encoder: VggishEncoder, folder: Path) -> None:
    assert encoder.encoder == f"vggish@{digest(folder / WEIGHTS)[:12]}"
    assert (encoder.dimension, encoder.sample_rate, encoder.notes) == (8, 16_000, [])


def test_a_device_that_is_not_there_is_noted(folder: Path, entry: KnownEncoder) -> None:
    encoder = VggishEncoder(folder, entry, device="cuda:99")
    assert len(encoder.notes) == 1
    assert "processor" in encoder.notes[0]
    assert encoder.encode([features([sound(1.0)])]).shape == (1, 8)


def test_converting_again_gives_the_same_file(pickle_file: Path, folder: Path, tmp_path: Path) -> None:
    script.convert(pickle_file, tmp_path / "again")
    assert digest(tmp_path / "again" / WEIGHTS) == digest(folder / WEIGHTS)
    about, tensors = read_header(folder / WEIGHTS)
    assert about["architecture"] == "vggish"
    assert about["source_sha256"] == digest(pickle_file)
    assert tensors == NARROW.weights()


def test_converter_does_not_overwrite(pickle_file: Path, folder: Path) -> None:
    before = digest(folder / WEIGHTS)
    assert "is there already" in refused(pickle_file, folder)
    assert digest(folder / WEIGHTS) == before


class Hostile:
    """A pickle that would write a file if it were loaded the usual way."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.target,))


def test_converter_runs_no_code(tmp_path: Path) -> None:
    source, target = tmp_path / "hostile.pth", tmp_path / "touched"
    torch.save({"features.0.weight": Hostile(target)}, source)
    refused(source, tmp_path / "out")
    assert not target.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", ["text", "list", "other names", "other shapes", "missing"])
def test_converter_refuses_other_files(tmp_path: Path, content: str) -> None:
    source = tmp_path / "vggish.pth"
    weights: Any = published(NARROW)
    if content == "text":
        source.write_text("no pickle")
    elif content == "list":
        torch.save([1, 2], source)
    elif content == "other names":
        torch.save({f"model.{name}": value for name, value in weights.items()}, source)
    elif content == "other shapes":
        torch.save(weights | {"embeddings.2.weight": torch.zeros(6, 9)}, source)
    assert "vggish.pth" in refused(source, tmp_path / "out")


def test_converter_runs_from_the_shell(pickle_file: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "convert_vggish.py")]
    done = subprocess.run([*command, pickle_file, tmp_path / "out"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(str(tmp_path / "out" / WEIGHTS))
    assert (tmp_path / "out" / WEIGHTS).is_file()
    failed = subprocess.run([*command, pickle_file, tmp_path / "out"], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert len(failed.stderr.strip().splitlines()) == 1

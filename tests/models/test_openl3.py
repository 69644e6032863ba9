"""OpenL3 from the published Keras file to vectors: converted, loaded and compared with Keras' rules written out."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from scipy.signal import correlate

from models.encoders.known import KnownEncoder, known
from models.encoders.model_folder import ABOUT, WEIGHTS, digest, read_header
from models.encoders.openl3 import OpenL3Encoder
from models.encoders.openl3_features import features, mel_filters
from models.encoders.openl3_network import OpenL3, OpenL3Shape, shape_of
from models.errors import ModelError
from tests.models.scripts import load_script

script = load_script("convert_openl3")
NARROW = OpenL3Shape((2, 3, 2, 4))
PUBLISHED_LAYERS = {
    "norms.0": (1, 256, 199),
    "convolutions.0": (64, 256, 199),
    "convolutions.1": (64, 256, 199),
    "convolutions.2": (128, 128, 99),
    "convolutions.3": (128, 128, 99),
    "convolutions.4": (256, 64, 49),
    "convolutions.5": (256, 64, 49),
    "convolutions.6": (512, 32, 24),
    "convolutions.7": (512, 32, 24),
}
"""What the layers give for one picture of mel256 (Cramer et al. 2019)."""

Layers = list[tuple[str, dict[str, NDArray[np.float32]]]]


def keras_layers(shape: OpenL3Shape, *, seed: int = 0) -> Layers:
    """Draw the layers of the published file in their order, in Keras' shapes, the last under its published name."""
    rng = np.random.default_rng(seed)

    def draw(*size: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.4, size).astype(np.float32)

    def norm(number: int, width: int) -> tuple[str, dict[str, NDArray[np.float32]]]:
        spread = rng.uniform(0.5, 2.0, width).astype(np.float32)
        values = {"gamma": 1 + draw(width), "beta": draw(width), "moving_mean": draw(width), "moving_variance": spread}
        return f"batch_normalization_{number}", values

    layers: Layers = [("input_1", {}), norm(1, 1)]
    for place, (into, out) in enumerate(shape.convolutions()):
        name = "audio_embedding_layer" if place == 7 else f"conv2d_{place + 1}"
        layers.append((name, {"kernel": draw(3, 3, into, out), "bias": draw(out)}))
        if place < 7:
            layers += [norm(place + 2, out), (f"activation_{place + 1}", {})]
            if place % 2:
                layers.append((f"max_pooling2d_{place // 2 + 1}", {}))
    return layers


def write_keras(path: Path, layers: Layers, *, root: str = "/") -> None:
    """Write layers as Keras does: names in attributes, values under them."""
    with h5py.File(path, "w") as file:
        top = file.require_group(root)
        top.attrs["layer_names"] = [name.encode() for name, _ in layers]
        for name, values in layers:
            group = top.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{part}:0".encode() for part in values]
            for part, value in values.items():
                group.create_dataset(f"{name}/{part}:0", data=value)


def refused(source: Path, folder: Path) -> str:
    """Convert what cannot be converted and return the one line that says so; nothing is written."""
    with pytest.raises(ModelError) as caught:
        script.convert(source, folder)
    assert len(str(caught.value).splitlines()) == 1
    assert not folder.exists()
    return str(caught.value)


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "openl3_audio_mel256_music.h5"
    write_keras(path, keras_layers(NARROW))
    return path


@pytest.fixture(scope="module")
def folder(keras_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("converted") / "openl3"
    script.convert(keras_file, folder)
    return folder


@pytest.fixture(scope="module")
def entry() -> KnownEncoder:
    entry = known("openl3")
    assert entry is not None
    return replace(entry, dimension=4)


@pytest.fixture(scope="module")
def encoder(folder: Path, entry: KnownEncoder) -> OpenL3Encoder:
    return OpenL3Encoder(folder, entry)


def sound(seconds: float, *, seed: int = 0) -> NDArray[np.float32]:
    samples = round(seconds * 48_000)
    swelling = np.random.default_rng(seed).normal(0, 0.2, samples) * np.linspace(0.1, 1, samples)
    return swelling.astype(np.float32)


@pytest.mark.parametrize(("cells", "dimension"), [(1, 512), (12, 6144)])
def test_every_layer_has_its_published_shape(cells: int, dimension: int) -> None:
    network = OpenL3(cells=cells)
    seen: dict[str, tuple[int, ...]] = {}
    for name, layer in network.named_modules():
        if name in PUBLISHED_LAYERS:
            layer.register_forward_hook(lambda _, __, out, name=name: seen.update({name: tuple(out.shape[1:])}))
    assert network(torch.zeros((2, 256, 199), device="meta")).shape == (2, dimension)
    assert seen == PUBLISHED_LAYERS
    assert sum(value.numel() for value in network.parameters()) == learned()
    assert shape_of(OpenL3Shape().weights()) == OpenL3Shape()


def learned() -> int:
    """Count the published weights: nine numbers and a bias for each pair of channels, two for each norm's channel."""
    pairs = [(1, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512)]
    return sum(9 * into * out + out for into, out in pairs) + 2 * (1 + 64 + 64 + 128 + 128 + 256 + 256 + 512)


@pytest.mark.parametrize("cells", [1, 12])
def test_vectors_are_those_of_keras_written_out(folder: Path, entry: KnownEncoder, cells: int) -> None:
    encoder = OpenL3Encoder(folder, replace(entry, dimension=4 * cells))
    pictures = features([sound(2.0)])
    expected = np.mean([forward(picture, cells=cells) for picture in pictures], axis=0)
    np.testing.assert_allclose(encoder.encode([pictures])[0], expected / np.linalg.norm(expected), atol=1e-4)


def forward(picture: NDArray[np.float32], *, cells: int) -> NDArray[np.float64]:
    """Apply the layers to one picture in float64, channels last, as Keras does."""
    values = [layer for _, layer in keras_layers(NARROW) if layer]
    hidden = normalised(picture[:, :, None].astype(np.float64), values[0])
    for place in range(8):
        layer = values[2 * place + 1]
        padded = np.pad(hidden, ((1, 1), (1, 1), (0, 0)))
        maps = [correlate(padded, layer["kernel"][..., out], mode="valid")[..., 0] for out in range(len(layer["bias"]))]
        hidden = np.stack(maps, axis=2) + layer["bias"]
        if place < 7:
            hidden = np.maximum(normalised(hidden, values[2 * place + 2]), 0)
            if place % 2:
                hidden = pooled(hidden, 2, 2)
    return pooled(hidden, 32, 24).ravel() if cells == 1 else pooled(hidden, 8, 8).ravel()


def normalised(hidden: NDArray[np.float64], layer: dict[str, NDArray[np.float32]]) -> NDArray[np.float64]:
    spread = np.sqrt(layer["moving_variance"].astype(np.float64) + 0.001)
    return np.asarray((hidden - layer["moving_mean"]) / spread * layer["gamma"] + layer["beta"])


def pooled(hidden: NDArray[np.float64], bands: int, time: int) -> NDArray[np.float64]:
    height, width = hidden.shape[0] // bands, hidden.shape[1] // time
    whole = hidden[: height * bands, : width * time]
    return np.asarray(whole.reshape(height, bands, width, time, -1).max(axis=(1, 3)))


def test_tracks_of_any_length_become_unit_rows(encoder: OpenL3Encoder) -> None:
    tracks = [features([sound(seconds, seed=3) for seconds in lengths]) for lengths in ((6.0,), (0.2,), (2.0, 1.0))]
    vectors = encoder.encode(tracks)
    assert vectors.shape == (3, 4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    for row, track in enumerate(tracks):
        np.testing.assert_allclose(encoder.encode([track])[0], vectors[row], atol=1e-5)
    assert encoder.encode([]).shape == (0, 4)
    assert (encoder.dimension, encoder.sample_rate, encoder.notes) == (4, 48_000, [])


def test_id_names_the_model_and_its_weights(encoder: OpenL3Encoder, folder: Path) -> None:
    assert encoder.encoder == f"openl3@{digest(folder / WEIGHTS)[:12]}"


def test_header_says_what_it_is(folder: Path, keras_file: Path) -> None:
    about, tensors = read_header(folder / WEIGHTS)
    assert (about["architecture"], about["input"], about["content"]) == ("openl3", "mel256", "music")
    assert about["source_sha256"] == digest(keras_file)
    assert tensors == NARROW.weights()


def test_older_and_whole_keras_files_are_read_too(folder: Path, keras_file: Path, tmp_path: Path) -> None:
    layers = keras_layers(NARROW)
    layers.insert(1, ("melspectrogram_1", {"freq2mel": mel_filters().T.astype(np.float32)}))
    write_keras(tmp_path / "older.h5", layers, root="/model_weights")
    script.convert(tmp_path / "older.h5", tmp_path / "out", content="env")
    encoder = known("openl3")
    assert encoder is not None
    pictures = features([sound(1.0)])
    one, two = (OpenL3Encoder(place, replace(encoder, dimension=4)) for place in (folder, tmp_path / "out"))
    np.testing.assert_array_equal(one.encode([pictures]), two.encode([pictures]))
    assert read_header(tmp_path / "out" / WEIGHTS)[0]["content"] == "env"


@pytest.mark.parametrize("content", ["text", "missing", "other layers", "other filters", "other widths", "no names"])
def test_converter_refuses_other_files(tmp_path: Path, content: str) -> None:
    source = tmp_path / "openl3.h5"
    layers = keras_layers(NARROW)
    if content == "text":
        source.write_text("no HDF5")
    elif content == "other layers":
        write_keras(source, layers[:-2])
    elif content == "other filters":
        filters = (mel_filters().T * 1.01).astype(np.float32)
        write_keras(source, [*layers[:1], ("melspectrogram_1", {"freq2mel": filters}), *layers[1:]])
    elif content == "other widths":
        layers[3] = (layers[3][0], {part: value[:1] for part, value in layers[3][1].items()})
        write_keras(source, layers)
    elif content == "no names":
        with h5py.File(source, "w") as file:
            file.create_dataset("kernel", data=np.zeros(3))
    assert "openl3.h5" in refused(source, tmp_path / "out")


def test_weights_for_another_front_end_are_refused(folder: Path, entry: KnownEncoder, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    weights: dict[str, Any] = load_file(folder / WEIGHTS)
    for about in (None, {"input": "linear"}):
        save_file(weights, tmp_path / WEIGHTS, metadata=about and {ABOUT: json.dumps(about)})
        with pytest.raises(ModelError, match="mel256"):
            OpenL3Encoder(tmp_path, entry)

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders.dinov2 import PREPROCESSING, DinoV2Encoder
from models.encoders.known import KnownEncoder, known
from models.encoders.model_folder import WEIGHTS, digest
from models.errors import ModelError
from tests.models.tiny_dinov2 import DIMENSION, PREPROCESS, make_tiny_dinov2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_dinov2(tmp_path_factory.mktemp("hub") / "dinov2-base")


@pytest.fixture(scope="module")
def entry() -> KnownEncoder:
    entry = known("dinov2-base")
    assert entry is not None
    return replace(entry, dimension=DIMENSION)


@pytest.fixture(scope="module")
def encoder(folder: Path, entry: KnownEncoder) -> DinoV2Encoder:
    return DinoV2Encoder(folder, entry)


def picture(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """A smooth picture with an edge, as covers have them."""
    rng = np.random.default_rng(seed)
    down, across = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(down / rng.uniform(3, 30) + across / rng.uniform(3, 30)) for _ in range(3)]
    image = np.stack(waves, axis=2).astype(np.uint8)
    image[height // 3 : height // 2, width // 4 : width // 2] = rng.integers(0, 256, 3)
    return image


PICTURES = [picture(300, 300), picture(80, 200, seed=1), picture(157, 61, seed=2), picture(3, 2, seed=3)]


def test_covers_of_any_size_become_unit_rows(encoder: DinoV2Encoder) -> None:
    vectors = encoder.encode(PICTURES * 5)
    assert vectors.shape == (20, DIMENSION)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[:4], vectors[16:], atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.9999
    assert encoder.encode([]).shape == (0, DIMENSION)
    assert (encoder.dimension, encoder.notes) == (DIMENSION, [])


@pytest.mark.parametrize("image", PICTURES[:3])
def test_pictures_are_prepared_as_the_card_asks(encoder: DinoV2Encoder, image: NDArray[np.uint8]) -> None:
    from transformers.models.bit.image_processing_pil_bit import BitImageProcessorPil

    theirs = BitImageProcessorPil(**PREPROCESS)(image, return_tensors="np")["pixel_values"][0]
    np.testing.assert_allclose(encoder._preprocessing.apply(image), theirs, atol=1e-5)


def test_vectors_are_the_class_tokens_of_transformers(encoder: DinoV2Encoder, folder: Path) -> None:
    import torch
    from transformers import Dinov2Model

    model: Any = Dinov2Model.from_pretrained(folder)
    model.eval()
    pixels = np.stack([encoder._preprocessing.apply(image) for image in PICTURES])
    with torch.no_grad():
        theirs = model(torch.from_numpy(pixels)).pooler_output.numpy()
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode(PICTURES), theirs, atol=1e-5)


def test_id_names_the_model_and_its_weights(encoder: DinoV2Encoder, folder: Path) -> None:
    assert encoder.encoder == f"dinov2-base@{digest(folder / WEIGHTS)[:12]}"


def test_a_long_strip_needs_little_memory(encoder: DinoV2Encoder) -> None:
    strip = np.zeros((2, 20_000, 3), np.uint8)
    middle = picture(2, 8)
    strip[:, 9996:10_004] = middle
    np.testing.assert_allclose(encoder.encode([strip]), encoder.encode([middle]), atol=1e-5)


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3))],
)
def test_what_is_no_picture_is_refused(encoder: DinoV2Encoder, image: NDArray[Any]) -> None:
    with pytest.raises(ModelError, match="a cover must be"):
        encoder.encode([image])


@pytest.mark.parametrize(
    "change",
    [{"resample": 2}, {"crop_size": 56}, {"crop_size": {"height": 80, "width": 80}}, {"image_std": [0, 1, 1]},
     {"image_mean": [1]}, {"size": {}}],
)  # fmt: skip
def test_preprocessing_that_is_not_done_here_is_refused(
    folder: Path, entry: KnownEncoder, tmp_path: Path, change: dict[str, Any]
) -> None:
    for name in ("config.json", WEIGHTS):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / PREPROCESSING).write_text(json.dumps(PREPROCESS | change))
    with pytest.raises(ModelError) as caught:
        DinoV2Encoder(tmp_path, entry)
    assert len(str(caught.value).splitlines()) == 1

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import models
from models.checkpoint import load_space
from models.encoders.known import known
from models.encoders.model_folder import digest
from models.encoders.open_clip import CONFIG, WEIGHTS, OpenClipEncoder
from models.errors import ModelError
from models.modality import Modality
from tests.models.tiny_open_clip import MODEL, make_tiny_open_clip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model of the same architecture, in the form the hub keeps it on disk."""
    return make_tiny_open_clip(tmp_path_factory.mktemp("hub") / "ViT-tiny")


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OpenClipEncoder:
    return OpenClipEncoder(folder)


def picture(height: int, width: int, *, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_covers_of_any_size_become_unit_rows(encoder: OpenClipEncoder) -> None:
    vectors = encoder.encode([picture(300, 300), picture(50, 200, seed=1), picture(1, 1, seed=2)] * 15)
    assert vectors.shape == (45, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[:3], vectors[42:], atol=1e-5)
    assert vectors[0] @ vectors[1] < 0.9999
    assert encoder.encode([]).shape == (0, 16)
    assert encoder.dimension == 16


def test_the_weights_of_the_file_are_used(encoder: OpenClipEncoder, folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    weights = load_file(folder / WEIGHTS)
    tower = {name.removeprefix("visual."): value for name, value in weights.items() if name.startswith("visual.")}
    loaded = encoder._placement.run(lambda model, device: model.state_dict())
    assert set(loaded) == set(tower)
    assert all(torch.equal(loaded[name], value) for name, value in tower.items())


def test_id_names_folder_and_weights(encoder: OpenClipEncoder, folder: Path) -> None:
    from hashlib import sha256

    assert encoder.encoder == f"open-clip:ViT-tiny@{sha256((folder / WEIGHTS).read_bytes()).hexdigest()[:12]}"


def test_a_known_model_goes_by_its_name_and_dimension(folder: Path) -> None:
    entry = known("open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K")
    assert entry is not None
    encoder = OpenClipEncoder(folder, replace(entry, dimension=16), device="cuda:99")
    assert encoder.encoder == f"{entry.name}@{digest(folder / WEIGHTS)[:12]}"
    assert len(encoder.notes) == 1
    np.testing.assert_array_equal(encoder.encode([picture(9, 9)]), OpenClipEncoder(folder).encode([picture(9, 9)]))
    with pytest.raises(ModelError, match="512"):
        OpenClipEncoder(folder, entry)


def test_the_seed_space_reads_what_these_encoders_are_called() -> None:
    space = load_space(Path(models.__file__).parent / "checkpoints" / "seed.safetensors")
    for modality, name in ((Modality.COVER, "open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K"), (Modality.AUDIO, "vggish")):
        entry = known(name)
        assert entry is not None
        head = space.heads[modality]
        assert head.reads(f"{entry.name}@0123456789ab")
        assert len(head.mean) == entry.dimension


def test_the_terminal_stays_clean(folder: Path) -> None:
    load = f"OpenClipEncoder(Path({str(folder)!r}))"
    program = f"from pathlib import Path\nfrom models.encoders.open_clip import OpenClipEncoder\n{load}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


def copied(folder: Path, to: Path, *names: str) -> Path:
    for name in names:
        (to / name).write_bytes((folder / name).read_bytes())
    return to


def test_pickles_are_refused(folder: Path, tmp_path: Path) -> None:
    copied(folder, tmp_path, CONFIG)
    (tmp_path / "open_clip_pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match="is a pickle"):
        OpenClipEncoder(tmp_path)


def test_a_pickle_beside_the_weights_is_not_read(folder: Path, tmp_path: Path) -> None:
    copied(folder, tmp_path, CONFIG, WEIGHTS)
    (tmp_path / "open_clip_pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert OpenClipEncoder(tmp_path).dimension == 16


def test_missing_files_are_named(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no folder"):
        OpenClipEncoder(tmp_path / "none")
    with pytest.raises(ModelError, match=rf"{WEIGHTS} is missing"):
        OpenClipEncoder(tmp_path)
    with pytest.raises(ModelError, match=rf"{CONFIG} is missing"):
        OpenClipEncoder(copied(folder, tmp_path, WEIGHTS))


@pytest.mark.parametrize(
    "config", ["", "{", "[]", '{"model_cfg": {}}', json.dumps({"model_cfg": MODEL | {"embed_dim": 8}})]
)
def test_a_configuration_that_does_not_fit_is_refused(folder: Path, tmp_path: Path, config: str) -> None:
    copied(folder, tmp_path, WEIGHTS)
    (tmp_path / CONFIG).write_text(config)
    with pytest.raises(ModelError) as caught:
        OpenClipEncoder(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_truncated_weights_are_refused(folder: Path, tmp_path: Path) -> None:
    copied(folder, tmp_path, CONFIG)
    (tmp_path / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-100])
    with pytest.raises(ModelError):
        OpenClipEncoder(tmp_path)


@pytest.mark.parametrize(
    "image",
    [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 3))],
)
def test_what_is_no_picture_is_refused(encoder: OpenClipEncoder, image: NDArray[np.uint8]) -> None:
    with pytest.raises(ModelError):
        encoder.encode([image])

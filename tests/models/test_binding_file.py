import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from models.errors import ModelError
from models.joint.binding_file import KEY, arrays, description, load_binding, save_binding
from models.modality import Modality
from tests.models.test_binding import binding, library


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a b.safetensors"
    model = binding(contraction=1, expansion=2, text_and_image_twice=True, dropout="encoders", rate=0.25)
    save_binding(model, path)
    save_binding(model, path)
    loaded = load_binding(path)
    assert loaded.network.config == model.network.config
    assert loaded.encoders == model.encoders
    assert not loaded.network.training
    x, present = library(20)
    np.testing.assert_array_equal(loaded.embed(x, present), model.embed(x, present))
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    assert all(p.requires_grad and not p.is_meta for p in loaded.network.parameters())


def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path: Path) -> None:
    save_binding(binding(), tmp_path / "whole")
    data = (tmp_path / "whole").read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(data) // 2, len(data) - 1]:
        (tmp_path / "cut").write_bytes(data[:length])
        with pytest.raises(ModelError) as caught:
            load_binding(tmp_path / "cut")
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04\x95", b"\xff" * 64, b"\x10" + bytes(7) + b"{" * 16])
def test_foreign_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ModelError):
        load_binding(tmp_path / "x")


def test_missing_files_folders_and_spaces_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ModelError, match="not a binding model"):
            load_binding(path)
    with pytest.raises(ModelError, match="not a readable binding model"):
        load_binding(Path(__file__).parents[2] / "models" / "checkpoints" / "embedded.safetensors")


def test_a_folder_that_is_not_there_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="the binding model could not be written"):
        save_binding(binding(), tmp_path / "none" / "x")


def changed(**changes: Any) -> str:
    return json.dumps(description(binding()) | changes)


CONFIG = description(binding())["config"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{",
        "[" * 100_000,
        changed(format="fairouz-tui space"),
        changed(version=2),
        changed(config=None),
        changed(config={}),
        changed(config=CONFIG | {"depth": 3}),
        changed(config=CONFIG | {"size": 17}),
        changed(config=CONFIG | {"size": 1 << 70}),
        changed(config=CONFIG | {"contraction": 4}),
        changed(config=CONFIG | {"dropout": []}),
        changed(config=CONFIG | {"widths": {"smell": 3}}),
        changed(config=CONFIG | {"widths": CONFIG["widths"] | {"graph": 65536}}),
        changed(config=CONFIG | {"widths": {"audio": 8}}),
        changed(config=CONFIG | {"widths": []}),
        changed(encoders={}),
        changed(encoders={"audio": 1, "lyrics": 2, "cover": 3}),
    ],
)
def test_descriptions_that_do_not_fit_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    save_file(arrays(binding()), tmp_path / "x", metadata={KEY: text})
    with pytest.raises(ModelError) as caught:
        load_binding(tmp_path / "x")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400 + len(str(tmp_path))


def test_the_same_arrays_with_their_own_description_are_read(tmp_path: Path) -> None:
    save_file(arrays(binding()), tmp_path / "x", metadata={KEY: changed()})
    assert load_binding(tmp_path / "x").encoders[Modality.AUDIO] == "audio@1"


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    good = arrays(binding())
    weight = "network.fusion.0.weight"
    damaged: list[dict[str, Any]] = [
        {name: x for name, x in good.items() if name != "audio.mean"},
        {name: x for name, x in good.items() if name != weight},
        good | {"extra": np.zeros(3, np.float32)},
        good | {weight: good[weight][:-1]},
        good | {weight: good[weight].astype(np.float64)},
        good | {weight: np.full_like(good[weight], np.nan)},
        good | {"audio.scale": np.zeros_like(good["audio.scale"])},
        good | {"audio.mean": np.full_like(good["audio.mean"], np.inf)},
    ]
    for each in damaged:
        save_file(each, tmp_path / "x", metadata={KEY: changed()})
        with pytest.raises(ModelError, match="not a readable binding model"):
            load_binding(tmp_path / "x")

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from models.checkpoint import KEY, description, load_space, save_space, tensors
from models.errors import ModelError
from models.joint.additive import Head, Space
from models.modality import Modality


def space() -> Space:
    rng = np.random.default_rng(0)

    def array(*shape: int) -> Any:
        return rng.standard_normal(shape).astype(np.float32)

    heads = {
        Modality.AUDIO: Head("sound@1", array(7), array(7, 64), array(7, 64), 1.5),
        Modality.GRAPH: Head("graph@é", array(3), None, array(3, 64), 0.25),
    }
    return Space(heads, alpha=0.5, name="first")


def test_a_space_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a b.safetensors"
    save_space(space(), path)
    save_space(space(), path)
    loaded, original = load_space(path), space()
    assert (loaded.name, loaded.alpha, list(loaded.heads)) == (original.name, original.alpha, list(original.heads))
    for m, head in original.heads.items():
        other = loaded.heads[m]
        assert (other.encoder, other.weight) == (head.encoder, head.weight)
        np.testing.assert_array_equal(other.mean, head.mean)
        np.testing.assert_array_equal(other.private, head.private)
    assert loaded.heads[Modality.GRAPH].shared is None
    np.testing.assert_array_equal(loaded.heads[Modality.AUDIO].shared, original.heads[Modality.AUDIO].shared)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    save_space(space(), whole)
    data = whole.read_bytes()
    for length in [0, 1, 7, 8, 9, 100, len(data) // 2, len(data) - 1]:
        cut = tmp_path / "cut"
        cut.write_bytes(data[:length])
        with pytest.raises(ModelError) as caught:
            load_space(cut)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04\x95", b"\xff" * 64, b"\x10" + bytes(7) + b"{" * 16])
def test_foreign_files_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ModelError):
        load_space(tmp_path / "x")


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(ModelError, match=r"not a space|not there"):
            load_space(path)


def changed(**changes: Any) -> str:
    return json.dumps(description(space()) | changes)


AUDIO = {"encoder": "sound@1", "weight": 1.5}
GRAPH = {"encoder": "graph", "weight": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        changed(format="other"),
        changed(version=2),
        changed(version=[1]),
        changed(alpha=float("nan")),
        changed(alpha=1.5),
        changed(alpha=True),
        changed(alpha="half"),
        changed(name=7),
        changed(heads=None),
        changed(heads=[]),
        changed(heads={"audio": AUDIO}),
        changed(heads={"audio": AUDIO, "graph": GRAPH, "cover": AUDIO}),
        changed(heads={"audio": AUDIO, "graph": GRAPH, "smell": AUDIO}),
        changed(heads={"audio": AUDIO, "graph": {"encoder": "graph", "weight": -1}}),
        changed(heads={"audio": AUDIO, "graph": {"encoder": "graph", "weight": 0}}),
        changed(heads={"audio": AUDIO, "graph": {"weight": 1}}),
        changed(heads={"audio": AUDIO, "graph": "graph"}),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(tmp_path: Path, text: str) -> None:
    save_file(tensors(space()), tmp_path / "x", metadata={KEY: text})
    with pytest.raises(ModelError) as caught:
        load_space(tmp_path / "x")
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("audio.mean", np.zeros((7, 1), dtype=np.float32)),
        ("audio.mean", np.zeros(0, dtype=np.float32)),
        ("audio.mean", np.full(7, np.nan, dtype=np.float32)),
        ("audio.private", np.zeros((7, 64), dtype=np.float64)),
        ("audio.private", np.zeros((7, 63), dtype=np.float32)),
        ("audio.shared", np.zeros((8, 64), dtype=np.float32)),
        ("audio.extra", np.zeros(3, dtype=np.float32)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, name: str, array: Any) -> None:
    save_file(tensors(space()) | {name: array}, tmp_path / "x", metadata={KEY: changed()})
    with pytest.raises(ModelError):
        load_space(tmp_path / "x")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="could not be written"):
        save_space(space(), tmp_path / "no such folder" / "x")
    (tmp_path / "x").mkdir()
    with pytest.raises(ModelError, match="could not be written"):
        save_space(space(), tmp_path / "x")
    assert [p.name for p in tmp_path.iterdir()] == ["x"]

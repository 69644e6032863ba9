"""The graph beside a model is written once, confirmed by torch, and made anew when anything about it is off."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.torch import load_file, save_file

from models.encoders import checked_graph, hub_text, text_graph
from models.encoders.checked_graph import GRAPH, MOST_DIFFERENCE, VERDICT
from models.encoders.hub_text import HubTextEncoder
from models.encoders.known import KnownEncoder
from tests.models.tiny_hub import LINES, make_tiny_text, tiny_known


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_tiny_text(tmp_path_factory.mktemp("graph") / "model", "bert")
    HubTextEncoder(folder, tiny_known("bert"))
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy whose verdict holds: the copies' inodes are others, so it is loaded once."""
    copy = shutil.copytree(made, tmp_path / "model")
    HubTextEncoder(copy, tiny_known("bert"))
    return copy


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[KnownEncoder]:
    """Return a list that grows whenever a graph is confirmed."""
    calls: list[KnownEncoder] = []
    real = checked_graph.confirmed_graph

    def counted(*arguments: object) -> tuple[bytes, float]:
        calls.append(arguments[2])  # type: ignore[arg-type]
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(hub_text, "confirmed_graph", counted)
    return calls


def test_is_written_once_and_holds_no_weights(folder: Path, written: list[KnownEncoder]) -> None:
    first = HubTextEncoder(folder, tiny_known("bert")).encode(LINES)
    np.testing.assert_array_equal(HubTextEncoder(folder, tiny_known("bert")).encode(LINES), first)
    assert written == []
    model = onnx.load(folder / GRAPH)
    onnx.checker.check_model(model, full_check=True)
    weights = load_file(folder / "model.safetensors").keys() - {"pooler.dense.weight", "pooler.dense.bias"}
    assert {given.name for given in model.graph.input} == weights | {"tokens"}
    assert (folder / GRAPH).stat().st_size < 30_000 < (folder / "model.safetensors").stat().st_size
    assert 0 <= json.loads((folder / VERDICT).read_text())["difference"] < MOST_DIFFERENCE
    assert sorted(path.name for path in folder.iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize("how", ["cut short", "another graph", "gone", "verdict cut short", "older version"])
def test_is_made_anew_when_something_is_off(folder: Path, written: list[KnownEncoder], how: str) -> None:
    graph, verdict = folder / GRAPH, folder / VERDICT
    whole = HubTextEncoder(folder, tiny_known("bert")).encode(LINES)
    match how:
        case "cut short":
            graph.write_bytes(graph.read_bytes()[:-50])
        case "another graph":
            graph.write_bytes(graph.read_bytes()[:-1] + b"\x00")
        case "gone":
            graph.unlink()
        case "verdict cut short":
            verdict.write_bytes(verdict.read_bytes()[:40])
        case "older version":
            verdict.write_text(json.dumps({**json.loads(verdict.read_text()), "version": 0}))
    np.testing.assert_array_equal(HubTextEncoder(folder, tiny_known("bert")).encode(LINES), whole)
    assert len(written) == 1
    HubTextEncoder(folder, tiny_known("bert"))
    assert len(written) == 1


def test_other_weights_and_another_pooling_are_confirmed_anew(folder: Path, written: list[KnownEncoder]) -> None:
    before = HubTextEncoder(folder, tiny_known("bert"))
    first = HubTextEncoder(folder, tiny_known("bert", pooling="cls")).encode(LINES)
    assert len(written) == 1
    assert not np.allclose(first, before.encode(LINES), atol=1e-2)
    values = {name: value + 0.05 for name, value in load_file(folder / "model.safetensors").items()}
    save_file(values, folder / "new.safetensors", metadata={"format": "pt"})
    (folder / "new.safetensors").replace(folder / "model.safetensors")
    after = HubTextEncoder(folder, tiny_known("bert", pooling="cls"))
    assert len(written) == 2
    assert after.encoder != before.encoder
    assert not np.allclose(after.encode(LINES), first, atol=1e-3)


def test_a_graph_that_gives_other_vectors_is_refused_and_torch_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = HubTextEncoder(folder, tiny_known("bert")).encode(LINES)
    (folder / GRAPH).unlink()
    wrong = text_graph.text_graph
    monkeypatch.setattr(text_graph, "text_graph", lambda shape, pooling: wrong(shape, pooling="cls"))
    encoder = HubTextEncoder(folder, tiny_known("bert"))
    np.testing.assert_allclose(encoder.encode(LINES), right, atol=2e-6)
    assert len(encoder.notes) == 1
    assert encoder.notes[0].startswith(
        "tiny-bert runs in torch, which takes longer: its ONNX graph gives other vectors"
    )
    assert not (folder / GRAPH).exists()


def test_a_folder_that_may_not_be_written_works_all_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right = HubTextEncoder(folder, tiny_known("bert")).encode(LINES)
    (folder / GRAPH).unlink()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checked_graph, "_write", full)
    np.testing.assert_array_equal(HubTextEncoder(folder, tiny_known("bert")).encode(LINES), right)
    assert not (folder / GRAPH).exists()

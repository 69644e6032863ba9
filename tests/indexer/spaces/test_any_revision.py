"""A head that names an encoder without a revision reads the vectors of any, everywhere."""

from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue import Catalogue
from indexer.explorer import Explorer
from indexer.spaces.by_hand import activate
from indexer.spaces.export import export_space
from models.checkpoint import load_space, save_space
from models.joint.additive import Head, Space
from tests.indexer.placed import check_placed, placed, write_space


@pytest.fixture
def library(tmp_path: Path) -> Path:
    library, file = tmp_path / "library", tmp_path / "any.safetensors"
    placed(library, 40)
    named = load_space(write_space(library, file))
    heads = {
        m: Head(head.encoder.partition("@")[0], head.mean, head.shared, head.private, head.weight)
        for m, head in named.heads.items()
    }
    save_space(Space(heads, alpha=named.alpha), file)
    activate(library, str(file))
    return library


def test_it_is_placed_and_one_modality_can_be_asked_alone(library: Path) -> None:
    check_placed(library)
    explorer = Explorer(library)
    first = explorer.catalogue.connection.execute("SELECT min(id) FROM tracks").fetchone()[0]
    assert len(explorer.similar(first, modality="audio", count=5).hits) == 5


def test_it_is_exported_alike_in_use_and_out_of_use(library: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(library)
    export_space(catalogue, tmp_path / "used.npz")
    activate(library, "embedded-local")
    export_space(Catalogue(library), tmp_path / "idle.npz", wanted="any")
    used, idle = (np.load(tmp_path / name)["joint"] for name in ("used.npz", "idle.npz"))
    assert np.abs(used).sum() > 0
    np.testing.assert_allclose(used, idle, atol=2e-3)


def test_another_name_is_not_read() -> None:
    head = Head("vggish", np.zeros(2, np.float32), None, np.zeros((2, 64), np.float32))
    assert head.reads("vggish@1")
    assert not head.reads("vggish2@1")
    exact = Head("vggish@1", head.mean, None, head.private)
    assert exact.reads("vggish@1")
    assert not exact.reads("vggish@2")

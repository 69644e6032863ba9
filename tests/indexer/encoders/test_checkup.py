"""The doctor's line on encoders."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from indexer.encoders.checkup import check_encoders
from indexer.encoders.fetch import add
from indexer.encoders.folder import find_known, remove
from indexer.encoders.profiles import use
from indexer.storing.store import Store


def test_what_is_here_what_is_damaged_and_what_is_missed(tmp_path: Path) -> None:
    models, library, source = tmp_path / "models", tmp_path / "library", tmp_path / "source"
    check = check_encoders(models, library)
    assert (check.ok, check.detail) == (True, "those that come with the program")
    source.mkdir()
    save_file({"w": np.ones(3, np.float32)}, source / "model.safetensors")
    add(models, find_known("vggish"), source)
    with Store(library) as store:
        use(store, models, ["vggish"])
    assert check_encoders(models, library).detail == "vggish"
    (models / "vggish" / "model.safetensors").write_bytes(b"other")
    damaged = check_encoders(models, library)
    assert not damaged.ok
    assert damaged.detail == "vggish is damaged: model.safetensors differs from what came first"
    remove(models, find_known("vggish"))
    missed = check_encoders(models, library)
    assert missed.detail == f"the library uses vggish, which is not in {models}"
    assert "fairouz-tui encoders use embedded" in missed.cure
    (models / "pins.json").write_text("{")
    assert not check_encoders(models, library).ok

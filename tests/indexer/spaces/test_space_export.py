"""Exported vectors: an inner product ranks as the score does, numpy and pyarrow read it, memory is bounded."""

import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

import indexer.spaces.export
from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.spaces.by_hand import activate
from indexer.spaces.export import export_space
from indexer.stages.space import place
from indexer.storing.staging import stage_blocks, swap_staged
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.vectors import drop_vectors
from models.joint.additive import WIDTH, parts
from models.modality import Modality
from tests.indexer.placed import fill, placed, write_space
from tests.indexer.rows import open_store, put_songs, song


def test_inner_product_is_the_score_without_hub(tmp_path: Path) -> None:
    placed(tmp_path, 90)
    assert export_space(Catalogue(tmp_path), tmp_path / "x.npz") == 90
    with np.load(tmp_path / "x.npz", allow_pickle=False) as found:
        ids, joint = found["ids"], found["joint"]
        assert joint.dtype == np.float32
        assert joint.shape == (90, 448)
        titles = found["titles"].tolist()
        assert found["paths"].tolist()[0] == "/music/album/0000.mp3"
        assert found["artists"].shape == found["albums"].shape == (90,)
        hubs = found["hubs"]
    assert titles[:3] == ["Song 0", "Song 1", "Song 2"]
    explorer = Explorer(tmp_path)
    for row in (0, 17, 89):
        plain = {hit.track.id: hit.score or 0.0 for hit in explorer.similar(int(ids[row]), count=89, hub=False).hits}
        with_hub = {hit.track.id: hit.score or 0.0 for hit in explorer.similar(int(ids[row]), count=89).hits}
        others = [i for i in range(90) if i != row]
        scores = joint @ joint[row]
        np.testing.assert_allclose(scores[others], [plain[int(ids[i])] for i in others], atol=1e-5)
        np.testing.assert_allclose((scores + hubs)[others], [with_hub[int(ids[i])] for i in others], atol=1e-5)


@pytest.mark.parametrize("name", ["embedded-local", "1", None])
def test_space_out_of_use_is_made_from_the_vectors(
    tmp_path: Path, name: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same arrays whether a space is in use or not, and in whatever batches."""
    library = tmp_path / "library"
    with open_store(library) as store:
        ids = fill(store, 50)
        drop_vectors(store.connection, Modality.TAGS, ids[:5])
        list(place(store))
    catalogue = Catalogue(library)
    export_space(catalogue, tmp_path / "used.npz", blocks=True)
    if name is not None:
        activate(library, str(write_space(library, tmp_path / "mine.safetensors")))
    monkeypatch.setattr(indexer.spaces.export, "ROWS_AT_ONCE", 7)
    export_space(catalogue, tmp_path / "idle.npz", wanted=name, blocks=True)
    with np.load(tmp_path / "used.npz") as used, np.load(tmp_path / "idle.npz") as idle:
        assert set(used.files) == set(idle.files)
        assert {"audio_shared", "audio_private", "tags_shared", "tags_private"} <= set(used.files)
        for array in set(used.files) - {"hubs"}:
            if used[array].dtype.kind == "f":
                np.testing.assert_allclose(used[array], idle[array], atol=1e-3)  # float16 rounds by batch
            else:
                np.testing.assert_array_equal(used[array], idle[array])
        assert not used["tags_private"][:5].any()
        assert used["audio_private"].any(axis=1).all()


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    placed(tmp_path, 20)
    catalogue = Catalogue(tmp_path)
    export_space(catalogue, tmp_path / "x.npz", blocks=True)
    export_space(catalogue, tmp_path / "x.parquet", blocks=True)
    table = parquet.read_table(tmp_path / "x.parquet")
    with np.load(tmp_path / "x.npz") as arrays:
        assert set(table.column_names) == set(arrays.files)
        for name in arrays.files:
            column = table[name].to_pylist()
            np.testing.assert_array_equal(np.array(column, arrays[name].dtype), arrays[name])


def test_path_that_is_no_text_and_missing_tracks(tmp_path: Path) -> None:
    library = tmp_path / "library"
    with open_store(library) as store:
        ids = fill(store, 6)
        store.connection.execute("UPDATE tracks SET path = ? WHERE id = ?", (b"a/\xff.mp3", ids[0]))
        list(place(store))
        with store.writing() as connection:
            mark_missing(connection, ids[1:2])
    catalogue = Catalogue(library)
    assert export_space(catalogue, tmp_path / "x.npz") == 5
    assert export_space(catalogue, tmp_path / "x.parquet") == 5
    with np.load(tmp_path / "x.npz") as arrays:
        assert os.fsencode(arrays["paths"][0]) == b"/music/a/\xff.mp3"
        assert ids[1] not in arrays["ids"]
    assert parquet.read_table(tmp_path / "x.parquet")["paths"][0].as_py() == "/music/a/\\udcff.mp3"


def test_errors_are_one_line_and_leave_no_file(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 3)
    catalogue = Catalogue(library)
    for file, wanted, message in (
        ("x.csv", None, "neither .npz nor .parquet"),
        ("x.npz", "nowhere", 'no space "nowhere"'),
        ("none/x.npz", None, "cannot write"),
        ("none/x.parquet", None, "cannot write"),
    ):
        with pytest.raises(IndexerError, match=message):
            export_space(catalogue, tmp_path / file, wanted=wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["library"]
    Store(tmp_path / "empty").close()
    with pytest.raises(IndexerError, match="not embedded yet"):
        export_space(Catalogue(tmp_path / "empty"), tmp_path / "x.npz")


def test_export_without_pyarrow_says_what_to_install(tmp_path: Path) -> None:
    placed(tmp_path, 3)
    code = "import sys; sys.modules['pyarrow'] = None; from fairouz_tui.cli import run; sys.exit(run(sys.argv[1:]))"
    arguments = ["spaces", "export", "-o", str(tmp_path / "x.parquet"), "--library", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install 'fairouz-tui[parquet]'" in done.stderr
    assert not (tmp_path / "x.parquet").exists()


@pytest.mark.parametrize("ending", ["npz", "parquet"])
def test_memory_does_not_grow_with_the_library(tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """12,000 tracks are 21 MB of vectors; a batch of 256 takes a few."""
    monkeypatch.setattr(indexer.spaces.export, "ROWS_AT_ONCE", 256)
    library = tmp_path / "library"
    placed(library, 2)
    with open_store(library) as store:
        put_songs(store, *(song(f"T{i}", "A") for i in range(12_000)))
        (space_id,) = store.connection.execute("SELECT id FROM spaces").fetchone()
        ids = [row[0] for row in store.connection.execute("SELECT id FROM tracks")]
        block = np.full(WIDTH, 0.1, np.float16)
        stage_blocks(store, space_id, ((i, "s", 5, block.tobytes(), 0.0) for i in ids))
        swap_staged(store, space_id, pinned=False)
    assert parts(block[None])[0].shape == (1, 6, 64)
    catalogue = Catalogue(library)
    export_space(catalogue, tmp_path / f"warm.{ending}")
    tracemalloc.start()
    try:
        assert export_space(catalogue, tmp_path / f"x.{ending}") == 12_002
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 15e6

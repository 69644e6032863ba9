"""What must not cost the space in use: bad files, lost files, damaged vectors, full disks."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.spaces.by_hand import activate, rollback
from indexer.spaces.shelf import active_row, is_space, shipped_spaces, space_rows
from indexer.stages.space import place
from indexer.storing.store import Store
from indexer.storing.vectors import drop_vectors
from models.checkpoint import load_space, save_space
from models.joint.additive import Head, Space
from models.modality import Modality
from tests.indexer.placed import check_placed, files_of_spaces, fill, in_use, placed, write_space
from tests.indexer.rows import artist_vectors, open_store, put_all

FOREIGN = Path(__file__).parents[3] / "models/checkpoints/audio.safetensors"


def names(library: Path) -> list[str]:
    with Store(library) as store:
        return [row.name for row in space_rows(store.connection)]


def make_bad(kind: str, library: Path, folder: Path) -> tuple[str, str]:
    """Make a space that cannot be used; return how it is named and what the error must say."""
    file = folder / "bad.safetensors"
    space = load_space(write_space(library, file))
    audio = space.heads[Modality.AUDIO]
    if kind == "encoder":
        heads = {**space.heads, Modality.AUDIO: Head("clap@1", audio.mean, None, audio.private)}
        save_space(Space(heads, alpha=0.0), file)
        return str(file), "audio is encoded by test-audio@1 here and by clap@1 there"
    if kind == "width":
        heads = {**space.heads, Modality.AUDIO: Head(audio.encoder, audio.mean[:9], None, audio.private[:9])}
        save_space(Space(heads, alpha=0.0), file)
        return str(file), "audio has 24 numbers here and 9 there"
    if kind == "unrelated":
        save_space(Space({Modality.COVER: Head("cover@1", audio.mean, None, audio.private)}, alpha=0.0), file)
        return str(file), "it knows none of audio, tags"
    if kind == "truncated":
        file.write_bytes(file.read_bytes()[:-100])
    elif kind == "foreign":
        shutil.copy(FOREIGN, file)
    elif kind == "text":
        file.write_text("a space")
    elif kind == "endless header":
        file.write_bytes(struct.pack("<Q", 1 << 62) + b"{}")
    elif kind == "folder":
        file.unlink()
        file.mkdir()
    elif kind == "missing":
        file.unlink()
    elif kind == "name":
        return "nowhere", 'there is no space "nowhere": choose one of embedded-local'
    elif kind == "id":
        return "99", 'there is no space "99"'
    return str(file), {"foreign": "holds no joint space", "folder": "is not there", "missing": "is not there"}.get(
        kind, "is not a"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "encoder",
        "width",
        "unrelated",
        "truncated",
        "foreign",
        "text",
        "endless header",
        "folder",
        "missing",
        "name",
        "id",
    ],
)
def test_bad_space_is_one_error_and_the_old_one_stays(tmp_path: Path, kind: str) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    wanted, message = make_bad(kind, library, tmp_path)
    before = in_use(library), names(library)
    with pytest.raises(IndexerError) as caught:
        activate(library, wanted)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (in_use(library), names(library)) == before


def test_shipped_spaces_are_told_from_other_files() -> None:
    assert next(iter(shipped_spaces())) == "embedded"
    assert FOREIGN.stem not in shipped_spaces()
    assert not is_space(FOREIGN)
    assert not is_space(Path(__file__))
    assert not is_space(FOREIGN.parent)
    assert not is_space(FOREIGN.with_name("none"))


@pytest.mark.parametrize("damage", ["vanished", "truncated"])
def test_file_lost_after_activation_is_said_and_the_choice_goes_back_to_the_program(
    tmp_path: Path, damage: str
) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    activate(library, str(write_space(library, tmp_path / "mine.safetensors")))
    file = library / "spaces/mine.safetensors"
    file.unlink() if damage == "vanished" else file.write_bytes(file.read_bytes()[:200])
    with open_store(library) as store:
        fill(store, 3)
        list(place(store))
        row = active_row(store.connection)
        assert row is not None
        assert not row.pinned
        assert 'the space "mine" that you chose cannot be used any more' in row.report["note"]
    check_placed(library)
    with pytest.raises(IndexerError, match='the space "mine" cannot be used'):
        rollback(library)
    check_placed(library)


def test_constant_vectors_are_placed_and_found_alike(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 70)
        put_all(store, ids, {m: np.ones((70, 24), np.float32) for m in (Modality.AUDIO, Modality.TAGS)})
        list(place(store))
    check_placed(tmp_path)
    assert "nan" not in in_use(tmp_path)[1].decode()


def test_damaged_vectors_count_as_absent(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 70)
        bad = np.full(24, np.nan, np.float16).tobytes()
        store.connection.execute("UPDATE vectors SET vector = ? WHERE track_id = ?", (bad, ids[0]))
        store.connection.execute(
            "UPDATE vectors SET vector = ? WHERE track_id = ? AND modality = 'tags'", (bad, ids[1])
        )
        notes = [progress.note for progress in place(store)]
        assert notes[-1] == "3 damaged vectors are left out"
        masks = dict(store.connection.execute("SELECT track_id, mask FROM blocks"))
        assert ids[0] not in masks
        assert masks[ids[1]] == 1
    check_placed(tmp_path)


def test_modality_that_goes_everywhere_leaves_the_rest_placed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 70)
        list(place(store))
        with store.writing() as connection:
            drop_vectors(connection, Modality.TAGS, ids)
        list(place(store))
        assert {mask for (mask,) in store.connection.execute("SELECT mask FROM blocks")} == {1}
    check_placed(tmp_path)


def test_disk_full_for_the_file_keeps_the_old_space(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    file = write_space(library, tmp_path / "mine.safetensors")
    before = in_use(library)

    code = "import sys; from fairouz_tui.cli import run; sys.exit(run(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{FULL_DISK}\n{code}", "spaces", "activate", file, "--library", library],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "could not be written" in done.stderr
    assert in_use(library) == before
    assert files_of_spaces(library) == ["embedded-local.safetensors"]


FULL_DISK = """
import resource, signal
import indexer.spaces.shelf
save = indexer.spaces.shelf.save_space
def limited(space, path):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        save(space, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
indexer.spaces.shelf.save_space = limited
"""
"""Lets the kernel refuse to write more than 1000 bytes of the file, as a full disk does."""


def place_on_a_full_disk(library: Path) -> None:
    with open_store(library) as store:
        pages = store.connection.execute("PRAGMA page_count").fetchone()[0]
        store.connection.execute(f"PRAGMA max_page_count = {pages + 5}")
        list(place(store))


def test_disk_full_for_the_database_keeps_the_old_space(tmp_path: Path) -> None:
    placed(tmp_path, 60)
    before = in_use(tmp_path)
    with open_store(tmp_path) as store:
        x = artist_vectors(np.arange(60) % 6, seed=9, dimension=24)
        ids = [row[0] for row in store.connection.execute("SELECT id FROM tracks")]
        put_all(store, ids, {Modality.AUDIO: x[Modality.AUDIO]}, revision=2)
        store.connection.execute("VACUUM")
    with pytest.raises(IndexerError, match="free some space on its disk"):
        place_on_a_full_disk(tmp_path)
    assert in_use(tmp_path) == before
    with open_store(tmp_path) as store:
        list(place(store))
    check_placed(tmp_path)
    assert in_use(tmp_path) != before

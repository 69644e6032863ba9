"""Choosing a space by hand: activate, rollback, auto, refit; and what must not cost the space in use."""

import shutil
import sqlite3
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.spaces.by_hand import activate, choose_by_itself, fit_now, rollback
from indexer.spaces.shelf import KEPT, active_row, is_space, shipped_spaces, space_rows
from indexer.stages.space import place
from indexer.storing.store import Store
from indexer.storing.vectors import drop_vectors
from models.checkpoint import load_space, save_space
from models.joint.additive import Head, Space
from models.modality import Modality
from tests.indexer.placed import active, check_placed, fill, in_use, placed, write_space
from tests.indexer.rows import artist_vectors, open_store, put_all

FOREIGN = Path(__file__).parents[3] / "models/checkpoints/audio.safetensors"


def names(library: Path) -> list[str]:
    with Store(library) as store:
        return [row.name for row in space_rows(store.connection)]


def test_file_is_activated_kept_and_rolled_back(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    file = write_space(library, tmp_path / "mine.safetensors")
    outcome = activate(library, str(file))
    assert (outcome.changed, outcome.space.name, outcome.space.recipe) == (True, "mine", "imported")
    assert outcome.space.pinned
    check_placed(library)
    file.unlink()
    check_placed(library)
    assert rollback(library).space.name == "embedded-local"
    check_placed(library)
    assert rollback(library).space.name == "mine"
    assert activate(library, "1").space.name == "embedded-local"
    check_placed(library)


def test_chosen_space_is_not_replaced_by_an_automatic_fit_until_told(tmp_path: Path) -> None:
    placed(tmp_path / "library", 90)
    library = tmp_path / "library"
    assert in_use(library)[0] == "refit-2"
    activate(library, "embedded-local")
    with open_store(library) as store:
        fill(store, 60, seed=1)
        list(place(store))
    assert in_use(library)[0] == "embedded-local"
    check_placed(library)
    outcome = choose_by_itself(library)
    assert (outcome.changed, outcome.space.name, outcome.space.pinned) == (False, "embedded-local", False)
    with open_store(library) as store:
        list(place(store))
    assert in_use(library)[0].startswith("refit-")
    check_placed(library)


def test_place_without_refit_never_fits(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 90)
        list(place(store, refit=False))
        row = active_row(store.connection)
        assert row is not None
        assert row.name == "embedded-local"
        assert not store.fact("refit_tried")


def test_fit_now_adopts_what_is_better_and_no_more(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 90)
        list(place(store, refit=False))
    outcome = fit_now(tmp_path)
    assert (outcome.changed, outcome.space.recipe, outcome.space.pinned) == (True, "refit", False)
    assert outcome.space.report["measured"].keys() == {"embedded-local", "refit", "blend"}
    check_placed(tmp_path)
    assert fit_now(tmp_path).note == "refit made again: still the best"


def test_forced_fit_is_used_and_stays(tmp_path: Path) -> None:
    """Two modalities that have nothing in common: no fit is better."""
    with open_store(tmp_path) as store:
        ids = fill(store, 100)
        x = artist_vectors(np.arange(100) % 10, seed=1, noise=0.2)
        x[Modality.TAGS] = np.random.default_rng(2).normal(size=x[Modality.TAGS].shape).astype(np.float32)
        put_all(store, ids, x)
        list(place(store))
    kept = fit_now(tmp_path)
    assert not kept.changed
    assert kept.note.startswith("kept: ")
    forced = fit_now(tmp_path, force=True)
    assert (forced.changed, forced.space.pinned) == (True, True)
    assert forced.space.recipe in {"refit", "blend"}
    check_placed(tmp_path)


def test_fit_of_a_small_library_is_one_error(tmp_path: Path) -> None:
    placed(tmp_path, 12)
    with pytest.raises(IndexerError, match="needs 60 tracks and this library has 12"):
        fit_now(tmp_path, force=True)


def test_modality_that_a_space_does_not_know_is_fitted_here(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    space = load_space(write_space(library, tmp_path / "whole.safetensors"))
    del (heads := dict(space.heads))[Modality.TAGS]
    save_space(Space(heads, alpha=0.0, name="sound"), tmp_path / "sound.safetensors")
    outcome = activate(library, str(tmp_path / "sound.safetensors"))
    assert "tags fitted to this library" in outcome.note
    check_placed(library)
    with Store(library) as store:
        np.testing.assert_array_equal(active(store).heads[Modality.AUDIO].private, heads[Modality.AUDIO].private)
        assert Modality.TAGS in active(store).heads


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


def test_nothing_to_go_back_to_is_one_error(tmp_path: Path) -> None:
    placed(tmp_path, 3)
    with pytest.raises(IndexerError, match="no other space was in use before"):
        rollback(tmp_path)
    with pytest.raises(IndexerError, match="no library"):
        rollback(tmp_path / "nowhere")
    Store(tmp_path / "empty").close()
    with pytest.raises(IndexerError, match="not embedded yet"):
        choose_by_itself(tmp_path / "empty")


def test_library_of_one_track(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 1)
    activate(library, str(write_space(library, tmp_path / "mine.safetensors")))
    check_placed(library)
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
    rest = fit_free(library)
    assert rest == ["embedded-local.safetensors"]


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


def fit_free(library: Path) -> list[str]:
    return sorted(file.name for file in (library / "spaces").iterdir())


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


def test_only_the_last_spaces_are_kept_and_those_that_the_user_chose(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    mine = write_space(library, tmp_path / "mine.safetensors")
    activate(library, str(mine))
    for number in range(KEPT + 3):
        with open_store(library) as store:
            store.connection.execute("UPDATE spaces SET pinned = 0 WHERE active AND name != 'mine'")
            x = artist_vectors(np.arange(12) % 6, seed=number)
            ids = [row[0] for row in store.connection.execute("SELECT id FROM tracks")]
            put_all(store, ids, {Modality.AUDIO: x[Modality.AUDIO]}, revision=number + 2)
            list(place(store))
    with Store(library) as store:
        rows = space_rows(store.connection)
    idle = [row for row in rows if not row.active and not row.pinned]
    assert len(idle) == KEPT
    assert [row.name for row in rows if row.pinned] == ["mine"]
    assert {row.file for row in rows} == set(fit_free(library))
    assert len({row.id for row in rows}) == len(rows)


def test_user_files_beside_the_spaces_are_left_alone(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 12)
    own = write_space(library, library / "spaces/own.safetensors")
    activate(library, str(own))
    rollback(library)
    assert own.is_file()
    with sqlite3.connect(library / "library.db") as connection:
        assert connection.execute("SELECT file FROM spaces WHERE name = 'own'").fetchall() == [("own-2.safetensors",)]
    connection.close()


def test_a_trained_space_is_not_measured_against_fits_and_gives_way_to_the_automatic_choice(tmp_path: Path) -> None:
    library, run = tmp_path / "library", tmp_path / "evening"
    placed(library, 80)
    run.mkdir()
    write_space(library, run / "model.safetensors")
    used = activate(library, str(run))
    assert (used.space.name, used.space.recipe, used.space.pinned) == ("evening", "imported", True)
    kept = fit_now(library)
    assert not kept.changed
    assert "may have met these tracks" in kept.note
    assert kept.space.id == used.space.id
    after = choose_by_itself(library)
    assert after.space.recipe != "imported"
    assert not after.space.pinned
    check_placed(library)


def test_a_file_cannot_take_the_name_of_a_shipped_space_or_an_id(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 40)
    for stem in ("embedded", "refit", "7"):
        file = tmp_path / f"{stem}.safetensors"
        write_space(library, file)
        assert activate(library, str(file)).space.name == f"imported-{stem}"


def test_two_spaces_of_one_name_are_told_apart_by_id(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 40)
    file = tmp_path / "mine.safetensors"
    write_space(library, file)
    first, second = activate(library, str(file)).space, activate(library, str(file)).space
    assert first.id != second.id
    with pytest.raises(IndexerError, match=f"ids {first.id}, {second.id}"):
        activate(library, "mine")
    assert activate(library, str(first.id)).space.id == first.id

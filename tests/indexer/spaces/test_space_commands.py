"""Choosing a space by hand: activate, rollback, auto, refit; which spaces are kept and how they are told apart."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.spaces.by_hand import activate, choose_by_itself, fit_now, rollback
from indexer.spaces.shelf import KEPT, active_row, space_rows
from indexer.stages.space import place
from indexer.storing.store import Store
from models.checkpoint import load_space, save_space
from models.joint.additive import Space
from models.modality import Modality
from tests.indexer.placed import active, check_placed, files_of_spaces, fill, in_use, placed, write_space
from tests.indexer.rows import artist_vectors, open_store, put_all


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
    assert {row.file for row in rows} == set(files_of_spaces(library))
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

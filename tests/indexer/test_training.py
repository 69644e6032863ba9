"""A library as a data folder to train on."""

import json
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.vectors import drop_vectors, put_vectors
from indexer.track import Credit, Role
from indexer.training import export_library
from models.dataset import UNKNOWN, Dataset, load_dataset
from models.modality import MODALITIES, Modality
from tests.indexer.rows import artist_vectors, open_store, put_all, put_songs, song


def exported(store: Store, folder: Path) -> Dataset:
    count = export_library(Catalogue(store.library), folder)
    dataset = load_dataset(folder)
    assert len(dataset) == count
    return dataset


def fill(store: Store, count: int = 12) -> list[int]:
    artists = np.arange(count) % 3
    songs = [
        song(f"Song {i}", f"Artist {a}", album=f"Album {i % 2}", genres=("Folk", "Jazz")) for i, a in enumerate(artists)
    ]
    ids = put_songs(store, *songs)
    put_all(store, ids, artist_vectors(artists, seed=0))
    return ids


def test_vectors_and_labels_are_those_of_the_library(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        ids = fill(store)
        dataset = exported(store, tmp_path / "data")
    x = artist_vectors(np.arange(12) % 3, seed=0)
    assert dataset.ids == tuple(map(str, ids))
    assert dataset.modalities() == (Modality.AUDIO, Modality.TAGS)
    for m in dataset.modalities():
        assert dataset.x[m].dtype == np.float16
        assert (np.asarray(dataset.x[m]) == x[m].astype(np.float16)).all()
        assert isinstance(dataset.x[m], np.memmap)
    assert dataset.encoders[Modality.AUDIO] == "test-audio@1"
    assert dataset.artists.tolist() == [0, 1, 2] * 4
    assert len(set(dataset.albums.tolist())) == 6
    assert len(set(dataset.titles.tolist())) == 12
    assert dataset.genres[0] == ("folk", "jazz")


def test_what_a_track_lacks_is_absent(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        ids = fill(store)
        with store.writing() as connection:
            drop_vectors(connection, Modality.TAGS, ids[3:5])
            for m in (Modality.AUDIO, Modality.TAGS):
                drop_vectors(connection, m, [ids[7]])
            mark_missing(connection, [ids[9]])
            # Another encoder, which fewer tracks have, is not mixed in.
            put_vectors(connection, Modality.AUDIO, "other@1", [(ids[0], "h", np.ones(5, np.float32))])
        dataset = exported(store, tmp_path / "data")
    assert dataset.ids == tuple(str(i) for n, i in enumerate(ids) if n not in (7, 9))
    present = {m: dataset.present[:, MODALITIES.index(m)].tolist() for m in MODALITIES}
    assert present[Modality.AUDIO] == [False] + [True] * 9
    assert present[Modality.TAGS] == [True] * 3 + [False] * 2 + [True] * 5
    assert not any(present[Modality.COVER])


def test_artist_guessed_from_the_path_is_no_label(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        guessed = song("Song", credits=(Credit("Folder Name", Role.ARTIST, evidence="path"),), artist="Folder Name")
        several = song("Duet", "First", "Second")
        ids = put_songs(store, guessed, several, song("Alone", "First"))
        put_all(store, ids, {Modality.AUDIO: np.ones((3, 4), np.float32)})
        dataset = exported(store, tmp_path / "data")
    assert dataset.artists.tolist() == [UNKNOWN, 0, 0]


def test_library_without_vectors_says_what_to_do(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        put_songs(store, song("Song", "Artist"))
        with pytest.raises(IndexerError, match="run `fairouz-tui index FOLDER` first"):
            export_library(Catalogue(store.library), tmp_path / "data")
    assert list(tmp_path.iterdir()) == [tmp_path / "library"]


def test_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine").touch()
    with open_store(tmp_path / "library") as store:
        fill(store)
        with pytest.raises(IndexerError, match="is there already: delete it, or choose another --out"):
            export_library(Catalogue(store.library), tmp_path / "data")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["mine"]


def test_titles_in_any_script_are_kept(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        ids = put_songs(store, song("نسّم علينا الهوى", "فيروز"), song("a\nb \x00 c", "Ünï"))
        put_all(store, ids, {Modality.AUDIO: np.ones((2, 4), np.float32)})
        export_library(Catalogue(store.library), tmp_path / "data")
    tracks = [json.loads(line) for line in (tmp_path / "data" / "tracks.jsonl").read_text("ascii").splitlines()]
    assert [track["title"] for track in tracks] == ["نسّم علينا الهوى", "a\nb \x00 c"]

"""Vectors in line: the same by parts as at once, and never more of them in memory than was asked for."""

import tracemalloc
from pathlib import Path

import numpy as np

from indexer.spaces.blocks import update
from indexer.spaces.inputs import Inputs
from indexer.stages.space import place
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.vectors import drop_vectors
from models.modality import MODALITIES, Modality
from tests.indexer.placed import active, fill
from tests.indexer.rows import artist_vectors, open_store, put_all, put_songs, song


def test_rows_are_the_stored_vectors_in_the_order_asked(tmp_path: Path) -> None:
    artists = np.arange(30) % 6
    x = artist_vectors(artists, seed=0)
    with open_store(tmp_path) as store:
        ids = put_songs(store, *(song(f"{i}") for i in range(30)))
        put_all(store, ids, x)
        drop_vectors(store.connection, Modality.TAGS, ids[:4])
        drop_vectors(store.connection, Modality.AUDIO, ids[2:6])
        mark_missing(store.connection, ids[8:9])
        inputs = Inputs(store)
        assert inputs.ids.tolist() == [*ids[:2], *ids[4:8], *ids[9:]]
        assert inputs.encoded == {Modality.AUDIO: ("test-audio@1", 24), Modality.TAGS: ("test-tags@1", 24)}
        rows = np.array([20, 0, 3, 7])
        part = inputs.read(rows)
        for m, vectors in part.x.items():
            for row, vector in zip(rows, vectors, strict=True):
                track = ids.index(int(inputs.ids[row]))
                here = not (m is Modality.TAGS and track < 4) and not (m is Modality.AUDIO and 2 <= track < 6)
                expected = x[m][track].astype(np.float16) if here else np.zeros(24)
                np.testing.assert_array_equal(vector, expected)
        np.testing.assert_array_equal(part.present, inputs.stored[rows])
        np.testing.assert_array_equal(inputs.x[Modality.AUDIO][rows], part.x[Modality.AUDIO])
        np.testing.assert_array_equal(inputs.present, inputs.stored)


def test_vectors_that_cannot_be_used_are_stored_but_not_present(tmp_path: Path) -> None:
    """Numbers that are not finite, another width, and another encoder than that of most."""
    with open_store(tmp_path) as store:
        ids = fill(store, 20)
        bad = np.full(24, np.inf, np.float16).tobytes()
        audio = "WHERE modality = 'audio' AND track_id = ?"
        store.connection.execute(f"UPDATE vectors SET vector = ? {audio}", (bad, ids[0]))
        store.connection.execute(f"UPDATE vectors SET vector = zeroblob(10) {audio}", (ids[1],))
        store.connection.execute(f"UPDATE vectors SET encoder = 'other@1' {audio}", (ids[2],))
        inputs = Inputs(store)
        column = MODALITIES.index(Modality.AUDIO)
        assert np.flatnonzero(~inputs.stored[:, column]).tolist() == [2]
        assert np.flatnonzero(~inputs.present[:, column]).tolist() == [0, 1, 2]
        assert not inputs.x[Modality.AUDIO][:3].any()


def test_parts_hold_halves_and_give_what_was_stored(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 20)
        part = Inputs(store).read(np.arange(20))
        some = part.taken(np.array([3, 1]))
        assert set(part.x) == {Modality.AUDIO, Modality.TAGS}
        assert set(part.x.only({Modality.TAGS})) == {Modality.TAGS}
        assert some.x[Modality.TAGS].dtype == np.float32
        np.testing.assert_array_equal(some.x[Modality.TAGS], part.x[Modality.TAGS][[3, 1]])


def wide(store: Store, count: int) -> list[int]:
    """Put tracks with 3 KB of vectors each."""
    ids = put_songs(store, *(song(f"Song {i}", f"Artist {i % 50}") for i in range(count)))
    put_all(store, ids, artist_vectors(np.arange(count) % 50, seed=1, dimension=768))
    return ids


def peak_bytes(store: Store) -> int:
    """Return the most that placing all tracks in the space in use holds at once."""
    inputs = Inputs(store)
    space = active(store)
    store.connection.execute("UPDATE blocks SET source_hash = ''")
    store.set_fact("hubs", None)
    tracemalloc.start()
    update(store, inputs, space, 1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_placing_holds_no_more_for_more_tracks(tmp_path: Path) -> None:
    """Three times the tracks have 12 MB more of vectors and 6 of blocks; what grows is the sample of the hub terms."""
    peaks = []
    for count in (2000, 6000):
        with open_store(tmp_path / f"{count}") as store:
            wide(store, count)
            list(place(store, refit=False))
            with_sample = peak_bytes(store)
        sample_and_scores = count * (3 * 64 * 4 + 512 * 4 * 2)
        peaks.append(with_sample - sample_and_scores)
    assert peaks[1] - peaks[0] < 4e6

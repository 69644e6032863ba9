"""The index proposes what an exhaustive search finds, and is nothing but a shadow of the store."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.storing.nearest import Nearest, open_nearest
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing, touch
from indexer.storing.vectors import put_blocks
from tests.indexer.rows import open_store, put_songs, song

WIDTH = 768
COUNT = 150


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store with random blocks and hub terms."""
    store = open_store(tmp_path)
    ids = put_songs(store, *(song(f"Song {i}", "A") for i in range(COUNT)))
    generator = np.random.default_rng(3)
    blocks = generator.normal(size=(COUNT, WIDTH)).astype(np.float16)
    with store.writing() as connection:
        put_blocks(connection, 1, [(i, "s", 1, block) for i, block in zip(ids, blocks, strict=True)])
        hubs = generator.normal(size=COUNT)
        connection.executemany("UPDATE blocks SET hub = ? WHERE track_id = ?", zip(hubs, ids, strict=True))
    return store


def opened(store: Store, version: int = 1) -> Nearest:
    return open_nearest(store.connection, store.library, version=version)


def brute_force(store: Store, query: NDArray[np.float64], *, hub: bool, among: set[int] | None = None) -> list[int]:
    """Score every present track in a loop and return the ids, best first."""
    scores = {}
    for track, block, hub_term in store.connection.execute(
        "SELECT b.track_id, b.block, b.hub FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL"
    ):
        if among is None or track in among:
            row = np.frombuffer(block, np.float16).astype(np.float64)
            scores[track] = sum(a * b for a, b in zip(query, row, strict=True)) + hub * hub_term
    return sorted(scores, key=lambda track: -scores[track])


def queries(count: int) -> NDArray[np.float64]:
    return np.random.default_rng(4).normal(size=(count, WIDTH))


@pytest.mark.parametrize("hub", [True, False])
def test_results_are_those_of_an_exhaustive_search(store: Store, hub: bool) -> None:
    nearest = opened(store)
    for query in queries(8):
        assert nearest.search(query, count=20, hub=hub).tolist() == brute_force(store, query, hub=hub)[:20]


def test_many_queries_are_answered_as_one_by_one(store: Store) -> None:
    nearest = opened(store)
    many = nearest.search_many(queries(5), count=7)
    assert [list(ids) for ids in many] == [list(nearest.search(query, count=7)) for query in queries(5)]


def test_only_the_chosen_are_proposed(store: Store) -> None:
    nearest = opened(store)
    chosen = np.array([2, 3, 50, 77, 120, 9999], np.int64)
    for query in queries(4):
        found = nearest.search(query, count=10, among=chosen).tolist()
        assert found == brute_force(store, query, hub=True, among=set(chosen.tolist()))
    assert nearest.search(queries(1)[0], count=10, among=np.zeros(0, np.int64)).tolist() == []


def test_more_than_there_is_gives_all(store: Store) -> None:
    assert sorted(opened(store).search(queries(1)[0], count=10_000)) == list(range(1, COUNT + 1))


def test_empty_library_finds_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        nearest = opened(store)
        assert nearest.search(queries(1)[0], count=5).tolist() == []
        assert [list(ids) for ids in nearest.search_many(queries(2), count=5)] == [[], []]
        assert list(opened(store).ids) == []


def same(a: Nearest, b: Nearest) -> bool:
    return list(a.ids) == list(b.ids) and all(
        a.search(query, count=12).tolist() == b.search(query, count=12).tolist() for query in queries(3)
    )


@pytest.mark.parametrize("damage", ["deleted", "truncated", "emptied", "foreign", "no marker", "broken marker"])
def test_index_grows_back(store: Store, damage: str) -> None:
    first = opened(store)
    file, marker = store.library / "nearest.faiss", store.library / "nearest.faiss.version"
    whole, mark = file.read_bytes(), marker.read_text()
    if damage == "deleted":
        file.unlink()
    elif damage == "no marker":
        marker.unlink()
    elif damage == "broken marker":
        marker.write_bytes(b"\xff\x00")
    else:
        file.write_bytes(
            {"truncated": whole[: len(whole) // 2], "emptied": b"", "foreign": b"not an index" * 99}[damage]
        )
    assert same(opened(store), first)
    assert (file.read_bytes(), marker.read_text()) == (whole, mark)


def test_kept_index_is_used_again(store: Store) -> None:
    opened(store)
    file = store.library / "nearest.faiss"
    before = file.stat().st_mtime_ns
    opened(store)
    assert file.stat().st_mtime_ns == before
    opened(store, version=2)
    assert file.stat().st_mtime_ns > before
    assert [path.name for path in store.library.iterdir() if path.name.startswith(".nearest")] == []


def test_index_of_other_tracks_is_not_used(store: Store) -> None:
    """As many tracks as before, but others, and no new version: one vanished while another came back."""
    with store.writing() as connection:
        mark_missing(connection, [5])
    assert 5 not in opened(store).ids
    with store.writing() as connection:
        mark_missing(connection, [6])
        touch(connection, 5, mtime_ns=1)
    nearest = opened(store)
    assert len(nearest.ids) == COUNT - 1
    for query in queries(3):
        assert nearest.search(query, count=20).tolist() == brute_force(store, query, hub=True)[:20]


def test_place_that_cannot_be_written_costs_only_time(store: Store) -> None:
    (store.library / "nearest.faiss").mkdir()
    query = queries(1)[0]
    assert opened(store).search(query, count=5).tolist() == brute_force(store, query, hub=True)[:5]
    assert [path.name for path in store.library.iterdir() if path.name.startswith(".nearest")] == []

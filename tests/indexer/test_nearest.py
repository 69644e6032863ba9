"""The index proposes what an exhaustive search finds, and is nothing but a shadow of the store."""

from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.storing import nearest as nearest_module
from indexer.storing import nearest_file
from indexer.storing.nearest import Nearest, open_nearest
from indexer.storing.nearest_file import FILE, read_kept, write_kept
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


@pytest.mark.parametrize("damage", ["deleted", "truncated", "emptied", "foreign", "other index"])
def test_index_grows_back(store: Store, damage: str) -> None:
    first = opened(store)
    file = store.library / FILE
    whole = file.read_bytes()
    if damage == "deleted":
        file.unlink()
    elif damage == "other index":
        kept = read_kept(store.library)
        assert kept is not None
        write_kept(store.library, replace(kept, ids=kept.ids[1:]))
    else:
        file.write_bytes(
            {"truncated": whole[: len(whole) // 2], "emptied": b"", "foreign": b"not an index" * 99}[damage]
        )
    assert same(opened(store), first)
    assert len(file.read_bytes()) == len(whole)


def written(store: Store) -> tuple[int, int, str]:
    """Return what tells whether the index has been written again: clocks of files may be coarse."""
    kept = read_kept(store.library)
    assert kept is not None
    status = (store.library / FILE).stat()
    return status.st_ino, status.st_mtime_ns, kept.mark


def test_kept_index_is_used_again(store: Store) -> None:
    opened(store)
    before = written(store)
    opened(store)
    assert written(store) == before
    opened(store, version=2)
    assert written(store) != before
    assert [path.name for path in store.library.iterdir() if path.name.startswith(".nearest")] == []


def test_a_long_mark_is_kept_too(store: Store) -> None:
    opened(store)
    kept = read_kept(store.library)
    assert kept is not None
    write_kept(store.library, replace(kept, mark="m" * 5_000))
    again = read_kept(store.library)
    assert again is not None
    assert again.mark == "m" * 5_000
    assert (again.ids == kept.ids).all()


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(store)
    first = read_kept(store.library)
    assert first is not None
    newer = replace(first, ids=first.ids[::-1].copy(), mark="newer")
    go_to = nearest_file._go_to
    replaced: list[bool] = []

    def replacing(file: IO[bytes], name: str) -> None:
        if not replaced:
            replaced.append(True)
            write_kept(store.library, newer)
        go_to(file, name)

    monkeypatch.setattr(nearest_file, "_go_to", replacing)
    found = read_kept(store.library)
    assert found is not None
    assert found.mark == "newer"
    assert (found.ids == newer.ids).all()


def test_index_belongs_to_one_moment_of_one_space(store: Store) -> None:
    """A library made anew counts its changes from the start: the count alone does not tell it from the one before."""
    opened(store)
    before = written(store)
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO spaces (name, created, active, report, activated) VALUES ('another', 1.0, 1, '{}', 2.0)"
        )
    opened(store)
    assert written(store) != before


def test_former_index_is_cleared_away(store: Store) -> None:
    (store.library / "nearest.faiss").write_bytes(b"what an earlier version kept")
    opened(store)
    assert not (store.library / "nearest.faiss").exists()


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
    (store.library / FILE).mkdir()
    query = queries(1)[0]
    assert opened(store).search(query, count=5).tolist() == brute_force(store, query, hub=True)[:5]
    assert [path.name for path in store.library.iterdir() if path.name.startswith(".nearest")] == []


CODED = 1_500


@pytest.fixture
def coded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store of clustered unit blocks that is large enough for codes."""
    monkeypatch.setattr(nearest_module, "FLAT_UP_TO", 1_000)
    store = open_store(tmp_path)
    ids = put_songs(store, *(song(f"Song {i}", "A") for i in range(CODED)))
    put_clustered(store, ids, seed=5)
    return store


def put_clustered(store: Store, ids: list[int], *, seed: int, source: str = "first") -> None:
    generator = np.random.default_rng(seed)
    centres = np.random.default_rng(6).normal(size=(60, WIDTH))
    points = centres[generator.integers(60, size=len(ids))] + 0.7 * generator.normal(size=(len(ids), WIDTH))
    blocks = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float16)
    with store.writing() as connection:
        put_blocks(connection, 1, [(i, source, 1, block) for i, block in zip(ids, blocks, strict=True)])
        hubs = 0.03 * generator.normal(size=len(ids))
        connection.executemany("UPDATE blocks SET hub = ? WHERE track_id = ?", zip(hubs, ids, strict=True))


def block_of(store: Store, track: int) -> NDArray[np.float64]:
    (block,) = store.connection.execute("SELECT block FROM blocks WHERE track_id = ?", (track,)).fetchone()
    return np.frombuffer(block, np.float16).astype(np.float64)


def exact(store: Store, query: NDArray[np.float64], *, hub: bool = True, among: set[int] | None = None) -> list[int]:
    """As `brute_force`, with products of matrices: 1,500 loops over 768 numbers would take a minute."""
    rows = store.connection.execute(
        "SELECT b.track_id, b.block, b.hub FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL"
    ).fetchall()
    blocks = np.frombuffer(b"".join(row[1] for row in rows), np.float16).reshape(len(rows), -1).astype(np.float64)
    scores = blocks @ query + hub * np.array([row[2] for row in rows])
    return [rows[i][0] for i in np.argsort(-scores) if among is None or rows[i][0] in among]


def recall(store: Store, nearest: Nearest, *, hub: bool, weights: NDArray[np.float64]) -> float:
    """Return the share of the 20 truly nearest among 100 proposed, over 20 tracks asked."""
    shares = []
    for track in range(1, CODED, CODED // 20):
        query = block_of(store, track) * weights
        found = set(nearest.search(query, count=100, hub=hub).tolist())
        shares.append(len(found & set(exact(store, query, hub=hub)[:20])) / 20)
    return float(np.mean(shares))


@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize("turned_up", [slice(0, 768), slice(128, 256), slice(256, 640)])
def test_codes_propose_the_nearest_whatever_the_faders(coded: Store, hub: bool, turned_up: slice) -> None:
    weights = np.zeros(WIDTH)
    weights[turned_up] = 768 / (turned_up.stop - turned_up.start)
    nearest = opened(coded)
    assert (coded.library / FILE).stat().st_size < CODED * 250 + 100_000
    assert recall(coded, nearest, hub=hub, weights=weights) > 0.95


def test_codes_are_asked_for_some_tracks_alone(coded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    nearest = opened(coded)
    query = block_of(coded, 7)
    few = np.array([5, 9, 11, 800, 99_999], np.int64)
    assert nearest.search(query, count=2, among=few).tolist() == [5, 9, 11, 800]
    monkeypatch.setattr(nearest_module, "_ALL_UP_TO", 10)
    # The farthest tracks of all: whatever is asked for first holds none of them.
    far = np.array(exact(coded, query)[-200:], np.int64)
    found = nearest.search(query, count=60, among=far).tolist()
    assert len(set(found)) == 60
    assert set(found) <= set(far.tolist())
    # They are all but equally far: by chance 6 of the best 20 would be among 60 of 200.
    assert len(set(found) & set(exact(coded, query, among=set(far.tolist()))[:20])) > 10
    thirds = np.arange(1, CODED, 3)
    near = nearest.search(query, count=60, among=thirds).tolist()
    assert len(set(near) & set(exact(coded, query, among=set(thirds.tolist()))[:20])) >= 19


def test_few_changes_are_exchanged_without_building_anew(coded: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(coded)
    with coded.writing() as connection:
        mark_missing(connection, [3])
        connection.execute("DELETE FROM tracks WHERE id IN (10, 11)")
        connection.execute("UPDATE blocks SET hub = hub + 0.5 WHERE track_id = 20")
    put_clustered(coded, [30, 31, 32], seed=9, source="second")
    added = put_songs(coded, song("New", "B"), song("Newer", "B"), folder="other")
    put_clustered(coded, added, seed=10)

    def refuse(*_: object) -> None:
        raise AssertionError("built anew")

    monkeypatch.setattr(nearest_module, "_built", refuse)
    grown = opened(coded, version=2)
    present = set(range(1, CODED + 1)) - {3, 10, 11} | set(added)
    assert grown.ids.tolist() == sorted(present)
    again = opened(coded, version=2)
    for track in (20, 30, 31, 32, *added, 500):
        query = block_of(coded, track)
        found = grown.search(query, count=100).tolist()
        assert found == again.search(query, count=100).tolist()
        assert len(set(found)) == 100
        assert set(found) <= present
        assert found[0] == exact(coded, query)[0]
        assert len(set(found) & set(exact(coded, query)[:20])) >= 19
    assert sorted(grown.search(block_of(coded, 1), count=10_000).tolist()) == sorted(present)


@pytest.mark.parametrize("how", ["all blocks changed", "many more tracks", "most tracks gone"])
def test_many_changes_build_the_index_anew(coded: Store, how: str) -> None:
    opened(coded)
    before = read_kept(coded.library)
    assert before is not None
    if how == "all blocks changed":
        put_clustered(coded, list(range(1, CODED + 1)), seed=11, source="second")
    elif how == "many more tracks":
        put_clustered(coded, put_songs(coded, *(song(f"More {i}", "C") for i in range(200)), folder="more"), seed=12)
    else:
        with coded.writing() as connection:
            connection.execute("DELETE FROM tracks WHERE id > 700")
    opened(coded, version=2)
    after = read_kept(coded.library)
    assert after is not None
    count = coded.connection.execute("SELECT count(*) FROM blocks").fetchone()[0]
    assert (after.ids >= 0).all()
    assert len(after.ids) == count
    assert after.trained == (count if count > 1_000 else 0)

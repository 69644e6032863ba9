"""Placing tracks by graph and playlists: the vectors are those of the encoders, and only what moved is stored."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.graph import rebuild_graph
from indexer.stages.relations import MOVED, embed_relations
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, mark_missing, put_track
from indexer.storing.vectors import load_vectors
from indexer.track import Reading, Stream, Tags
from models.encoders.collaborative import collaborative_vectors
from models.encoders.graph import graph_vectors
from models.encoders.names import COLLABORATIVE_ENCODER, GRAPH_ENCODER
from models.modality import Modality
from tests.indexer.naive_graph import naive_graph
from tests.indexer.rows import open_store, put_songs, song


def songs(count: int, *, artists: int) -> list[Tags]:
    return [
        song(
            f"Song {i}",
            f"Artist {i % artists}",
            album=f"Album {i % artists}",
            genres=(f"Genre {i % 3}",),
            musicbrainz_release=f"release {i % artists}",
        )
        for i in range(count)
    ]


def run(store: Store) -> None:
    rebuild_graph(store)
    assert [progress.done for progress in embed_relations(store)] == [1, 2]


def stored(store: Store, modality: Modality, encoder: str) -> dict[int, bytes]:
    query = "SELECT track_id, vector FROM vectors WHERE modality = ? AND encoder = ?"
    return {row[0]: bytes(row[1]) for row in store.connection.execute(query, (modality.value, encoder))}


def expected(store: Store) -> tuple[list[int], NDArray[np.float32], NDArray[np.bool_]]:
    """Return ids, vectors and presence from the naive graph, all nodes at once; no playlists in it."""
    graph = naive_graph(store.connection)
    rows = {key: row for row, key in enumerate(graph.names)}
    edges = [(rows[a], rows[b], w) for (a, b, kind), w in graph.edges.items() if kind != "playlist"]
    vectors, present = graph_vectors(
        [None if kind == "track" else f"{kind}\0{key}" for kind, key in rows],
        sources=np.array([edge[0] for edge in edges], np.int64),
        targets=np.array([edge[1] for edge in edges], np.int64),
        weights=np.array([edge[2] for edge in edges], np.float32),
    )
    tracks = [key for key in rows if key[0] == "track"]
    chosen = [rows[key] for key in tracks]
    return [int(key) for _, key in tracks], vectors[chosen], present[chosen]


def test_empty_library_has_no_relations(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        run(store)
        assert store.connection.execute("SELECT count(*) FROM vectors").fetchone()[0] == 0


def test_graph_vectors_are_those_of_the_whole_graph(tmp_path: Path) -> None:
    """More tracks than a batch, tracks without any tie, and a playlist that must not count."""
    with open_store(tmp_path) as store:
        ids = put_songs(store, *songs(5000, artists=400), song("Alone"), *songs(20, artists=5))
        with store.writing() as connection:
            connection.execute("INSERT INTO playlists VALUES (4, 1, 'l.m3u', 'Late', 1, 1)")
            connection.executemany("INSERT INTO playlist_entries VALUES (4, ?, 'p', ?)", list(enumerate(ids[:9])))
        run(store)
        wanted, vectors, present = expected(store)
        assert wanted == ids
        assert present.sum() == len(ids) - 1
        found, now = load_vectors(store.connection, Modality.GRAPH, GRAPH_ENCODER)
        assert found.tolist() == [i for i, here in zip(ids, present, strict=True) if here]
        # The nodes stand in another order, and so do sums: the last bit of a float16 may differ.
        np.testing.assert_allclose(now, vectors[present].astype(np.float16), rtol=1e-3, atol=1e-6)


def test_playlist_vectors_are_those_of_all_memberships(tmp_path: Path) -> None:
    lists = {"Late": range(8), "Early": range(5, 30), "All": range(60)}
    with open_store(tmp_path) as store:
        ids = put_songs(store, *songs(60, artists=6))
        with store.writing() as connection:
            for number, (name, rows) in enumerate(lists.items()):
                connection.execute("INSERT INTO playlists VALUES (?, 1, ?, ?, 1, 1)", (number, name, name))
                entries = [(number, place, ids[row]) for place, row in enumerate(rows)]
                connection.executemany("INSERT INTO playlist_entries VALUES (?, ?, 'p', ?)", entries)
        run(store)
        members = [(row, name) for name, rows in lists.items() for row in rows]
        vectors, present = collaborative_vectors(
            np.array([row for row, _ in members]),
            playlists=[name.casefold() for _, name in members],
            weights=np.ones(len(members)),
            count=60,
        )
        found, now = load_vectors(store.connection, Modality.PLAYLISTS, COLLABORATIVE_ENCODER)
        assert found.tolist() == [ids[row] for row in np.flatnonzero(present)] == ids[:30]
        np.testing.assert_allclose(now, vectors[present], atol=1e-3)


def test_one_change_stores_only_what_moved(tmp_path: Path) -> None:
    """Retagging one of 3,000 tracks moves its own vector and its artists' tracks; the others lie within MOVED."""
    with open_store(tmp_path) as store:
        ids = put_songs(store, *songs(3000, artists=300))
        run(store)
        before = stored(store, Modality.GRAPH, GRAPH_ENCODER)
        with store.writing() as connection:
            path = connection.execute("SELECT path FROM tracks WHERE id = ?", (ids[0],)).fetchone()[0]
            tags = song("Song 0", "Artist 7", album="Album 7", musicbrainz_release="release 7", genres=("Genre 1",))
            put_track(
                connection, FileState(1, path, 1, 1, ""), Reading(tags, Stream(200.0, "mp3"), "x"), track_id=ids[0]
            )
        run(store)
        after = stored(store, Modality.GRAPH, GRAPH_ENCODER)
        changed = {i for i in ids if after[i] != before[i]}
        assert ids[0] in changed
        assert changed <= {i for row, i in enumerate(ids) if row % 300 in (0, 7)}
        wanted, vectors, _ = expected(store)
        now = np.array([np.frombuffer(after[i], np.float16) for i in wanted], np.float32)
        assert np.linalg.norm(now - vectors, axis=1).max() <= MOVED + 1e-3


def test_lost_ties_are_lost_vectors_and_missing_tracks_keep_theirs(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = put_songs(store, *songs(40, artists=4))
        run(store)
        with store.writing() as connection:
            mark_missing(connection, ids[:1])
            connection.execute("DELETE FROM credited WHERE track_id = ?", (ids[1],))
            connection.execute("DELETE FROM track_genres WHERE track_id = ?", (ids[1],))
            connection.execute("UPDATE tracks SET album = '' WHERE id = ?", (ids[1],))
        run(store)
        assert set(stored(store, Modality.GRAPH, GRAPH_ENCODER)) == {*ids} - {ids[1]}


def test_vector_of_another_encoder_is_replaced(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = put_songs(store, *songs(40, artists=4))
        run(store)
        before = stored(store, Modality.GRAPH, GRAPH_ENCODER)
        with store.writing() as connection:
            connection.execute("UPDATE vectors SET encoder = 'randne-hash@0', vector = zeroblob(256)")
        run(store)
        assert stored(store, Modality.GRAPH, GRAPH_ENCODER) == before
        assert set(before) == set(ids)

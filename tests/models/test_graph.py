from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders.graph import ORDERS, graph_vectors
from models.encoders.hashing import seeded_gaussians
from models.errors import ModelError

Edges = dict[str, Any]


def library(tracks: NDArray[np.int64], *, artists: int = 60, genres: int = 8) -> tuple[list[str | None], Edges]:
    """A graph of tracks, each by one of the artists and of the artist's genre; the numbers decide who made which."""
    keys: list[str | None] = [None] * len(tracks)
    keys += [f"artist\0{i}" for i in range(artists)] + [f"genre\0{i}" for i in range(genres)]
    made_by = tracks % artists
    sources = np.tile(np.arange(len(tracks)), 2)
    targets = np.concatenate([len(tracks) + made_by, len(tracks) + artists + made_by % genres])
    weights = np.repeat([1.0, 0.5], len(tracks)).astype(np.float32)
    return keys, {"sources": sources, "targets": targets, "weights": weights}


def naive(keys: list[str | None], edges: Edges, dimension: int) -> NDArray[np.float64]:
    adjacency = np.zeros((len(keys), len(keys)))
    for source, target, weight in zip(edges["sources"], edges["targets"], edges["weights"], strict=True):
        if source != target:
            adjacency[source, target] += weight
            adjacency[target, source] += weight
    sums = adjacency.sum(axis=1, keepdims=True)
    walk = np.divide(adjacency, sums, out=np.zeros_like(adjacency), where=sums > 0)
    base = seeded_gaussians(keys, dimension=dimension).astype(np.float64)
    total = sum(w * np.linalg.matrix_power(walk, k) @ base for k, w in enumerate(ORDERS)) * (sums > 0)
    lengths = np.linalg.norm(total, axis=1, keepdims=True)
    return np.asarray(np.divide(total, lengths, out=np.zeros_like(total), where=lengths > 0))


def test_equals_the_dense_definition() -> None:
    keys, edges = library(np.arange(30), artists=7)
    # A loop, a repeated edge and one in the other direction.
    edges = {
        "sources": np.append(edges["sources"], [3, 0, 31]),
        "targets": np.append(edges["targets"], [3, 30, 2]),
        "weights": np.append(edges["weights"], [5.0, 2.0, 1.0]),
    }
    vectors, present = graph_vectors(keys, **edges, dimension=20)
    np.testing.assert_allclose(vectors, naive(keys, edges, 20), atol=1e-5)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors[present], axis=1), 1, atol=1e-6)


def test_rescan_is_identical_and_order_of_edges_does_not_matter() -> None:
    keys, edges = library(np.arange(300))
    first, _ = graph_vectors(keys, **edges)
    again, _ = graph_vectors(keys, **edges)
    np.testing.assert_array_equal(first, again)
    shuffled = np.random.default_rng(1).permutation(len(edges["sources"]))
    other, _ = graph_vectors(keys, **{name: values[shuffled] for name, values in edges.items()})
    np.testing.assert_allclose(first, other, atol=1e-6)


def test_a_twentieth_more_tracks_barely_moves_the_old_ones() -> None:
    rng = np.random.default_rng(2)
    tracks = rng.integers(0, 10_000, 2000)
    before, _ = graph_vectors(library(tracks[:1900])[0], **library(tracks[:1900])[1])
    after, _ = graph_vectors(library(tracks)[0], **library(tracks)[1])
    cosines = (before[:1900] * after[:1900]).sum(axis=1)
    assert cosines.min() > 0.99


def test_two_libraries_agree_on_what_they_share() -> None:
    tracks = np.random.default_rng(3).integers(0, 10_000, 1000)
    one, _ = graph_vectors(library(tracks[:500])[0], **library(tracks[:500])[1])
    two, _ = graph_vectors(library(tracks[500:])[0], **library(tracks[500:])[1])
    shared = (one[500:] * two[500:]).sum(axis=1)
    strangers = one[500:560] @ two[500:560].T
    assert shared.min() > 0.9
    assert np.median(strangers[~np.eye(60, dtype=bool)]) < 0.5


def test_tracks_of_one_artist_stand_together() -> None:
    keys, edges = library(np.arange(600))
    vectors, _ = graph_vectors(keys, **edges)
    cosines = vectors[:600] @ vectors[:600].T
    same = np.equal.outer(np.arange(600) % 60, np.arange(600) % 60)
    assert cosines[same].min() > cosines[~same].max()


def test_isolated_nodes_are_masked() -> None:
    keys: list[str | None] = [None, None, "artist\0a", "artist\0lonely"]
    vectors, present = graph_vectors(keys, sources=np.array([0]), targets=np.array([2]), weights=np.array([1.0]))
    assert present.tolist() == [True, False, True, False]
    assert not vectors[~present].any()
    # Two unnamed nodes that know only each other stand nowhere.
    _, nowhere = graph_vectors([None, None], sources=np.array([0]), targets=np.array([1]), weights=np.array([1.0]))
    assert not nowhere.any()


@pytest.mark.parametrize("count", [0, 3])
def test_no_edges_no_vectors(count: int) -> None:
    none = np.array([], dtype=np.int64)
    keys: list[str | None] = ["x"] * count
    vectors, present = graph_vectors(keys, sources=none, targets=none, weights=np.array([]))
    assert vectors.shape == (count, 128)
    assert not present.any()


@pytest.mark.parametrize(
    ("source", "target", "weights"),
    [(0, 2, [1.0]), (-1, 0, [1.0]), (0, 1, [0.0]), (0, 1, [-1.0]), (0, 1, [np.nan]), (0, 1, [1.0, 1.0])],
)
def test_edges_that_cannot_be_are_refused(source: int, target: int, weights: list[float]) -> None:
    with pytest.raises(ModelError):
        graph_vectors(["a", "b"], sources=np.array([source]), targets=np.array([target]), weights=np.array(weights))

"""One more node in a graph that stays as it is: the dense definition, and the vector of a node that is tied alike."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders.graph import ORDERS, graph_vectors, placed_vector
from models.encoders.hashing import seeded_gaussians
from models.errors import ModelError
from tests.models.test_graph import Edges, library


def naive(
    keys: list[str | None], edges: Edges, neighbours: NDArray[np.int64], ties: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Walk from a new last node through the dense graph; only nodes without other edges lead back to it."""
    count = len(keys)
    adjacency = np.zeros((count + 1, count + 1))
    for source, target, weight in zip(edges["sources"], edges["targets"], edges["weights"], strict=True):
        adjacency[source, target] += weight
        adjacency[target, source] += weight
    alone = adjacency[:count].sum(axis=1) == 0
    for node, weight in zip(neighbours, ties, strict=True):
        adjacency[count, node] += weight
        if alone[node]:
            adjacency[node, count] = 1.0
    sums = adjacency.sum(axis=1, keepdims=True)
    walk = np.divide(adjacency, sums, out=np.zeros_like(adjacency), where=sums > 0)
    base = seeded_gaussians([*keys, None], dimension=128).astype(np.float64)
    total = sum(w * np.linalg.matrix_power(walk, k)[count] @ base for k, w in enumerate(ORDERS))
    return np.asarray(total / np.linalg.norm(total))


def test_equals_the_dense_definition_with_names_that_the_graph_does_not_know() -> None:
    keys, edges = library(np.arange(30), artists=7)
    keys += ["artist\0new", "album\0new"]
    neighbours = np.array([30, 32, 38, len(keys) - 2, len(keys) - 1, 30])
    ties = np.array([1.0, 0.7, 0.3, 0.5, 0.8, 0.25])
    placed = placed_vector(keys, **edges, neighbours=neighbours, ties=ties)
    assert placed is not None
    np.testing.assert_allclose(placed, naive(keys, edges, neighbours, ties), atol=1e-6)
    assert np.linalg.norm(placed) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("track", [0, 3, 29])
def test_tied_as_a_node_is_it_gets_the_vector_of_that_node(track: int) -> None:
    keys, edges = library(np.arange(30), artists=7)
    vectors, _ = graph_vectors(keys, **edges)
    mine = edges["sources"] == track
    placed = placed_vector(keys, **edges, neighbours=edges["targets"][mine], ties=edges["weights"][mine])
    assert placed is not None
    np.testing.assert_allclose(placed, vectors[track], atol=1e-6)


def test_without_a_direction_in_reach_it_has_no_place() -> None:
    keys, edges = library(np.arange(4), artists=2)
    nothing = np.zeros(0, np.int64)
    assert placed_vector(keys, **edges, neighbours=nothing, ties=np.zeros(0)) is None
    lonely: Edges = {"sources": nothing, "targets": nothing, "weights": np.zeros(0)}
    assert placed_vector([None, None], **lonely, neighbours=np.array([1]), ties=np.ones(1)) is None


@pytest.mark.parametrize(("node", "weight"), [(-1, 1.0), (99, 1.0), (0, 0.0), (0, float("nan")), (0, -1.0)])
def test_ties_that_cannot_be_are_refused(node: int, weight: float) -> None:
    keys, edges = library(np.arange(4), artists=2)
    with pytest.raises(ModelError):
        placed_vector(keys, **edges, neighbours=np.array([node]), ties=np.array([weight]))

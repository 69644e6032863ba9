"""Place the nodes of the artist, album and genre graph: hash-seeded RandNE."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from models.encoders.hashing import seeded_gaussians
from models.errors import ModelError

GRAPH_DIMENSION = 128

ORDERS = (0.5, 0.5, 0.25, 0.5, 0.25)
"""Weights of a node's own direction, of its neighbours', of theirs, and so on. A track has no direction of its own and
stands by its odd orders: the first is who made it, the third brings in the artists, albums and genres of tracks like
it. On the graph of the Fairouz data, finding an artist's other albums for tracks whose own artist edge is taken away,
nDCG@10 is .253 with the third order and .105 without; tracks with directions of their own reach .194 and .064."""

COLUMNS_AT_ONCE = 16
"""Columns smoothed at a time: at a million nodes, 64 MB for each of the three arrays in use."""


def graph_vectors(
    keys: Sequence[str | None],
    *,
    sources: NDArray[np.integer[Any]],
    targets: NDArray[np.integer[Any]],
    weights: NDArray[np.floating],
    dimension: int = GRAPH_DIMENSION,
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    r"""Embed the nodes of an undirected weighted graph: float32 [nodes, dimension], unit rows, and bool [nodes].

    `keys` names every node so that another library names it alike ("artist\0fairouz"); None for a node, such as
    a track, that is nothing but its neighbours. The edges are three arrays of one length; one edge in either
    direction, repeated ones add up, loops count for nothing. A node's direction is drawn from its key's hash and
    smoothed over the row-normalised adjacency, so a rescan gives the same vectors, a few more tracks barely move them,
    and two libraries agree on what they share. The mask is False, and the row zero, for a node without edges (or
    without any named node in reach). Raises ModelError for edges that name no node, or weights that are not finite
    and positive.

    Zhang, Cui, Li, Wang and Zhu, "Billion-scale network embedding with iterative random projection", 2018 (RandNE); the
    directions are hashed instead of drawn and orthogonalised together, which makes it inductive.
    """
    columns = graph_columns(keys, sources=sources, targets=targets, weights=weights, dimension=dimension)
    return unit_vectors(np.hstack([np.zeros((len(keys), 0), np.float32), *columns]))


def graph_columns(
    keys: Sequence[str | None],
    *,
    sources: NDArray[np.integer[Any]],
    targets: NDArray[np.integer[Any]],
    weights: NDArray[np.floating],
    dimension: int = GRAPH_DIMENSION,
) -> Iterator[NDArray[np.float32]]:
    """Yield the vectors of `graph_vectors` before they are brought to length one, a few columns [nodes, 16] at a time.

    For graphs whose vectors should not be held at once: a million nodes take 64 MB for each of three arrays, and what
    the keys draw. Raises ModelError as `graph_vectors` does.
    """
    adjacency = row_normalised(len(keys), sources=sources, targets=targets, weights=weights)
    named = np.array([row for row, key in enumerate(keys) if key is not None], np.int64)
    directions = seeded_gaussians([key for key in keys if key is not None], dimension=dimension)
    tied = np.diff(adjacency.indptr) > 0
    for start in range(0, dimension, COLUMNS_AT_ONCE):
        drawn = directions[:, start : start + COLUMNS_AT_ONCE]
        columns = np.zeros((len(keys), drawn.shape[1]), np.float32)
        columns[named] = drawn
        columns = smoothed(columns, adjacency)
        columns[~tied] = 0
        yield columns


def unit_vectors(vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Bring rows [n, d] to length one, in place; also tell which are not zero, bool [n]."""
    lengths = np.linalg.norm(vectors, axis=1)
    present = lengths > 0
    vectors[present] /= lengths[present, None]
    return vectors, present


def placed_vector(
    keys: Sequence[str | None],
    *,
    sources: NDArray[np.integer[Any]],
    targets: NDArray[np.integer[Any]],
    weights: NDArray[np.floating],
    neighbours: NDArray[np.integer[Any]],
    ties: NDArray[np.floating],
    dimension: int = GRAPH_DIMENSION,
) -> NDArray[np.float32] | None:
    """Place one more node without a key of its own into a graph that stays as it is: float32 [dimension], unit length.

    The graph is given as to `graph_vectors`; the node has an edge of weight `ties[i]` to node `neighbours[i]`. It walks
    into the graph and nothing walks back to it, but from a node without other edges, which only it has: tied as some
    node of the graph is, it gets that node's vector. None when it is tied to nothing that has a direction in reach.
    Raises ModelError as `graph_vectors` does.
    """
    adjacency = row_normalised(len(keys), sources=sources, targets=targets, weights=weights)
    checked_edges(len(keys), np.zeros(len(neighbours), np.int64), neighbours, ties)
    step = np.bincount(neighbours, weights=ties, minlength=len(keys)) / max(float(ties.sum()), np.finfo(float).tiny)
    alone = np.diff(adjacency.indptr) == 0
    place, at_home = step, 0.0
    reached = ORDERS[1] * place
    for order in ORDERS[2:]:
        place, at_home = adjacency.T @ place + at_home * step, float(place[alone].sum())
        reached = reached + order * place
    met = [int(i) for i in np.flatnonzero(reached) if keys[int(i)] is not None]
    vector = reached[met] @ seeded_gaussians([keys[i] for i in met], dimension=dimension)
    length = np.linalg.norm(vector)
    return (vector / length).astype(np.float32) if length > 0 else None


def smoothed(columns: NDArray[np.float32], adjacency: Any) -> NDArray[np.float32]:
    """Sum the orders of the walk over a few columns [nodes, c]."""
    total = ORDERS[0] * columns
    for order in ORDERS[1:]:
        columns = adjacency @ columns
        total += np.float32(order) * columns
    return total


def row_normalised(
    count: int,
    *,
    sources: NDArray[np.integer[Any]],
    targets: NDArray[np.integer[Any]],
    weights: NDArray[np.floating],
) -> Any:
    """Build the adjacency as float32 CSR [count, count]; each row with edges sums to one."""
    checked_edges(count, sources, targets, weights)
    keep = sources != targets
    rows, columns, values = sources[keep], targets[keep], weights[keep].astype(np.float64)
    ends = (np.concatenate([rows, columns]), np.concatenate([columns, rows]))
    matrix = sparse.csr_array((np.concatenate([values, values]), ends), shape=(count, count))
    matrix.sort_indices()
    sums = np.repeat(matrix.sum(axis=1), np.diff(matrix.indptr))
    matrix.data = matrix.data / sums
    return matrix.astype(np.float32)


def checked_edges(
    count: int, sources: NDArray[np.integer[Any]], targets: NDArray[np.integer[Any]], weights: NDArray[np.floating]
) -> None:
    """Raise ModelError for edges that cannot be: unequal lengths, unknown nodes, weights that are not positive."""
    if not len(sources) == len(targets) == len(weights):
        raise ModelError(
            f"{len(sources)} sources, {len(targets)} targets and {len(weights)} weights: pass one each an edge"
        )
    for ends in (sources, targets):
        if len(ends) and not (int(ends.min()) >= 0 and int(ends.max()) < count):
            raise ModelError(f"an edge names a node outside 0..{count - 1}: rebuild the graph")
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ModelError("an edge has a weight that is not positive and finite: rebuild the graph")

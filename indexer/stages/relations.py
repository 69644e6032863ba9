"""Place all tracks by the graph and by the playlists they stand in; vectors are stored where they moved."""

import tempfile
from hashlib import blake2b
from typing import IO, TYPE_CHECKING

import numpy as np

from indexer.fold import fold
from indexer.progress import Pace, Progress
from indexer.storing.graph_rows import edge_table, tie_numbers, track_nodes
from indexer.storing.vectors import drop_vectors, put_vectors
from models.encoders.collaborative import collaborative_vectors
from models.encoders.graph import GRAPH_DIMENSION, graph_columns, unit_vectors
from models.encoders.names import COLLABORATIVE_ENCODER, GRAPH_ENCODER
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from indexer.storing.store import Store

    Vectors = tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.bool_]]
    """Track ids [n] by rising id, vectors [n, d] of unit length, and which of the tracks have one."""

MOVED = 0.01
"""A stored vector stays while it lies within this of the present one, both of length one (a cosine above .99995). Every
change of the library moves every vector by a hair, and what is stored anew has to be placed anew."""
_ROWS_AT_ONCE = 4096


def embed_relations(store: "Store") -> "Iterator[Progress]":
    """Embed all tracks by the stored graph and by the playlists they stand in."""
    pace = Pace("relations", 2)
    _keep(store, Modality.GRAPH, GRAPH_ENCODER, graph_batches(store))
    yield pace.advance()
    _keep(store, Modality.PLAYLISTS, COLLABORATIVE_ENCODER, [_by_playlists(store.connection)])
    yield pace.advance()


def graph_batches(store: "Store") -> "Iterator[Vectors]":
    """Yield the graph vectors of the tracks, some thousand at a time; on the way they lie in a file without a name."""
    tracks = track_nodes(store.connection)
    names, sources, targets, weights = _graph(store.connection, tracks)
    # Names have numbers below zero, tracks above: in this order all rise.
    numbers = np.concatenate([np.fromiter(names, np.int64, len(names)), tracks])
    columns = graph_columns(
        [*names.values(), *[None] * len(tracks)],
        sources=np.searchsorted(numbers, sources),
        targets=np.searchsorted(numbers, targets),
        weights=weights,
    )
    with tempfile.TemporaryFile(dir=store.library) as file:
        widths = []
        for part in columns:
            file.write(part[len(names) :].tobytes())
            widths.append(part.shape[1])
        for start in range(0, len(tracks), _ROWS_AT_ONCE):
            ids = tracks[start : start + _ROWS_AT_ONCE]
            yield ids, *unit_vectors(_row_batch(file, widths, start, len(ids), len(tracks)))


def _row_batch(file: IO[bytes], widths: list[int], start: int, count: int, total: int) -> "NDArray[np.float32]":
    """Read some rows of a table that was written a few columns of all rows at a time."""
    vectors = np.empty((count, GRAPH_DIMENSION), np.float32)
    for column, width in zip(np.cumsum([0, *widths]), widths, strict=False):
        file.seek(4 * (int(column) * total + start * width))
        part = np.frombuffer(file.read(4 * count * width), np.float32)
        vectors[:, column : column + width] = part.reshape(count, width)
    return vectors


def _graph(
    connection: "sqlite3.Connection", tracks: "NDArray[np.int64]"
) -> "tuple[dict[int, str], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]":
    """Return the keys of all nodes but tracks by rising number, and the edges of `tracks` and names as columns.

    Playlists have a modality of their own and would otherwise count twice.
    """
    query = "SELECT id, kind, key FROM nodes WHERE kind != 'playlist' ORDER BY id"
    names = {number: f"{kind}\0{key}" for number, kind, key in connection.execute(query)}
    ties = tie_numbers(connection)
    weights = np.zeros(1 + max(ties.values(), default=0), np.float32)
    for (kind, weight, _), number in ties.items():
        weights[number] = 0 if kind == "playlist" else weight
    edges = edge_table(connection)
    edges = edges[(weights[edges["tie"]] > 0) & ((edges["source"] < 0) | np.isin(edges["source"], tracks))]
    return names, edges["source"], edges["target"], weights[edges["tie"]]


def _by_playlists(connection: "sqlite3.Connection") -> "Vectors":
    """Return the vectors of the tracks that stand in some playlist."""
    count = connection.execute("SELECT count(*) FROM tracks WHERE missing_since IS NULL").fetchone()[0]
    query = (
        "SELECT DISTINCT e.track_id, p.name FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id "
        "JOIN tracks t ON t.id = e.track_id WHERE t.missing_since IS NULL"
    )
    members = connection.execute(query).fetchall()
    ids, rows = np.unique(np.array([track_id for track_id, _ in members], np.int64), return_inverse=True)
    vectors, present = collaborative_vectors(
        rows,
        playlists=[fold(name) for _, name in members],
        weights=np.ones(len(members)),
        count=len(ids),
        among=count,
    )
    return ids, vectors, present


def _keep(store: "Store", modality: Modality, encoder: str, batches: "Iterable[Vectors]") -> None:
    """Store the vectors that have moved, a transaction a batch, and forget those of present tracks that have none."""
    have = _stored_ids(store.connection, modality)
    kept = []
    for ids, vectors, present in batches:
        kept.append(ids[present])
        changed = _moved(store.connection, modality, encoder, ids, vectors) & present
        if changed.any():
            hashes = [blake2b(row.tobytes(), digest_size=16).hexdigest() for row in vectors[changed]]
            with store.writing() as connection:
                put_vectors(
                    connection, modality, encoder, zip(ids[changed].tolist(), hashes, vectors[changed], strict=True)
                )
    lost = np.setdiff1d(have, np.concatenate([np.zeros(0, np.int64), *kept]))
    if len(lost):
        with store.writing() as connection:
            drop_vectors(connection, modality, lost.tolist())


def _stored_ids(connection: "sqlite3.Connection", modality: Modality) -> "NDArray[np.int64]":
    query = (
        "SELECT v.track_id FROM vectors v JOIN tracks t ON t.id = v.track_id "
        "WHERE v.modality = ? AND t.missing_since IS NULL"
    )
    return np.fromiter((row[0] for row in connection.execute(query, (modality.value,))), np.int64)


def _moved(
    connection: "sqlite3.Connection",
    modality: Modality,
    encoder: str,
    ids: "NDArray[np.int64]",
    vectors: "NDArray[np.float32]",
) -> "NDArray[np.bool_]":
    """Tell which vectors are not stored yet, or lie further from the stored ones than MOVED."""
    moved = np.ones(len(ids), np.bool_)
    if not len(ids):
        return moved
    # The plus signs: SQLite would look for the encoder first, all of whose vectors it would go through for each batch.
    query = (
        "SELECT track_id, vector FROM vectors WHERE track_id BETWEEN ? AND ? AND +modality = ? AND +encoder = ? "
        "AND dimension = ?"
    )
    bounds = (int(ids[0]), int(ids[-1]), modality.value, encoder, vectors.shape[1])
    rows = connection.execute(query, bounds).fetchall()
    stored = np.array([row[0] for row in rows], np.int64)
    before = np.frombuffer(b"".join(row[1] for row in rows), np.float16).reshape(-1, vectors.shape[1])
    known = np.isin(stored, ids)
    places = np.searchsorted(ids, stored[known])
    moved[places] = ~(np.linalg.norm(vectors[places] - before[known], axis=1) <= MOVED)
    return moved

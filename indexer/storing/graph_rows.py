"""Keep the graph's nodes and edges: read them as columns, and write only what another graph changes of them.

A track's node is its id and has no row; the other nodes have numbers below zero. An edge is two ends and the number of
a tie: its kind, weight and provenance, which thousands of edges have in common.
"""

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.storing.store import Store

Tie = tuple[str, float, str]
"""Kind, weight and provenance of edges."""


class EdgeColumns:
    """Undirected edges as columns, each once: 20 bytes an edge where a tuple would take some 300."""

    def __init__(self, ties: dict[Tie, int]) -> None:
        """Begin without edges; `ties` are the numbers of the stored ties and get those of new ones."""
        self._ties = ties
        self._next = 1 + max(ties.values(), default=0)
        self._ends, self._numbers = array("q"), array("i")

    def add(self, source: int, target: int, kind: str, weight: float, provenance: str) -> None:
        """Add an edge that is not there yet."""
        tie = (kind, weight, provenance)
        number = self._ties.get(tie)
        if number is None:
            number = self._ties[tie] = self._next
            self._next += 1
        self._ends.append(source)
        self._ends.append(target)
        self._numbers.append(number)

    def table(self) -> "NDArray[Any]":
        """Return the edges as `edge_table` does."""
        table = np.empty(len(self._numbers), _EDGE)
        ends = np.array(self._ends, np.int64).reshape(-1, 2)
        table["source"], table["target"] = ends.T
        table["tie"] = self._numbers
        return table[np.lexsort((table["tie"], table["target"], table["source"]))]


_EDGE = np.dtype([("source", np.int64), ("target", np.int64), ("tie", np.int32)])
_SOURCES_AT_ONCE = 1 << 14


def edge_table(connection: "sqlite3.Connection") -> "NDArray[Any]":
    """Return the stored edges, source, target and number of the tie, in this order: a structured array."""
    rows = connection.cursor()
    rows.row_factory = None
    rows.execute("SELECT source, target, tie_id FROM tied ORDER BY source, target, tie_id")
    return np.fromiter(rows, _EDGE)


def tie_numbers(connection: "sqlite3.Connection") -> dict[Tie, int]:
    """Return the numbers of the stored ties."""
    query = "SELECT id, kind, weight, provenance FROM ties"
    return {(kind, weight, provenance): number for number, kind, weight, provenance in connection.execute(query)}


def node_numbers(connection: "sqlite3.Connection") -> dict[tuple[str, str], int]:
    """Return the numbers of all nodes but tracks, by kind and key."""
    return {(kind, key): number for number, kind, key in connection.execute("SELECT id, kind, key FROM nodes")}


def track_nodes(connection: "sqlite3.Connection") -> "NDArray[np.int64]":
    """Return the ids of the tracks in the graph, which are all that are present, rising."""
    rows = connection.execute("SELECT id FROM tracks WHERE missing_since IS NULL ORDER BY id")
    return np.fromiter((row[0] for row in rows), np.int64)


def put_graph(
    store: "Store", names: "Mapping[tuple[str, str], tuple[int, str]]", edges: "NDArray[Any]", ties: "Mapping[Tie, int]"
) -> bool:
    """Make the stored graph this one, in a single transaction of what differs; tell whether anything did.

    names : number and name of every node but tracks, by kind and key.
    edges : as `edge_table`, `ties` telling the numbers of their ties.
    """
    gone, fresh = _difference(edge_table(store.connection), edges)
    last = store.connection.execute("SELECT coalesce(min(id), 0) FROM nodes").fetchone()[0]
    lost, renamed = _changed_names(store.connection, names)
    new = sorted((number, *node, name) for node, (number, name) in names.items() if number < last)
    if not (len(gone) or len(fresh) or lost or renamed or new):
        return False
    unused, met = _changed_ties(store.connection, np.unique(edges["tie"]), ties)
    with store.writing() as connection:
        # Edges first: the cascade would look for them.
        connection.executemany("DELETE FROM tied WHERE (source, target, tie_id) = (?, ?, ?)", gone.tolist())
        connection.executemany("DELETE FROM ties WHERE id = ?", unused)
        connection.executemany("DELETE FROM nodes WHERE id = ?", lost)
        connection.executemany("UPDATE nodes SET name = ? WHERE id = ?", renamed)
        connection.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?)", new)
        connection.executemany("INSERT INTO ties VALUES (?, ?, ?, ?)", met)
        connection.executemany("INSERT INTO tied VALUES (?, ?, ?)", fresh.tolist())
    return True


def _changed_names(
    connection: "sqlite3.Connection", names: "Mapping[tuple[str, str], tuple[int, str]]"
) -> tuple[list[tuple[int]], list[tuple[str, int]]]:
    """Return the numbers of stored nodes that are not in `names`, and (name, number) of those with another name."""
    lost, renamed = [], []
    for number, kind, key, name in connection.execute("SELECT id, kind, key, name FROM nodes"):
        _, now = names.get((kind, key), (0, None))
        if now is None:
            lost.append((number,))
        elif now != name:
            renamed.append((now, number))
    return lost, renamed


def _changed_ties(
    connection: "sqlite3.Connection", used: "NDArray[np.int32]", ties: "Mapping[Tie, int]"
) -> tuple[list[tuple[int]], list[tuple[int, str, float, str]]]:
    """Return the numbers of stored ties that no edge has any more, and the rows of those that are not stored yet."""
    in_use = set(used.tolist())
    stored = {row[0] for row in connection.execute("SELECT id FROM ties")}
    met = ((number, *tie) for tie, number in ties.items() if number in in_use and number not in stored)
    return [(number,) for number in stored - in_use], sorted(met)


def _difference(before: "NDArray[Any]", after: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    """Return the edges of `before` that are not in `after`, and those of `after` that were not before.

    Both are in order, each edge once; they are compared some thousand sources at a time.
    """
    tables = (before, after)
    first = min(int(edges["source"].min(initial=0)) for edges in tables)
    last = max(int(edges["source"].max(initial=0)) for edges in tables)
    gone, fresh = [before[:0]], [after[:0]]
    for start in range(first, last + 1, _SOURCES_AT_ONCE):
        bounds = [start, start + _SOURCES_AT_ONCE]
        parts = (edges[slice(*np.searchsorted(edges["source"], bounds))] for edges in tables)
        lost, new = _difference_of_part(*parts)
        gone.append(lost)
        fresh.append(new)
    return np.concatenate(gone), np.concatenate(fresh)


def _difference_of_part(before: "NDArray[Any]", after: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    both = np.concatenate([before, after])
    order = np.lexsort((both["tie"], both["target"], both["source"]))
    ordered = both[order]
    alone = np.ones(len(both), np.bool_)
    twins = ordered[:-1] == ordered[1:]
    alone[:-1] &= ~twins
    alone[1:] &= ~twins
    is_before = order < len(before)
    return ordered[alone & is_before], ordered[alone & ~is_before]

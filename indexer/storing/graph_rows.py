"""Keep the graph's nodes and edges: read them as columns, and write only what another graph changes of them."""

from array import array
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from indexer.storing.store import Store


class EdgeColumns:
    """Undirected edges as columns, each once: 29 bytes an edge where a tuple would take some 300."""

    def __init__(self, texts: dict[str, int]) -> None:
        self._texts = texts
        """Kinds and provenances by number, in common with the columns that these are compared with."""
        self._ends, self._kinds, self._weights, self._provenances = array("q"), array("i"), array("d"), array("i")

    def add(self, source: int, target: int, kind: str, weight: float, provenance: str) -> None:
        """Add an edge that is not there yet."""
        self._ends.append(source)
        self._ends.append(target)
        self._kinds.append(self._texts.setdefault(kind, len(self._texts)))
        self._weights.append(weight)
        self._provenances.append(self._texts.setdefault(provenance, len(self._texts)))

    def __len__(self) -> int:
        """Return the number of edges."""
        return len(self._weights)

    def table(self) -> "NDArray[Any]":
        """Return the edges in the order of source, target and kind, a structured array; the columns are empty then."""
        table = np.empty(len(self), _EDGE)
        ends = np.frombuffer(self._ends, np.int64).reshape(-1, 2) if self._ends else np.zeros((0, 2), np.int64)
        table["source"], table["target"] = ends.T
        columns: dict[str, array[Any]] = {"kind": self._kinds, "weight": self._weights, "provenance": self._provenances}
        for name, column in columns.items():
            table[name] = np.array(column)
            del column[:]
        del ends
        self._ends = array("q")
        return table[np.lexsort((table["kind"], table["target"], table["source"]))]


_EDGE = np.dtype(
    [("source", np.int64), ("target", np.int64), ("kind", np.int32), ("weight", np.float64), ("provenance", np.int32)]
)
_ENDS = ["source", "target", "kind"]
_SOURCES_AT_ONCE = 1 << 14


def edge_table(connection: "sqlite3.Connection", texts: dict[str, int]) -> "NDArray[Any]":
    """Return the stored edges as `EdgeColumns.table` does."""
    columns = EdgeColumns(texts)
    for row in connection.execute("SELECT source, target, kind, weight, provenance FROM edges"):
        columns.add(*row)
    return columns.table()


def named_numbers(connection: "sqlite3.Connection") -> dict[tuple[str, str], int]:
    """Return the numbers of all nodes but tracks, by kind and key."""
    query = "SELECT id, kind, key FROM nodes WHERE kind != 'track'"
    return {(kind, key): number for number, kind, key in connection.execute(query)}


def track_numbers(connection: "sqlite3.Connection") -> "NDArray[np.int64]":
    """Return track id and node number of the tracks in the graph, by rising id: int64 [n, 2]."""
    numbers = array("q")
    for row in connection.execute("SELECT track_id, id FROM nodes WHERE track_id IS NOT NULL ORDER BY track_id"):
        numbers.extend(row)
    return np.array(numbers, np.int64).reshape(-1, 2)


def put_graph(
    store: "Store",
    names: "Mapping[tuple[str, str], tuple[int, str]]",
    tracks: "NDArray[np.int64]",
    edges: "NDArray[Any]",
    texts: dict[str, int],
) -> bool:
    """Make the stored graph this one, in a single transaction of what differs; tell whether anything did.

    names : number and name of every node but tracks, by kind and key.
    tracks : track id and node number, int64 [n, 2].
    edges : as `EdgeColumns.table`, `texts` naming its kinds and provenances.
    """
    gone, fresh = _difference(edge_table(store.connection, texts), edges)
    last = store.connection.execute("SELECT coalesce(max(id), 0) FROM nodes").fetchone()[0]
    lost, renamed = _named_changes(store.connection, names)
    known = track_numbers(store.connection)
    lost += known[np.isin(known[:, 0], tracks[:, 0], invert=True), 1].tolist()
    renamed += store.connection.execute(
        "SELECT t.title, n.id FROM nodes n JOIN tracks t ON t.id = n.track_id WHERE n.name != t.title"
    ).fetchall()
    new = [(number, *node, name) for node, (number, name) in names.items() if number > last]
    new_tracks = tracks[tracks[:, 1] > last].tolist()
    if not (len(gone) or len(fresh) or lost or renamed or new or new_tracks):
        return False
    kinds = list(texts)
    with store.writing() as connection:
        # Edges first: the cascade would look for them.
        connection.executemany(
            "DELETE FROM edges WHERE source = ? AND target = ? AND kind = ?",
            ((int(e["source"]), int(e["target"]), kinds[e["kind"]]) for e in gone),
        )
        connection.executemany("DELETE FROM nodes WHERE id = ?", ((number,) for number in lost))
        connection.executemany("UPDATE nodes SET name = ? WHERE id = ?", renamed)
        connection.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, NULL)", new)
        connection.executemany(
            "INSERT INTO nodes SELECT ?2, 'track', id, title, id FROM tracks WHERE id = ?1", new_tracks
        )
        connection.executemany("INSERT OR REPLACE INTO edges VALUES (?, ?, ?, ?, ?)", _rows(fresh, kinds))
    return True


def _named_changes(
    connection: "sqlite3.Connection", names: "Mapping[tuple[str, str], tuple[int, str]]"
) -> tuple[list[int], list[tuple[str, int]]]:
    """Return the numbers of stored nodes that are not in `names`, and (name, number) of those with another name."""
    lost, renamed = [], []
    for number, kind, key, name in connection.execute("SELECT id, kind, key, name FROM nodes WHERE kind != 'track'"):
        _, now = names.get((kind, key), (0, None))
        if now is None:
            lost.append(number)
        elif now != name:
            renamed.append((now, number))
    return lost, renamed


def _rows(edges: "NDArray[Any]", texts: list[str]) -> "Iterable[tuple[int, int, str, float, str]]":
    for edge in edges:
        source, target, kind, weight, provenance = edge.item()
        yield source, target, texts[kind], weight, texts[provenance]


def _difference(before: "NDArray[Any]", after: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    """Return the edges of `before` whose ends and kind are not in `after`, and those of `after` that are not as before.

    Both are in the order of their ends and kind, each edge once; they are compared some thousand sources at a time.
    """
    last = max(int(edges["source"].max(initial=0)) for edges in (before, after))
    gone, fresh = [before[:0]], [after[:0]]
    for first in range(0, last + 1, _SOURCES_AT_ONCE):
        bounds = [first, first + _SOURCES_AT_ONCE]
        parts = (edges[slice(*np.searchsorted(edges["source"], bounds))] for edges in (before, after))
        lost, new = _difference_of_part(*parts)
        gone.append(lost)
        fresh.append(new)
    return np.concatenate(gone), np.concatenate(fresh)


def _difference_of_part(before: "NDArray[Any]", after: "NDArray[Any]") -> "tuple[NDArray[Any], NDArray[Any]]":
    both = np.concatenate([before, after])
    order = np.lexsort((both["kind"], both["target"], both["source"]))  # stable: before stands before after
    ends = both[order]
    twin = np.zeros(len(both), np.bool_)  # the next is the same edge
    twin[:-1] = np.logical_and.reduce([ends[name][:-1] == ends[name][1:] for name in _ENDS])
    same = twin.copy()
    same[:-1] &= (ends["weight"][:-1] == ends["weight"][1:]) & (ends["provenance"][:-1] == ends["provenance"][1:])
    is_before = order < len(before)
    as_before = np.zeros(len(both), np.bool_)
    as_before[1:] = same[:-1]
    return ends[is_before & ~twin], ends[~is_before & ~as_before]

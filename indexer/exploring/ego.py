"""Look around from one node of the graph: who and what it is tied to, and the way to another node."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.exploring.graph_path import shortest_path
from indexer.fold import fold

if TYPE_CHECKING:
    import sqlite3

MOST = 30
"""Neighbours listed of each kind, the strongest first."""
KINDS = ("artist", "album", "genre", "playlist", "track")
_FOUND = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A node: a track by its id, anything else by its number below zero."""

    id: int
    kind: str
    """"track", "artist", "album", "genre" or "playlist"."""
    name: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node that the one in the middle is tied to."""

    node: Node
    via: str
    """What ties the two: a role or a joint credit and where it was read, or "" where only tracks do."""
    tracks: int
    """In common; 0 where none is (an album artist), 1 between a track and what it hangs on."""


@dataclass(frozen=True, slots=True)
class Group:
    """The neighbours of one kind."""

    kind: str
    neighbours: tuple[Neighbour, ...]
    """Most tracks in common first, up to MOST."""
    count: int
    """How many there are in all."""


@dataclass(frozen=True, slots=True)
class Ego:
    """A node and what is around it."""

    centre: Node
    tracks: int
    """That hang on it; 1 for a track."""
    groups: tuple[Group, ...]
    """In the order of KINDS, none empty."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node on the way, and what led there; "" for the first."""

    node: Node
    via: str


def ego(connection: "sqlite3.Connection", node_id: int) -> Ego:
    """Return what a node is tied to: of a track its credits, album, genres, playlists; else what shares tracks with it.

    Raises
    ------
    IndexerError
        When there is no such node.

    """
    centre = node(connection, node_id)
    shared = {node_id: 1} if node_id > 0 else _shared(connection, node_id)
    told = _told(connection, node_id)
    others = (shared.keys() | told.keys()) - {node_id}
    named = _named(connection, [i for i in others if i < 0])
    around = [Neighbour(n, told.get(n.id, ""), shared.get(n.id, int(node_id > 0))) for n in named]
    groups = [*(_group(kind, around) for kind in KINDS[:-1]), _tracks(connection, node_id)]
    tracks = 1 if node_id > 0 else _track_count(connection, node_id)
    return Ego(centre, tracks, tuple(group for group in groups if group.count))


def node(connection: "sqlite3.Connection", node_id: int) -> Node:
    """Return a node by its number; raises IndexerError where there is none."""
    found = _named(connection, [node_id])
    if not found:
        raise IndexerError("this is not in the graph (any more): `fairouz-tui index` brings it up to date")
    return found[0]


def find_nodes(connection: "sqlite3.Connection", text: str) -> list[Node]:
    """Return up to 20 artists, albums, genres and playlists that have `text` in their names: whole names come first."""
    asked = fold(text)
    if not asked:
        return []
    rows = connection.execute("SELECT id, kind, name FROM nodes ORDER BY length(name), name")
    found = [Node(*row) for row in rows if asked in fold(row[2])]
    return sorted(found, key=lambda n: (fold(n.name) != asked, not fold(n.name).startswith(asked)))[:_FOUND]


def way(connection: "sqlite3.Connection", start: int, goal: int) -> list[Step]:
    """Return the shortest way between two nodes, both ends counted; [] when they are over six steps apart."""
    steps = shortest_path(connection, start, goal, {})
    return [Step(node(connection, i), _said(*json.loads(edge)) if edge else "") for i, edge in steps]


def _shared(connection: "sqlite3.Connection", node_id: int) -> dict[int, int]:
    """Return how many present tracks each other node has in common with this one."""
    query = (
        "SELECT other.target, count(DISTINCT own.source) FROM tied own "
        "JOIN tracks t ON t.id = own.source AND t.missing_since IS NULL "
        "JOIN tied other ON other.source = own.source WHERE own.target = ? AND other.target != ? GROUP BY 1"
    )
    return {row[0]: row[1] for row in connection.execute(query, (node_id, node_id))}


def _told(connection: "sqlite3.Connection", node_id: int) -> dict[int, str]:
    """Return what is said of the edges between this node and others that are no tracks, the heaviest of each."""
    query = (
        "SELECT target AS other, kind, provenance, weight FROM edges WHERE source = :id AND target < 0 UNION ALL "
        "SELECT source, kind, provenance, weight FROM edges WHERE target = :id AND source < 0 ORDER BY weight"
    )
    return {row[0]: _said(row[1], row[2]) for row in connection.execute(query, {"id": node_id})}


def _said(kind: str, provenance: str) -> str:
    """Return the kind of an edge, and where it comes from if that says more than the tag of that name."""
    if provenance.endswith("tag") or provenance in ("split", "folder", ""):
        return kind
    return provenance if provenance.startswith(kind) else f"{kind}, {provenance}"


def _named(connection: "sqlite3.Connection", ids: list[int]) -> list[Node]:
    query = (
        "SELECT id, kind, name FROM nodes WHERE id IN (SELECT value FROM json_each(:ids)) UNION ALL "
        "SELECT id, 'track', title FROM tracks WHERE id IN (SELECT value FROM json_each(:ids))"
    )
    return [Node(*row) for row in connection.execute(query, {"ids": json.dumps(ids)})]


def _group(kind: str, neighbours: list[Neighbour]) -> Group:
    of_kind = [n for n in neighbours if n.node.kind == kind]
    of_kind.sort(key=lambda n: (-n.tracks, not n.via, fold(n.node.name)))
    return Group(kind, tuple(of_kind[:MOST]), len(of_kind))


def _tracks(connection: "sqlite3.Connection", node_id: int) -> Group:
    """Return the tracks that hang on a node, in the order of albums; none for a track."""
    if node_id > 0:
        return Group("track", (), 0)
    query = (
        "SELECT t.id, 'track', t.title, min(e.kind), min(e.provenance) FROM edges e JOIN tracks t ON t.id = e.source "
        "WHERE e.target = ? AND e.source > 0 AND t.missing_since IS NULL "
        "GROUP BY t.id ORDER BY t.year, t.sort_album, t.disc_number, t.track_number, t.sort_title, t.id LIMIT ?"
    )
    rows = connection.execute(query, (node_id, MOST))
    found = tuple(Neighbour(Node(*row[:3]), _said(*row[3:]), 1) for row in rows)
    return Group("track", found, _track_count(connection, node_id))


def _track_count(connection: "sqlite3.Connection", node_id: int) -> int:
    query = (
        "SELECT count(DISTINCT e.source) FROM tied e JOIN tracks t ON t.id = e.source AND t.missing_since IS NULL "
        "WHERE e.target = ?"
    )
    return int(connection.execute(query, (node_id,)).fetchone()[0])

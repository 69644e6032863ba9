"""Look around from one node of the graph: who and what it is tied to, and the ways to another node.

A genre may have a third of all tracks. Of a node with more than MOST_READ tracks every second one is looked at, or
every third: its numbers are then about right, and the answer takes as long as that of a smaller one.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from indexer.errors import IndexerError
from indexer.exploring.graph_path import shortest_paths
from indexer.fold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from indexer.exploring.graph_path import Way

MOST = 30
"""Neighbours listed of each kind, the strongest first."""
MOST_READ = 10_000
"""Tracks of a node that are looked at: less than a tenth of a second."""
MOST_WAYS = 4
KINDS = ("artist", "album", "genre", "playlist", "track")


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
    tracks: int
    """In common; 0 where none is (an album artist), 1 between a track and what it hangs on."""
    via: str
    """What ties the two: a role or a joint credit and where it was read, or "" where only tracks do."""
    weight: float = 0.0
    """Of the heaviest edge between the two; 0 where only tracks tie them."""


@dataclass(frozen=True, slots=True)
class Group:
    """The neighbours of one kind."""

    kind: str
    neighbours: tuple[Neighbour, ...]
    """Most tracks in common first, up to as many as were asked for."""
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
    about: bool = False
    """The numbers are estimates: of so many tracks only some were looked at."""


@dataclass(frozen=True, slots=True)
class Step:
    """A node on the way, and what led there; "" for the first."""

    node: Node
    via: str


class _Tie(NamedTuple):
    """What an edge says, and its weight."""

    via: str
    weight: float


def ego(connection: "sqlite3.Connection", node_id: int, *, most: int = MOST) -> Ego:
    """Return what a node is tied to: of a track its credits, album, genres, playlists; else what shares tracks with it.

    Raises
    ------
    IndexerError
        When there is no such node.

    """
    centre = node(connection, node_id)
    stride = 1 if node_id > 0 else _stride(connection, node_id)
    shared = {} if node_id > 0 else _shared(connection, node_id, stride)
    told = _told(connection, node_id)
    named = _named(connection, [i for i in (shared.keys() | told.keys()) - {node_id} if i < 0])
    unsaid = _Tie("", 0.0)
    around = [Neighbour(n, shared.get(n.id, int(node_id > 0)), *told.get(n.id, unsaid)) for n in named]
    tracks = 1 if node_id > 0 else _track_count(connection, node_id, stride)
    groups = [*(_group(kind, around, most) for kind in KINDS[:-1]), _tracks(connection, node_id, tracks, stride, most)]
    return Ego(centre, tracks, tuple(group for group in groups if group.count), stride > 1)


def node(connection: "sqlite3.Connection", node_id: int) -> Node:
    """Return a node by its number; raises IndexerError where there is none."""
    found = _named(connection, [node_id])
    if not found:
        raise IndexerError("this is not in the graph (any more): `fairouz-tui index` brings it up to date")
    return found[0]


def tracks_of(connection: "sqlite3.Connection", node_id: int, *, most: int) -> list[int]:
    """Return the ids of up to `most` present tracks that hang on a node, in the order of albums; a track's own."""
    if node_id > 0:
        return [node_id]
    return [n.node.id for n in _tracks(connection, node_id, 1, _stride(connection, node_id), most).neighbours]


def ways(connection: "sqlite3.Connection", start: int, goal: int) -> list[list[Step]]:
    """Return up to four ways between two nodes that have little in common, the shortest first.

    Both ends count; [] when they are over six steps apart.
    """
    return [_steps(connection, found) for found in shortest_paths(connection, start, goal, most=MOST_WAYS)]


def _steps(connection: "sqlite3.Connection", found: "Way") -> list[Step]:
    return [Step(node(connection, i), _said(*json.loads(edge)) if edge else "") for i, edge in found]


def _stride(connection: "sqlite3.Connection", node_id: int) -> int:
    """Return how far the ids are apart of the tracks of a node that are looked at; 1 for all."""
    query = "SELECT count(*) FROM tied WHERE target = ? AND source > 0"
    return int(-(-connection.execute(query, (node_id,)).fetchone()[0] // MOST_READ)) or 1


def _shared(connection: "sqlite3.Connection", node_id: int, stride: int) -> dict[int, int]:
    """Return how many present tracks each other node has in common with this one, about so where not all are read."""
    query = (
        "SELECT other.target, count(DISTINCT own.source) FROM tied own "
        "JOIN tracks t ON t.id = own.source AND t.missing_since IS NULL "
        "JOIN tied other ON other.source = own.source "
        "WHERE own.target = :id AND own.source % :stride = 0 AND other.target != :id GROUP BY 1"
    )
    rows = connection.execute(query, {"id": node_id, "stride": stride})
    return {row[0]: row[1] * stride for row in rows}


def _told(connection: "sqlite3.Connection", node_id: int) -> dict[int, _Tie]:
    """Return what is said of the edges between this node and others that are no tracks, the heaviest of each."""
    query = (
        "SELECT target AS other, kind, provenance, weight FROM edges WHERE source = :id AND target < 0 UNION ALL "
        "SELECT source, kind, provenance, weight FROM edges WHERE target = :id AND source < 0 ORDER BY weight"
    )
    return {row[0]: _Tie(_said(row[1], row[2]), row[3]) for row in connection.execute(query, {"id": node_id})}


def _said(kind: str, provenance: str) -> str:
    """Return the kind of an edge, and where it comes from if that says more than the tag of that name."""
    if provenance.endswith("tag") or provenance in ("split", "folder", ""):
        return kind
    return provenance if provenance.startswith(kind) else f"{kind}, {provenance}"


def _named(connection: "sqlite3.Connection", ids: "Sequence[int]") -> list[Node]:
    query = (
        "SELECT id, kind, name FROM nodes WHERE id IN (SELECT value FROM json_each(:ids)) UNION ALL "
        "SELECT id, 'track', title FROM tracks WHERE id IN (SELECT value FROM json_each(:ids))"
    )
    return [Node(*row) for row in connection.execute(query, {"ids": json.dumps(list(ids))})]


def _group(kind: str, neighbours: list[Neighbour], most: int) -> Group:
    """Return the strongest of one kind; names are folded only where they decide, a genre has thousands of albums."""
    of_kind = sorted((n for n in neighbours if n.node.kind == kind), key=_strength)
    weakest = [_strength(n) for n in of_kind[most - 1 : most]]
    near = [n for n in of_kind if not weakest or _strength(n) <= weakest[0]]
    near.sort(key=lambda n: (*_strength(n), fold(n.node.name)))
    return Group(kind, tuple(near[:most]), len(of_kind))


def _strength(neighbour: Neighbour) -> tuple[int, bool]:
    """Return what the nearest neighbours have least of."""
    return -neighbour.tracks, not neighbour.via


def _tracks(connection: "sqlite3.Connection", node_id: int, count: int, stride: int, most: int) -> Group:
    """Return the tracks that hang on a node, in the order of albums; none for a track."""
    if node_id > 0:
        return Group("track", (), 0)
    query = (
        "SELECT t.id, 'track', t.title, min(e.kind), min(e.provenance), max(e.weight) "
        "FROM (SELECT t.id FROM tied e JOIN tracks t ON t.id = e.source AND t.missing_since IS NULL "
        "WHERE e.target = :id AND e.source % :stride = 0 GROUP BY t.id "
        "ORDER BY t.year, t.sort_album, t.disc_number, t.track_number, t.sort_title, t.id LIMIT :most) first "
        "JOIN tracks t ON t.id = first.id JOIN edges e ON e.source = t.id AND e.target = :id "
        "GROUP BY t.id ORDER BY t.year, t.sort_album, t.disc_number, t.track_number, t.sort_title, t.id"
    )
    rows = connection.execute(query, {"id": node_id, "stride": stride, "most": most})
    found = tuple(Neighbour(Node(*row[:3]), 1, _said(*row[3:5]), row[5]) for row in rows)
    return Group("track", found, count)


def _track_count(connection: "sqlite3.Connection", node_id: int, stride: int) -> int:
    query = (
        "SELECT count(DISTINCT e.source) FROM tied e JOIN tracks t ON t.id = e.source AND t.missing_since IS NULL "
        "WHERE e.target = ? AND e.source % ? = 0"
    )
    return int(connection.execute(query, (node_id, stride)).fetchone()[0]) * stride

"""Find the shortest way between two nodes of the graph, from both ends at once.

A genre with ten thousand tracks is met in the middle and never walked through: what lies beyond a front is known as a
set of numbers, and put in the order of weights only where a way goes through it.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    Tied = Mapping[int, list[tuple[int, str]]]
    Way = list[tuple[int, str | None]]

MOST_STEPS = 6
"""A longer way says nothing of why two tracks are close."""
_MANY = 300
"""Nodes beyond which it is quicker to read the neighbours of a node than to look for edges to each."""


def shortest_path(connection: sqlite3.Connection, start: int, goal: int, tied: Tied) -> Way:
    """Return the nodes from `start` to `goal`, each with the edge that led there; [] when they are over six apart.

    An edge is JSON of its kind and provenance; `tied` has edges beside the stored, from either of their ends. Of
    several shortest ways the one over the heaviest edges, as seen from an end, is taken.
    """
    return _shortest(_Graph(connection, tied), start, goal)


def shortest_paths(connection: sqlite3.Connection, start: int, goal: int, *, most: int) -> list[Way]:
    """Return up to `most` ways between two nodes, the shortest first, each as `shortest_path` gives it.

    A way avoids the people, albums, genres and playlists that those before it led through, and the tracks that have
    both ends where one led through nothing else, so that every way tells something of its own.
    """
    ways: list[Way] = []
    graph = _Graph(connection, {})
    while len(ways) < most and start != goal and (way := _shortest(graph, start, goal)):
        ways.append(way)
        between = [node for node, _ in way[1:-1]]
        without = {node for node in between if node < 0} or set(between)
        if between and not min(without) < 0:
            without |= graph.neighbours(start) & graph.neighbours(goal)
        graph = graph.cut(without, apart=graph.apart if between else frozenset((start, goal)))
    return ways


def _shortest(graph: _Graph, start: int, goal: int) -> Way:
    if start == goal:
        return [(start, None)]
    ends = _End(graph, start), _End(graph, goal)
    for _ in range(MOST_STEPS):
        side = 0 if len(ends[0].front) <= len(ends[1].front) else 1
        own, other = ends[side], ends[1 - side]
        if met := own.meeting(other.seen):
            node, neighbour = met
            own_way, other_way = own.way_to(node), other.way_to(neighbour)
            ways = (own_way, other_way) if side == 0 else (other_way, own_way)
            return graph.with_edges([*ways[0], *reversed(ways[1])])
        own.grow()
        if not own.front:
            return []
    return []


class _End:
    """What has been reached from one end, level by level."""

    def __init__(self, graph: _Graph, start: int) -> None:
        self._graph = graph
        self._levels: list[AbstractSet[int]] = [{start}]
        self._ordered: list[list[int]] = [[start]]
        self.seen: set[int] = {start}

    @property
    def front(self) -> AbstractSet[int]:
        """Return the nodes that were reached last."""
        return self._levels[-1]

    def grow(self) -> None:
        """Walk on by one edge from the front."""
        beyond: set[int] = set()
        for node in self.front:
            beyond |= self._graph.neighbours(node)
        beyond -= self.seen
        self.seen |= beyond
        self._levels.append(beyond)

    def meeting(self, others: AbstractSet[int]) -> tuple[int, int] | None:
        """Return the first node of the front that has an edge to one of some nodes, and which; None where none has."""
        for node in self._in_order(len(self._levels) - 1):
            neighbour = self._graph.heaviest(node, others)
            if neighbour is not None:
                return node, neighbour
        return None

    def way_to(self, node: int) -> list[int]:
        """Return the nodes from this end to a node that was reached, both included."""
        level = next(level for level, nodes in enumerate(self._levels) if node in nodes)
        way = [node]
        for before in range(level - 1, -1, -1):
            beside = self._graph.beside(way[-1], self._levels[before])
            way.append(next(node for node in self._in_order(before) if node in beside))
        return way[::-1]

    def _in_order(self, level: int) -> list[int]:
        """Return the nodes of a level in the order in which heaviest edges first reach them."""
        while len(self._ordered) <= level:
            nodes = self._levels[len(self._ordered)]
            reached = dict.fromkeys(
                neighbour
                for node in self._ordered[-1]
                for neighbour in self._graph.neighbours_in_order(node)
                if neighbour in nodes
            )
            self._ordered.append(list(reached))
        return self._ordered[level]


class _Graph:
    """The stored edges, and those beside them, as seen from any node."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        tied: Tied,
        *,
        without: AbstractSet[int] = frozenset(),
        apart: frozenset[int] = frozenset(),
    ) -> None:
        """Look at the graph without some nodes, and without the edges between the two that are `apart`."""
        self._connection = connection
        self._tied = tied
        self._without = without
        self.apart = apart

    def cut(self, without: AbstractSet[int], *, apart: frozenset[int]) -> _Graph:
        """Return the same graph without some more nodes."""
        return _Graph(self._connection, self._tied, without=self._without | without, apart=apart)

    def neighbours(self, node: int) -> set[int]:
        """Return the nodes next to one."""
        query = "SELECT target FROM tied WHERE source = ? UNION ALL SELECT source FROM tied WHERE target = ?"
        stored = {row[0] for row in self._connection.execute(query, (node, node))}
        return stored.union(neighbour for neighbour, _ in self._tied.get(node, ())) - self._closed(node)

    def _closed(self, node: int) -> AbstractSet[int]:
        """Return the nodes to which a node is not tied here, whatever is stored."""
        return self._without | self.apart if node in self.apart else self._without

    def neighbours_in_order(self, node: int) -> list[int]:
        """Return the nodes next to one, heaviest edge first."""
        query = (
            "SELECT target, weight FROM edges WHERE source = ? UNION ALL "
            "SELECT source, weight FROM edges WHERE target = ? ORDER BY weight DESC"
        )
        rows = self._connection.execute(query, (node, node))
        return [*(neighbour for neighbour, _ in self._tied.get(node, ())), *(row[0] for row in rows)]

    def beside(self, node: int, among: AbstractSet[int]) -> AbstractSet[int]:
        """Return those of some nodes that are next to one."""
        if len(among) > _MANY:
            return among & self.neighbours(node)
        stored = {row[0] for row in self._edges(node, among)}
        return stored.union(other for other, _ in self._tied.get(node, ()) if other in among)

    def heaviest(self, node: int, among: AbstractSet[int]) -> int | None:
        """Return the one of some nodes to which a node has the heaviest edge; None where it has none to them."""
        if node in self.apart:
            among = among - self.apart
        tied = (neighbour for neighbour, _ in self._tied.get(node, ()) if neighbour in among)
        if (first := next(tied, None)) is not None:
            return first
        if len(among) > _MANY:
            among = self.beside(node, among)
        if len(among) > _MANY:
            return next((neighbour for neighbour in self.neighbours_in_order(node) if neighbour in among), None)
        return next((row[0] for row in self._edges(node, among)), None)

    def with_edges(self, way: list[int]) -> list[tuple[int, str | None]]:
        """Return the nodes of a way, each with the edge that led there."""
        led = [None, *(self._edge(*pair) for pair in pairwise(way))]
        return list(zip(way, led, strict=True))

    def _edge(self, node: int, neighbour: int) -> str:
        """Return the edge between two nodes, the heaviest where there are several."""
        tied = (edge for other, edge in self._tied.get(node, ()) if other == neighbour)
        if (first := next(tied, None)) is not None:
            return first
        _, kind, provenance, _ = next(self._edges(node, {neighbour}))
        return json.dumps([kind, provenance])

    def _edges(self, node: int, among: AbstractSet[int]) -> Iterator[tuple[int, str, str, float]]:
        """Return the edges between a node and some others: the other, kind, provenance and weight, heaviest first."""
        # Each edge is looked up by its two ends, for a node may have tens of thousands.
        ends = ", ".join("?" * len(among))
        told = "i.kind, i.provenance, i.weight FROM tied e NOT INDEXED CROSS JOIN ties i ON i.id = e.tie_id"
        query = (
            f"SELECT e.target, {told} WHERE e.source = ? AND e.target IN ({ends}) UNION ALL "
            f"SELECT e.source, {told} WHERE e.target = ? AND e.source IN ({ends}) ORDER BY weight DESC"
        )
        return iter(self._connection.execute(query, (node, *among, node, *among)))

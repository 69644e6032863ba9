"""Find the shortest way between two nodes of the graph, from both ends at once.

A genre with ten thousand tracks is met in the middle and never walked through.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

MOST_STEPS = 6
"""A longer way says nothing of why two tracks are close."""

Reached = dict[int, tuple[int | None, str | None]]
"""Node -> the node before it and the edge between them."""


def shortest_path(
    connection: sqlite3.Connection, start: int, goal: int, tied: Mapping[int, list[tuple[int, str]]]
) -> list[tuple[int, str | None]]:
    """Return the nodes from `start` to `goal`, each with the edge that led there; [] when they are over six apart.

    An edge is JSON of its kind and provenance; `tied` has edges beside the stored, from either of their ends. Of
    several shortest ways the one over the heaviest edges, as seen from an end, is taken.
    """
    if start == goal:
        return [(start, None)]
    reached: tuple[Reached, Reached] = ({start: (None, None)}, {goal: (None, None)})
    fronts = [[start], [goal]]
    for _ in range(MOST_STEPS):
        side = 0 if len(fronts[0]) <= len(fronts[1]) else 1
        fronts[side], met = _step(connection, fronts[side], reached[side], reached[1 - side], tied)
        if met is not None:
            return _joined(*reached, met)
        if not fronts[side]:
            return []
    return []


def _step(
    connection: sqlite3.Connection,
    front: list[int],
    own: Reached,
    others: Reached,
    tied: Mapping[int, list[tuple[int, str]]],
) -> tuple[list[int], int | None]:
    """Walk on by one edge from a front; return the next front, and the node where the other end is met."""
    following = []
    for node in front:
        for neighbour, edge in (*tied.get(node, ()), *_neighbours(connection, node)):
            if neighbour in own:
                continue
            own[neighbour] = (node, edge)
            if neighbour in others:
                return [], neighbour
            following.append(neighbour)
    return following, None


def _joined(from_start: Reached, from_goal: Reached, met: int) -> list[tuple[int, str | None]]:
    path: list[tuple[int, str | None]] = []
    node: int | None = met
    while node is not None:
        before, edge = from_start[node]
        path.append((node, edge))
        node = before
    path.reverse()
    node, edge = from_goal[met]
    while node is not None:
        path.append((node, edge))
        node, edge = from_goal[node]
    return path


def _neighbours(connection: sqlite3.Connection, node: int) -> list[tuple[int, str]]:
    """Return (neighbour, edge) pairs, heaviest first."""
    query = (
        "SELECT target, kind, provenance, weight FROM edges WHERE source = ? UNION ALL "
        "SELECT source, kind, provenance, weight FROM edges WHERE target = ? ORDER BY weight DESC"
    )
    return [(row[0], json.dumps([row[1], row[2]])) for row in connection.execute(query, (node, node))]

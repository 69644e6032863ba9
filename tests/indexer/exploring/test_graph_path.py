"""The shortest way through the graph, against a walk from one end."""

import json
import sqlite3
from collections import deque
from itertools import pairwise

import numpy as np
import pytest

from indexer.exploring import graph_path
from indexer.exploring.graph_path import MOST_STEPS, shortest_path, shortest_paths

Tied = dict[int, list[tuple[int, str]]]
EDGE = json.dumps(["by", "tag"])


def graph_of(edges: list[tuple[int, int]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE ties (id INTEGER PRIMARY KEY, kind, weight, provenance)")
    connection.execute("CREATE TABLE tied (source, target, tie_id, PRIMARY KEY (source, target, tie_id)) WITHOUT ROWID")
    connection.execute("CREATE INDEX tied_target ON tied (target)")
    connection.execute(
        "CREATE VIEW edges AS SELECT source, target, kind, weight, provenance FROM tied JOIN ties ON id = tie_id"
    )
    connection.execute("INSERT INTO ties VALUES (1, 'by', 1.0, 'tag'), (2, 'by', 9.0, 'tag')")
    connection.executemany("INSERT OR IGNORE INTO tied VALUES (?, ?, 1)", edges)
    return connection


def steps_between(edges: list[tuple[int, int]], start: int, goal: int) -> int | None:
    beside: dict[int, set[int]] = {}
    for a, b in edges:
        beside.setdefault(a, set()).add(b)
        beside.setdefault(b, set()).add(a)
    far = {start: 0}
    front = deque([start])
    while front:
        node = front.popleft()
        for other in beside.get(node, ()):
            if other not in far:
                far[other] = far[node] + 1
                front.append(other)
    return far.get(goal)


@pytest.mark.parametrize("seed", range(20))
def test_ways_are_as_short_as_a_walk_from_one_end_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = [(int(a), int(b)) for a, b in rng.integers(0, 40, (45, 2)) if a != b]
    connection = graph_of(edges)
    beside = {frozenset(edge) for edge in edges}
    for start, goal in rng.integers(0, 40, (30, 2)).tolist():
        path = shortest_path(connection, start, goal, {})
        steps = steps_between(edges, start, goal)
        if steps is None or steps > MOST_STEPS:
            assert path == []
            continue
        nodes = [node for node, _ in path]
        assert (nodes[0], nodes[-1], len(nodes)) == (start, goal, steps + 1)
        assert [via for _, via in path] == [None] + [EDGE] * steps
        assert all(frozenset(pair) in beside for pair in pairwise(nodes))


def test_files_outside_the_library_are_tied_from_either_end() -> None:
    connection = graph_of([(1, 2), (2, 3)])
    tied = {-1: [(1, EDGE)], 1: [(-1, EDGE)], -2: [(3, EDGE)], 3: [(-2, EDGE)]}
    assert [node for node, _ in shortest_path(connection, -1, -2, tied)] == [-1, 1, 2, 3, -2]


def test_the_heavier_of_two_ways_is_taken() -> None:
    connection = graph_of([(1, 3), (3, 4)])
    connection.executemany("INSERT INTO tied VALUES (?, ?, 2)", [(1, 2), (2, 4)])
    assert [node for node, _ in shortest_path(connection, 1, 4, {})] == [1, 2, 4]


def test_every_further_way_tells_something_else() -> None:
    # 1 and 2 are tied, share the tracks 11 and 12, and each has a track of the genres -5 and -6.
    connection = graph_of([(1, 2), (11, 1), (11, 2), (12, 1), (12, 2), (13, 1), (13, -5), (14, -5), (14, 2)])
    connection.executemany("INSERT INTO tied VALUES (?, ?, 1)", [(13, -6), (14, -6)])
    found = [[node for node, _ in way] for way in shortest_paths(connection, 1, 2, most=9)]
    assert found[0] == [1, 2]
    assert found[1] in ([1, 11, 2], [1, 12, 2])
    assert sorted(found[2:]) == [[1, 13, -6, 14, 2], [1, 13, -5, 14, 2]]
    assert [[node for node, _ in way] for way in shortest_paths(connection, 1, 2, most=2)] == found[:2]
    assert shortest_paths(connection, 1, 99, most=4) == []


def plain_way(connection: sqlite3.Connection, start: int, goal: int, tied: Tied) -> list[tuple[int, str | None]]:
    """Walk from both ends, the nearer front first, through all edges of every node, the heaviest first."""

    def beside(node: int) -> list[tuple[int, str]]:
        rows = connection.execute(
            "SELECT target, kind, provenance, weight FROM edges WHERE source = ? UNION ALL "
            "SELECT source, kind, provenance, weight FROM edges WHERE target = ? ORDER BY weight DESC",
            (node, node),
        )
        return [*tied.get(node, ()), *((row[0], json.dumps([row[1], row[2]])) for row in rows)]

    ways: list[dict[int, list[tuple[int, str | None]]]] = [{start: [(start, None)]}, {goal: [(goal, None)]}]
    fronts = [[start], [goal]]
    for _ in range(MOST_STEPS):
        side = int(len(fronts[0]) > len(fronts[1]))
        following = []
        for node in fronts[side]:
            for other, edge in beside(node):
                if other in ways[1 - side]:
                    here, there = ways[side][node], ways[1 - side][other]
                    a, b = (here, there) if side == 0 else (there, here)
                    back = [(n, e) for (n, _), (_, e) in zip(b[::-1], [(0, edge), *b[:0:-1]], strict=True)]
                    return a + back
                if other not in ways[side]:
                    ways[side][other] = [*ways[side][node], (other, edge)]
                    following.append(other)
        fronts[side] = following
        if not following:
            return []
    return []


@pytest.mark.parametrize("many", [1, 3, 300])
@pytest.mark.parametrize("seed", range(6))
def test_the_way_is_that_of_walking_through_every_edge(seed: int, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_path, "_MANY", many)
    rng = np.random.default_rng(seed)
    connection = graph_of([])
    weights = [(i, f"k{i}", float(weight), f"p{i}") for i, weight in enumerate(rng.choice(50, 8, replace=False), 3)]
    connection.executemany("INSERT INTO ties VALUES (?, ?, ?, ?)", weights)
    # Some nodes have most of the edges, as genres have.
    ends = np.minimum(rng.zipf(1.5, (220, 2)), 120)
    edges = {(int(a), int(b)): int(rng.integers(3, 11)) for a, b in np.sort(ends) if a != b}
    connection.executemany("INSERT INTO tied VALUES (?, ?, ?)", [(*pair, tie) for pair, tie in edges.items()])
    tied: dict[int, list[tuple[int, str]]] = {-1: [(7, EDGE), (90, EDGE)], 7: [(-1, EDGE)], 90: [(-1, EDGE)]}
    found = 0
    for start, goal in rng.integers(1, 120, (60, 2)).tolist():
        for ends_tied in ({}, tied):
            expected = plain_way(connection, -1 if ends_tied else start, goal, ends_tied)
            assert shortest_path(connection, -1 if ends_tied else start, goal, ends_tied) == expected or start == goal
            found += len(expected) > 3
    assert found > 10


def test_a_node_is_no_step_from_itself() -> None:
    assert shortest_path(graph_of([(1, 2)]), 1, 1, {}) == [(1, None)]

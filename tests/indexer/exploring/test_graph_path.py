"""The shortest way through the graph, against a walk from one end."""

import json
import sqlite3
from collections import deque
from itertools import pairwise

import numpy as np
import pytest

from indexer.exploring.graph_path import MOST_STEPS, shortest_path

EDGE = json.dumps(["by", "tag"])


def graph_of(edges: list[tuple[int, int]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE edges (source, target, kind, weight, provenance)")
    connection.executemany("INSERT INTO edges VALUES (?, ?, 'by', 1.0, 'tag')", edges)
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
    connection.executemany("INSERT INTO edges VALUES (?, ?, 'by', 9.0, 'tag')", [(1, 2), (2, 4)])
    assert [node for node, _ in shortest_path(connection, 1, 4, {})] == [1, 2, 4]


def test_a_node_is_no_step_from_itself() -> None:
    assert shortest_path(graph_of([(1, 2)]), 1, 1, {}) == [(1, None)]

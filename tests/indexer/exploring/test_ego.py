"""Looking around in the graph: neighbours and counts against the edges read one by one, and ways between nodes."""

import sqlite3
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring import ego as ego_module
from indexer.exploring.ego import KINDS, MOST, Node, ego, node, tracks_of, ways
from indexer.exploring.find_nodes import FOUND, find_nodes
from indexer.exploring.graph_path import shortest_path


def naive_edges(explorer: Explorer) -> list[tuple[int, int]]:
    return [tuple(row) for row in explorer.catalogue.connection.execute("SELECT source, target FROM edges")]


def all_nodes(explorer: Explorer) -> dict[int, str]:
    return {row[0]: row[1] for row in explorer.catalogue.connection.execute("SELECT id, kind FROM nodes")}


def test_every_node_but_tracks_shares_the_tracks_that_hang_on_both(explorer: Explorer) -> None:
    connection, kinds = explorer.catalogue.connection, all_nodes(explorer)
    edges = naive_edges(explorer)
    tracks = {n: {s for s, t in edges if t == n and s > 0} for n in kinds}
    assert len(kinds) > 10
    for centre in kinds:
        found = ego(connection, centre)
        assert not found.about
        assert found.tracks == len(tracks[centre])
        direct = {s for s, t in edges if t == centre and s < 0} | {t for s, t in edges if s == centre and t < 0}
        expected = {n: len(tracks[n] & tracks[centre]) for n in kinds if n != centre}
        expected = {n: count for n, count in expected.items() if count or n in direct}
        listed = {n.node.id: n.tracks for group in found.groups if group.kind != "track" for n in group.neighbours}
        assert listed == expected
        assert {n.node.id for group in found.groups if group.kind == "track" for n in group.neighbours} == tracks[
            centre
        ]
        assert [group.kind for group in found.groups] == [
            k for k in KINDS if k in {group.kind for group in found.groups}
        ]
        for group in found.groups:
            assert group.count == len(group.neighbours) <= MOST
            if group.kind != "track":
                counts = [n.tracks for n in group.neighbours]
                assert counts == sorted(counts, reverse=True)
                assert all(n.via for n in group.neighbours if n.node.id in direct)


def test_track_hangs_on_its_credits_album_and_genres(explorer: Explorer) -> None:
    for track_id in (1, 9, 30):
        row = explorer.catalogue.rows([track_id])[0]
        found = ego(explorer.catalogue.connection, track_id)
        assert (found.centre.id, found.centre.kind, found.centre.name, found.tracks) == (
            track_id,
            "track",
            row.title,
            1,
        )
        around = {n.node.id for group in found.groups for n in group.neighbours}
        assert around == {t for s, t in naive_edges(explorer) if s == track_id}
        assert {n.node.name for group in found.groups if group.kind == "album" for n in group.neighbours} == {row.album}
        assert all(n.via for group in found.groups for n in group.neighbours)


def test_neighbours_carry_the_weight_of_the_heaviest_edge_to_them(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    heaviest: dict[frozenset[int], float] = {}
    for source, target, weight in connection.execute("SELECT source, target, weight FROM edges"):
        heaviest[frozenset((source, target))] = max(weight, heaviest.get(frozenset((source, target)), 0.0))
    told = 0
    for centre in [1, 20, *all_nodes(explorer)]:
        for group in ego(connection, centre).groups:
            for n in group.neighbours:
                assert n.weight == heaviest.get(frozenset((centre, n.node.id)), 0.0)
                assert bool(n.weight) == bool(n.via)
                told += bool(n.weight)
    assert told > 50


def test_as_many_are_listed_as_asked_for_and_all_are_counted(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    for centre in all_nodes(explorer):
        whole, some = ego(connection, centre), ego(connection, centre, most=2)
        for all_of, two in zip(whole.groups, some.groups, strict=True):
            assert two.count == all_of.count
            assert two.neighbours == all_of.neighbours[:2]


def test_of_a_node_with_very_many_tracks_some_are_looked_at(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = explorer.catalogue.connection
    tracks = Counter(t for s, t in naive_edges(explorer) if s > 0)
    largest, count = tracks.most_common(1)[0]
    whole = ego(connection, largest)
    monkeypatch.setattr(ego_module, "MOST_READ", (count + 1) // 2)
    found = ego(connection, largest)
    assert found.about
    assert abs(found.tracks - whole.tracks) <= whole.tracks // 2
    known = {n.node.id for group in whole.groups for n in group.neighbours}
    listed = [n for group in found.groups for n in group.neighbours]
    assert {n.node.id for n in listed} < known
    assert all(n.node.id % 2 == 0 for n in listed if n.node.kind == "track")
    assert not ego(connection, 1).about


def test_tracks_of_a_node_are_those_that_hang_on_it(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    for centre in all_nodes(explorer):
        expected = {s for s, t in naive_edges(explorer) if t == centre and s > 0}
        found = tracks_of(connection, centre, most=100)
        assert (set(found), len(found)) == (expected, len(expected))
        assert tracks_of(connection, centre, most=2) == found[:2]
    assert tracks_of(connection, 5, most=100) == [5]


def test_names_are_found_folded_whole_ones_first(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    rows = connection.execute("SELECT id, name FROM nodes").fetchall()
    for node_id, name in rows:
        found = find_nodes(connection, name.upper())
        assert node_id in {n.id for n in found[: max(1, Counter(n for _, n in rows)[name])]}
    for track_id, title in connection.execute("SELECT id, title FROM tracks").fetchall():
        assert track_id in {n.id for n in find_nodes(connection, title)}
    beginning = find_nodes(connection, "a")
    assert len(beginning) <= FOUND
    assert {n.kind for n in beginning} >= {"album", "track"}
    assert find_nodes(connection, " ") == []
    assert find_nodes(connection, "zzzz no such name") == []


def test_album_known_by_its_number_is_found_by_its_name(explorer: Explorer, tmp_path: Path) -> None:
    copy = sqlite3.connect(tmp_path / "copy.db")
    explorer.catalogue.connection.backup(copy)
    album = Node(*copy.execute("SELECT id, kind, name FROM nodes WHERE name = 'Salt Wind' LIMIT 1").fetchone())
    middle = "t Wind".upper()
    assert album in find_nodes(copy, middle)
    copy.execute("UPDATE nodes SET key = '2f6c1d9e-7a44-4a0e-9d3c-5f1b2c3d4e5f' WHERE id = ?", (album.id,))
    assert album in find_nodes(copy, middle)
    assert find_nodes(copy, "2f6c1d9e") == []


def test_way_is_as_short_as_any_and_each_step_is_an_edge(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    edges = naive_edges(explorer)
    tied: dict[int, set[int]] = {}
    for s, t in edges:
        tied.setdefault(s, set()).add(t)
        tied.setdefault(t, set()).add(s)
    nodes = sorted(all_nodes(explorer))
    some = 0
    for start, goal in zip(nodes, nodes[5:], strict=False):
        steps = next(iter(ways(connection, start, goal)), [])
        distance, front, seen = 0, {start}, {start}
        while goal not in front and front and distance < 6:
            front = {n for f in front for n in tied.get(f, ())} - seen
            seen |= front
            distance += 1
        assert len(steps) == (distance + 1 if goal in front else 0)
        for a, b in pairwise(steps):
            assert b.node.id in tied[a.node.id]
            assert b.via
        some += bool(steps)
    assert some > 5


def test_ways_lead_through_different_names_the_shortest_first(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    tied = {frozenset(edge) for edge in naive_edges(explorer)}
    nodes = sorted(all_nodes(explorer))
    several = 0
    for start, goal in zip(nodes, nodes[3:], strict=False):
        found = ways(connection, start, goal)
        shortest = [node_id for node_id, _ in shortest_path(connection, start, goal, {})]
        assert [step.node.id for step in next(iter(found), [])] == shortest
        inner = [[step.node.id for step in one[1:-1]] for one in found]
        assert [len(one) for one in inner] == sorted(len(one) for one in inner)
        assert len({tuple(one) for one in inner}) == len(inner)
        names = [{i for i in one if i < 0} for one in inner]
        assert sum(len(one) for one in names) == len(set().union(*names))
        for one in found:
            assert (one[0].node.id, one[-1].node.id) == (start, goal)
            assert all(frozenset((a.node.id, b.node.id)) in tied and b.via for a, b in pairwise(one))
        several += len(found) > 1
    assert several > 5
    assert ways(connection, nodes[0], nodes[0]) == []


def test_what_is_not_in_the_graph_says_so(explorer: Explorer) -> None:
    for number in (-9999, 9999, 0):
        with pytest.raises(IndexerError, match="not in the graph"):
            node(explorer.catalogue.connection, number)
        with pytest.raises(IndexerError, match="not in the graph"):
            ego(explorer.catalogue.connection, number)

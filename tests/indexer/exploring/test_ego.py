"""Looking around in the graph: neighbours and counts against the edges read one by one, and ways between nodes."""

from collections import Counter
from itertools import pairwise

import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.ego import KINDS, MOST, ego, find_nodes, node, way


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


def test_names_are_found_folded_whole_ones_first(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    rows = connection.execute("SELECT id, name FROM nodes").fetchall()
    for node_id, name in rows:
        found = find_nodes(connection, name.upper())
        assert node_id in {n.id for n in found[: max(1, Counter(n for _, n in rows)[name])]}
    assert find_nodes(connection, " ") == []
    assert find_nodes(connection, "zzzz no such name") == []


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
        steps = way(connection, start, goal)
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


def test_what_is_not_in_the_graph_says_so(explorer: Explorer) -> None:
    for number in (-9999, 9999, 0):
        with pytest.raises(IndexerError, match="not in the graph"):
            node(explorer.catalogue.connection, number)
        with pytest.raises(IndexerError, match="not in the graph"):
            ego(explorer.catalogue.connection, number)

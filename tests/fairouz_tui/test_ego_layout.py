"""The drawing of a node: labels within the plane that never meet, the chosen one there, what is left out counted."""

import re

import pytest
from rich.cells import cell_len

from fairouz_tui.ego_layout import Label, Scene, around, between, shared_out
from fairouz_tui.ego_rows import rows_around
from fairouz_tui.widgets.ego_list import note_for
from indexer.exploring.ego import KINDS, Ego, Group, Neighbour, Node, Step

NAMES = (
    "Fairouz",
    "فيروز ونصري شمس الدين",
    "夜来香と李香蘭の歌",
    "A" * 90,
    "x",
    "The Battle of the Long Names, Part Two",
)
SIZES = [(68, 34), (50, 24), (58, 10), (40, 6), (20, 5), (200, 60)]


def ego_of(counts: tuple[int, ...]) -> Ego:
    groups = []
    for k, (kind, count) in enumerate(zip(KINDS, counts, strict=True)):
        listed = [
            Neighbour(Node(-100 * k - i - 1, kind, NAMES[i % len(NAMES)]), 1, "artist") for i in range(min(count, 30))
        ]
        groups.append(Group(kind, tuple(listed), count))
    return Ego(Node(-9999, "genre", "A genre with a long name"), 9, tuple(group for group in groups if group.count))


def check_labels(scene: Scene, width: int, height: int) -> None:
    taken: set[tuple[int, int]] = set()
    for label in scene.labels:
        assert label.width == cell_len(label.text) > 0
        assert label.x >= 0
        assert label.x + label.width <= width
        assert 0 <= label.y < height
        cells = {(x, label.y) for x in range(label.x - 1, label.x + label.width)}
        assert not cells & taken
        taken |= {(x, label.y) for x in range(label.x, label.x + label.width)}


def counted(labels: tuple[Label, ...], kind: str) -> int:
    """Return how many neighbours of a kind the labels stand for, drawn or counted."""
    drawn = sum(label.node is not None and label.kind == kind and not label.is_centre for label in labels)
    more = [re.fullmatch(rf"\+([\d,]+) {kind}s", label.text) for label in labels if label.node is None]
    return drawn + sum(int(m[1].replace(",", "")) for m in more if m)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 0, 0), (1, 0, 0, 0, 0), (2, 1, 1, 0, 3), (30, 30, 29, 2, 30), (2000, 4000, 29, 0, 38510)]
)
def test_labels_never_meet_and_everything_is_drawn_or_counted(size: tuple[int, int], counts: tuple[int, ...]) -> None:
    ego = ego_of(counts)
    scene = around(ego, *size)
    check_labels(scene, *size)
    assert sum(label.is_centre for label in scene.labels) == 1
    drawn = [label.node for label in scene.labels if label.node is not None and not label.is_centre]
    assert sorted(line.node.id for line in scene.lines) == sorted(node.id for node in drawn)
    if size[0] >= 58 and size[1] >= 20:
        for kind, count in zip(KINDS, counts, strict=True):
            assert counted(scene.labels, kind) == count


@pytest.mark.parametrize("size", SIZES)
def test_the_chosen_neighbour_is_always_drawn(size: tuple[int, int]) -> None:
    ego = ego_of((40, 3, 29, 0, 300))
    for group in ego.groups:
        for neighbour in group.neighbours:
            drawn = [label.node for label in around(ego, *size, chosen=neighbour.node).labels]
            assert neighbour.node in drawn


def test_room_is_shared_out_evenly() -> None:
    assert shared_out([2, 10, 4], 9) == [2, 4, 3]
    assert shared_out([1, 1], 9) == [1, 1]
    assert shared_out([5, 5, 5], 2) == [1, 1, 0]
    assert shared_out([], 3) == []


@pytest.mark.parametrize("size", [(68, 34), (50, 24), (58, 12)])
def test_ways_stand_side_by_side(size: tuple[int, int]) -> None:
    start, goal = Node(-1, "artist", "A"), Node(-2, "artist", "B")
    inner = [[Node(-10 * way - i, "genre", NAMES[i]) for i in range(way)] for way in range(4)]
    ways = [[Step(node, "x") for node in (start, *nodes, goal)] for nodes in inner]
    scene = between(ways, *size)
    check_labels(scene, *size)
    ends = [label.node for label in scene.labels if label.is_centre]
    assert ends == [start, goal]
    shown = min(len(ways), size[0] // 15)
    assert len(scene.lines) == sum(len(way) - 1 for way in ways[:shown])
    assert between([], *size) == Scene()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("room", range(8, 70, 5))
def test_what_ties_a_node_is_said_whole_or_in_short_or_not_at_all(name: str, room: int) -> None:
    neighbour = Neighbour(Node(-1, "genre", name), 1_234, "genre, TCON", 0.5)
    ego = Ego(Node(-9, "artist", "A"), 2_000, (Group("genre", (neighbour,), 1),), about=True)
    row = rows_around(ego)[1]
    assert (row.note, row.shorter) == ("genre, TCON · shares about 1,234 tracks", "~1,234 tracks")
    note = note_for(row, room)
    assert note in (row.note, row.shorter, "")
    assert not note or cell_len(note) + 2 + min(cell_len(name), round(room / 2)) <= room
    if room >= 2 * cell_len(row.shorter) + 4:
        assert note
    if room >= cell_len(name) + 2 + cell_len(row.note):
        assert note == row.note

"""Turn what is around a node into rows of a tree: a heading for each kind, its neighbours, how many more there are."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from fairouz_tui.show import name_of, one_line
from indexer.exploring.ego import Ego, Group, Neighbour, Node, Step

GLYPHS = {"artist": "◆", "album": "■", "genre": "●", "playlist": "≡", "track": "♪"}
PLURALS = {"artist": "artists", "album": "albums", "genre": "genres", "playlist": "playlists", "track": "tracks"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a heading, a node or what is left out."""

    kind: str
    """Of the nodes it is about; "" for the heading of a way."""
    text: str
    node: Node | None = None
    note: str = ""
    """What ties the node to the one in the middle."""
    shorter: str = ""
    """The same in few letters: "3 tracks"."""
    weight: float = 0.0
    more: bool = False
    """It stands for the neighbours that are not listed."""
    folded: bool = False
    """A heading whose neighbours are put away."""


def name(node: Node) -> str:
    """Return a node's name as one safe line."""
    return name_of(node.name, "")


def counted(count: int, kind: str, *, about: bool = False) -> str:
    """Return "1 album", "1,597 artists", "about 38,478 tracks"."""
    return f"{'about ' if about else ''}{count:,} {kind if count == 1 else PLURALS[kind]}"


def tied_by(neighbour: Neighbour, *, about: bool = False) -> str:
    """Say what ties a neighbour to the node in the middle."""
    shared = f"shares {counted(neighbour.tracks, 'track', about=about and neighbour.tracks > 1)}"
    parts = [one_line(neighbour.via), shared if _shares(neighbour) else ""]
    return " · ".join(part for part in parts if part)


def shortly(neighbour: Neighbour, *, about: bool = False) -> str:
    """Say in few letters what ties a neighbour: the tracks in common, else the role without where it was read."""
    if _shares(neighbour):
        return counted(neighbour.tracks, "track", about=about and neighbour.tracks > 1).replace("about ", "~")
    return one_line(neighbour.via).split(",")[0]


def _shares(neighbour: Neighbour) -> bool:
    return neighbour.node.kind != "track" and neighbour.tracks > 0


def rows_around(ego: Ego, *, folded: Collection[str] = ()) -> list[Row]:
    """Return the rows of a node's neighbours; of the kinds in `folded` the heading alone."""
    groups = ego.groups
    if ego.centre.kind == "track":  # the one track in common is itself
        groups = tuple(replace(g, neighbours=tuple(replace(n, tracks=0) for n in g.neighbours)) for g in groups)
    return [row for group in groups for row in _rows_of(group, about=ego.about, folded=group.kind in folded)]


def _rows_of(group: Group, *, about: bool, folded: bool) -> Iterable[Row]:
    sampled = about and group.kind in ("artist", "album", "track")
    yield Row(group.kind, counted(group.count, group.kind, about=sampled).capitalize(), folded=folded)
    if folded:
        return
    for neighbour in group.neighbours:
        note = tied_by(neighbour, about=about)
        shorter = shortly(neighbour, about=about)
        yield Row(group.kind, name(neighbour.node), neighbour.node, note, shorter, neighbour.weight)
    left = group.count - len(group.neighbours)
    if left > 0:
        yield Row(group.kind, f"{left:,} more", more=True)


def rows_of_ways(ways: Sequence[Sequence[Step]]) -> list[Row]:
    """Return the rows of the ways between two nodes, one way after the other."""
    rows = []
    for number, way in enumerate(ways, start=1):
        steps = len(way) - 1
        rows.append(Row("", f"Way {number} of {len(ways)} · {steps} step{'' if steps == 1 else 's'}"))
        rows += [Row(step.node.kind, name(step.node), step.node, one_line(step.via)) for step in way]
    return rows


def rows_found(nodes: Iterable[Node]) -> list[Row]:
    """Return the rows of nodes that were found by name."""
    return [Row(node.kind, name(node), node, node.kind) for node in nodes]

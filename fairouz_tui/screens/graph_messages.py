"""Name what the workers of the graph screen tell it; `ask` is the number of the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from textual.message import Message

from indexer.exploring.answer import TrackRow
from indexer.exploring.ego import Ego, Node, Step

Tracks = Mapping[int, TrackRow]
"""The tracks among the nodes, by id."""


@dataclass
class EgoRead(Message):
    """What is around a node is known."""

    ask: int
    ego: Ego
    tracks: Tracks
    trail: tuple[Node, ...]
    """The walk that led to it, the node itself last."""
    chosen: Node | None = None
    """The neighbour to put the cursor on."""


@dataclass
class WaysRead(Message):
    """The ways between two nodes are known; none, where they are too far apart."""

    ask: int
    ends: tuple[Node, Node]
    ways: Sequence[Sequence[Step]] = ()
    tracks: Tracks = field(default_factory=dict)


@dataclass
class NodesFound(Message):
    """What has the typed name is known."""

    ask: int
    text: str
    nodes: Sequence[Node]
    tracks: Tracks = field(default_factory=dict)


@dataclass
class TracksOf(Message):
    """The tracks of a node are there."""

    node: Node
    rows: Sequence[TrackRow]
    cut: bool
    """There are more of them than are taken at once."""

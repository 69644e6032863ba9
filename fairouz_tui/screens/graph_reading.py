"""Read the graph in workers; the screen above it shows what they found."""

from collections.abc import Iterable
from contextlib import suppress

from textual import work
from textual.worker import get_current_worker

from fairouz_tui.screens.graph_messages import EgoRead, NodesFound, TracksOf, WaysRead
from fairouz_tui.screens.visiting import VisitScreen
from indexer.errors import IndexerError
from indexer.exploring.answer import TrackRow
from indexer.exploring.ego import Ego, Node, ego, tracks_of, ways
from indexer.exploring.find_nodes import find_nodes

MOST_ADDED = 200
"""Tracks that one key adds to the playlist: some fifteen hours; a genre may have tens of thousands."""


class GraphReading(VisitScreen):
    """A screen whose questions about the graph are numbered: an answer to an earlier one is dropped."""

    _ask = 0

    def next_ask(self) -> int:
        """Return the number of the next question."""
        self._ask += 1
        return self._ask

    @work(thread=True, exclusive=True, exit_on_error=False, group="graph")
    def read_ego(self, ask: int, trail: tuple[Node, ...], most: int, chosen: Node | None) -> None:
        """Read what is around the last node of a walk."""
        found = ego(self.host.library.open().connection, trail[-1].id, most=most)
        tracks = self._tracks([found.centre, *_nodes(found)])
        if not get_current_worker().is_cancelled:
            self.post_message(EgoRead(ask, found, tracks, (*trail[:-1], found.centre), chosen))

    @work(thread=True, exclusive=True, exit_on_error=False, group="graph")
    def recall_ego(self, ask: int, trail: tuple[Node, ...], most: int, start: Node) -> None:
        """Read what is around the last node of an earlier walk; where that node is gone, around another."""
        with suppress(IndexerError):
            found = ego(self.host.library.open().connection, trail[-1].id, most=most)
            if found.centre == trail[-1]:
                tracks = self._tracks([found.centre, *_nodes(found)])
                self.post_message(EgoRead(ask, found, tracks, trail))
                return
        found = ego(self.host.library.open().connection, start.id, most=most)
        self.post_message(EgoRead(ask, found, self._tracks([found.centre, *_nodes(found)]), (found.centre,)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="graph")
    def read_ways(self, ask: int, start: Node, goal: Node) -> None:
        """Find the ways between two nodes."""
        found = ways(self.host.library.open().connection, start.id, goal.id)
        tracks = self._tracks(step.node for way in found for step in way)
        self.post_message(WaysRead(ask, (start, goal), found, tracks))

    @work(thread=True, exclusive=True, exit_on_error=False, group="graph")
    def read_names(self, ask: int, text: str) -> None:
        """Find the nodes that have what was typed in their names."""
        if not get_current_worker().is_cancelled:
            nodes = find_nodes(self.host.library.open().connection, text)
            self.post_message(NodesFound(ask, text, nodes, self._tracks(nodes)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="graph-tracks")
    def read_tracks(self, node: Node) -> None:
        """Read the tracks of a node."""
        catalogue = self.host.library.open()
        ids = tracks_of(catalogue.connection, node.id, most=MOST_ADDED + 1)
        self.post_message(TracksOf(node, catalogue.rows(ids[:MOST_ADDED]), len(ids) > MOST_ADDED))

    def _tracks(self, nodes: Iterable[Node]) -> dict[int, TrackRow]:
        ids = [node.id for node in dict.fromkeys(nodes) if node.id > 0]
        return {row.id: row for row in self.host.library.open().rows(ids)}


def _nodes(found: Ego) -> Iterable[Node]:
    return (neighbour.node for group in found.groups for neighbour in group.neighbours)

"""Walk the graph: a node in the middle, what is around it drawn and as a tree, the ways to another, the walk behind."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from fairouz_tui.ego_rows import counted, name, rows_found, rows_of_ways
from fairouz_tui.hints import hint
from fairouz_tui.screens.graph_messages import EgoRead, NodesFound, TracksOf, WaysRead
from fairouz_tui.screens.graph_reading import MOST_ADDED
from fairouz_tui.screens.graph_showing import LONGEST_LABEL, GraphShowing
from fairouz_tui.screens.querying import MS_PER_SECOND
from fairouz_tui.screens.visiting import Host, Return
from fairouz_tui.show import clip, name_of, one_line
from fairouz_tui.steps import Kind, Step
from fairouz_tui.widgets.ego_drawing import EgoDrawing
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.node_input import NodeInput
from indexer.exploring.answer import TrackRow
from indexer.exploring.ego import KINDS, MOST, Node

if TYPE_CHECKING:
    from textual.timer import Timer

LONGEST_WALK = 50
MORE_TIMES, MOST_LISTED = 4, 480
SEARCHED = ("artist", "album", "genre")
"""Kinds of nodes that a query has a field for."""


class GraphScreen(GraphShowing):
    """The ego graph of a node."""

    NAME = "graph"
    TITLE_TEXT = "Graph"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,l,right", "walk", "Walk", id="graph_walk", tooltip="Walk to the chosen node; fold a heading"),
        Binding("backspace,h,left", "back", "Step back", id="graph_back", tooltip="One step back along the walk"),
        Binding("slash", "find", "Jump", id="graph_find", tooltip="Jump to a node by its name"),
        Binding("x", "mark", "Mark", id="graph_mark", tooltip="Mark the chosen node: p then shows the ways to it"),
        Binding("p", "ways", "Ways", id="graph_ways", tooltip="Show the ways between the marked and the chosen node"),
        Binding("m", "more", "More like", id="graph_more", tooltip="More like the track; of a name, its tracks"),
        Binding("s", "search", "Search this", show=False, id="graph_search", tooltip="List the tracks of the node"),
        Binding("A", "add_all", "Add all", id="graph_add_all", tooltip="Add all tracks of the chosen node"),
        Binding("tab", "turn(1)", "View", id="graph_view", tooltip="The drawing, the tree or both"),
        Binding("shift+tab", "turn(-1)", "View", show=False, id="graph_view_back", tooltip="The view before"),
    ]

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self._most = MOST
        self._ways: WaysRead | None = None
        self._found: NodesFound | None = None
        self._typing: Timer | None = None

    @property
    def chosen(self) -> TrackRow | None:
        """Return the chosen track: under the cursor, else in the middle, else the one the walk began with."""
        tracks = self.tree_list.tracks
        for node in (self.node, self.ego.centre if self.ego is not None else None):
            if node is not None and node.id in tracks:
                return tracks[node.id]
        return self.track

    def memory(self) -> Mapping[str, Any]:
        """Return the walk, and the track it began with."""
        if not self.walked:
            return {}
        began = self.track.id if self.track is not None else None
        return {"track": began, "walk": [[node.id, node.kind, node.name] for node in self.walked]}

    # Reading

    def on_mount(self) -> None:
        """Begin at the track, or go on where the walk from it was left."""
        super().on_mount()
        self.tree_list.empty_text = "Reading the graph …"
        start = Node(self.track.id, "track", self.track.title) if self.track is not None else None
        walk = _recalled(self.remembered)
        if walk and (start is None or self.remembered.get("track") == start.id):
            self.recall_ego(self.next_ask(), walk, self._most, start or walk[0])
        elif start is not None:
            self.read_ego(self.next_ask(), (start,), self._most, None)
        else:
            self.tree_list.empty_text = hint(
                self, "There is no track to begin with.\n{graph_find} jumps to a name, {visit_close} goes back."
            )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what failed, in the list too where nothing was shown yet."""
        super().on_worker_state_changed(event)
        if event.state is WorkerState.ERROR and self.ego is None:
            said = "This could not be read.\n{graph_find} jumps to a name, {visit_close} goes back."
            self.tree_list.empty_text = hint(self, said)
            self.tree_list.refresh()

    def walk_to(self, node: Node) -> None:
        """Put a node in the middle."""
        self._walk(node, self._last_before(node))

    def jump_to(self, node: Node) -> None:
        """Put a node that was found in the middle, and the cursor on it: keys act on what was asked for."""
        self._walk(node, node)

    def _walk(self, node: Node, chosen: Node | None) -> None:
        self._most = MOST
        trail = self.walked if self.walked and self.walked[-1] == node else (*self.walked, node)
        self.read_ego(self.next_ask(), trail[-LONGEST_WALK:], self._most, chosen)

    def _last_before(self, node: Node) -> Node | None:
        return self.ego.centre if self.ego is not None and self.ego.centre != node else None

    def on_ego_read(self, message: EgoRead) -> None:
        """Show a node and what is around it."""
        if message.ask != self._ask:
            return
        self._close_modes()
        self.ego, self.walked = message.ego, message.trail
        self.tree_list.tracks = dict(message.tracks)
        self.show_ego(message.chosen)

    @on(LineList.Chosen)
    def _clicked_twice(self) -> None:
        self.action_walk()

    def on_ego_drawing_pointed(self, message: EgoDrawing.Pointed) -> None:
        """Choose the node that was clicked in the drawing; walk to it at the second click."""
        place = self.tree_list.index_of(message.node)
        if place is not None:
            self.tree_list.cursor = place
        if message.twice:
            self.walk_to(message.node)

    # Walking

    def action_walk(self) -> None:
        """Walk to the chosen node; on a heading fold its kind; on what is left out list more."""
        row = self.tree_list.current
        if row is None or (self.ego is None and row.node is None):
            return
        if row.node is not None:
            self.walk_to(row.node) if self._found is None else self.jump_to(row.node)
        elif row.more:
            self._list_more()
        elif row.kind:
            self.folded ^= {row.kind}
            self.show_ego(cursor=self.tree_list.cursor)

    def _list_more(self) -> None:
        if self._most >= MOST_LISTED:
            return self.say(hint(self, "No more are listed here: {graph_search} searches for all of them."))
        self._most *= MORE_TIMES
        before = self.tree_list.rows[self.tree_list.cursor - 1].node
        self.read_ego(self.next_ask(), self.walked, self._most, before)
        return None

    def action_back(self) -> None:
        """Close what is open, else walk back by one node."""
        if self._ways is not None or self._found is not None:
            return self._leave_modes()
        if len(self.walked) < 2:
            return self.say(hint(self, "This is where the walk began: {visit_close} goes back to the results."))
        self._most = MOST
        self.read_ego(self.next_ask(), self.walked[:-1], self._most, self.walked[-1])
        return None

    def action_close(self) -> None:
        """Close what is open here, then go back."""
        if self._ways is not None or self._found is not None or self.has_class("-finding"):
            return self._leave_modes()
        return super().action_close()

    def _close_modes(self) -> None:
        self._ways = self._found = None
        self.remove_class("-finding")
        self.set_focus(self.tree_list)

    def _leave_modes(self) -> None:
        chosen = self._ways.ends[1] if self._ways is not None else None
        self.next_ask()
        self._close_modes()
        self.show_ego(chosen)

    # Marks and ways

    def action_mark(self) -> None:
        """Mark the chosen node, or take its mark away."""
        node = self.node
        if node is not None:
            self.tree_list.marked = None if self.tree_list.marked == node else node
            self.tree_list.refresh()
            self.write_about()
            if self.ego is not None and self._ways is None:
                self.put_drawing_title(self.ego)

    def action_ways(self) -> None:
        """Show the ways from the marked node to the chosen one, or to the one in the middle."""
        marked, goal = self.tree_list.marked, self.node
        if goal == marked and self.ego is not None:
            goal = self.ego.centre
        if marked is None:
            said = "Nothing is marked: {graph_mark} marks a node, {graph_ways} on another shows the ways between."
            return self.say(hint(self, said))
        if goal is None or goal == marked:
            said = "Choose another node than the marked one: {graph_ways} shows the ways between the two."
            return self.say(hint(self, said))
        self.read_ways(self.next_ask(), marked, goal)
        return None

    def on_ways_read(self, message: WaysRead) -> None:
        """Show the ways between two nodes."""
        if message.ask != self._ask:
            return
        start, goal = (name(node) for node in message.ends)
        if not message.ways:
            self.say(f"No way of six steps leads from {start} to {goal}.")
            return
        self._close_modes()
        self._ways = message
        self.tree_list.tracks.update(message.tracks)
        self.tree_list.show(rows_of_ways(message.ways))
        self.drawing.show_ways(message.ways, self.pointed_at)
        title = f"{clip(start, LONGEST_LABEL)} — {clip(goal, LONGEST_LABEL)}"
        self.drawing.border_title = Content(title)
        self.tree_list.put_title(f"Ways · {len(message.ways)}")

    # Finding

    def action_find(self) -> None:
        """Type the name of a node."""
        self.add_class("-finding")
        if self._view == "drawing":
            self.look("tree")
        field = self.query_one(NodeInput)
        field.value = ""
        self.set_focus(field)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        text = event.value.strip()
        if self._typing is not None:
            self._typing.stop()
        if text:
            pause = self.host.config.typing_pause_ms / MS_PER_SECOND
            self._typing = self.set_timer(pause, lambda: self.read_names(self.next_ask(), text))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        found = self._found
        if found is not None and found.nodes and found.text == event.value.strip():
            self.jump_to(found.nodes[0])
        elif event.value.strip():
            self._wanted = event.value.strip()

    _wanted = ""
    """What is to be walked to once it is found: enter was pressed before the answer came."""

    def on_nodes_found(self, message: NodesFound) -> None:
        """List what has the typed name."""
        if message.ask != self._ask or not self.has_class("-finding"):
            return
        self._found = message
        self.tree_list.tracks.update(message.tracks)
        self.tree_list.empty_text = hint(
            self, "Nothing is called “{text}”.\n{node_leave} goes back.", text=clip(one_line(message.text), 30)
        )
        self.tree_list.show(rows_found(message.nodes))
        self.tree_list.put_title(f"Found · {len(message.nodes)}")
        if self._wanted == message.text and message.nodes:
            self.jump_to(message.nodes[0])
        self._wanted = ""

    def action_tree(self) -> None:
        """Go to the list from the line of names."""
        self.set_focus(self.tree_list)

    # Leaving with something

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave printable keys to a name that is being typed."""
        if isinstance(self.focused, Input) and action in OWN_ACTIONS:
            return False
        return super().check_action(action, parameters)

    def action_more(self) -> None:
        """Leave for what is like the chosen track, or for the tracks of the chosen node."""
        node = self.node
        if node is not None and node.kind != "track":
            return self.action_search()
        return super().action_more()

    def action_search(self) -> None:
        """Leave for the tracks of the chosen node."""
        node = self.node
        if node is None:
            return self.say(hint(self, "There is nothing to search for: {graph_find} jumps to a name."))
        text = query_for(node)
        if not text:
            return self.say(hint(self, "A playlist cannot be searched for: {graph_add_all} adds its tracks."))
        self.dismiss(Return(step=Step(Kind.WORDS, text)))
        return None

    def action_add(self) -> None:
        """Add the chosen track to the playlist."""
        node = self.node
        if node is not None and node.kind != "track":
            return self.say(hint(self, "This is no track: {graph_add_all} adds all tracks of {node}.", node=name(node)))
        return super().action_add()

    def action_add_all(self) -> None:
        """Add the tracks of the chosen node to the playlist."""
        if self.node is not None:
            self.read_tracks(self.node)

    def on_tracks_of(self, message: TracksOf) -> None:
        """Take the tracks of a node into the playlist."""
        new = self.host.take(message.rows)
        cut = f", the first {MOST_ADDED} of {name(message.node)}" if message.cut else ""
        self.say(f"Added {counted(new, 'track')}{cut}." if new else "They are in the playlist already.")


OWN_ACTIONS = frozenset(("walk", "back", "find", "mark", "ways", "search", "add_all", "turn"))


def query_for(node: Node) -> str:
    """Return the query that lists the tracks of a node, "" where no field asks for it."""
    if node.kind not in (*SEARCHED, "track"):
        return ""
    field = "title" if node.kind == "track" else node.kind
    return f'{field}:"{max(name_of(node.name, "").split(chr(34)), key=len).strip()}"'


def _recalled(memory: Mapping[str, Any]) -> tuple[Node, ...]:
    """Return the walk that an earlier visit left; nothing where it cannot be read."""
    nodes: list[Node] = []
    with suppress(ValueError, TypeError, IndexError):
        nodes = [Node(int(entry[0]), str(entry[1]), str(entry[2])) for entry in memory.get("walk") or ()]
    return tuple(node for node in nodes if node.kind in KINDS)

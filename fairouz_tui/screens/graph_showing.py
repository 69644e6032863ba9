"""Show a node of the graph and what is around it: drawn, as a tree, and in words."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual import on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fairouz_tui.ego_rows import GLYPHS, counted, name, rows_around
from fairouz_tui.screens.graph_reading import GraphReading
from fairouz_tui.screens.sizes import TWO_PANES
from fairouz_tui.screens.visiting import Host
from fairouz_tui.show import clip, one_line
from fairouz_tui.widgets.ego_drawing import EgoDrawing
from fairouz_tui.widgets.ego_list import EgoList, weight_text
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.node_input import NodeInput
from indexer.exploring.answer import TrackRow
from indexer.exploring.ego import Ego, Node

LONGEST_LABEL = 22
VIEWS = ("both", "drawing", "tree")


class GraphShowing(GraphReading):
    """A screen with a drawing, a tree and the walk that led here."""

    AUTO_FOCUS = "EgoList"

    DEFAULT_CSS = """
    GraphShowing {
        & #visit-parts { layout: horizontal; }
        & EgoDrawing { width: 3fr; height: 1fr; border: round $border-blurred; border-title-color: $text-muted; }
        & #graph-side { width: 2fr; height: 1fr; }
        & EgoList { height: 1fr; border: round $border-blurred; border-title-color: $text-muted; }
        & EgoList:focus { border: round $border; border-title-color: $primary; border-title-style: bold; }
        & #graph-about { height: 3; padding: 0 1; color: $text-muted; }
        &.-finding NodeInput { display: block; }
        &.-medium EgoDrawing { width: 11fr; }
        &.-medium #graph-side { width: 9fr; }
        &.-view-drawing #visit-parts { layout: vertical; }
        &.-view-drawing #graph-side { width: 1fr; height: 2; }
        &.-view-drawing EgoList { height: 1; border: none; scrollbar-size-vertical: 0; }
        &.-view-drawing #graph-about { height: 1; }
        &.-view-drawing EgoDrawing { width: 1fr; }
        &.-view-tree EgoDrawing { display: none; }
    }
    """

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self.ego: Ego | None = None
        self.walked: tuple[Node, ...] = ()
        self.folded: set[str] = set()
        """Kinds whose neighbours are put away."""
        self._view = ""

    def parts(self) -> Iterator[Widget]:
        """Yield the drawing, and beside it the tree with a line for names and what ties the chosen node."""
        from textual.containers import Vertical

        self._take(self._fitting(self.app.size.width))  # before they are styled: later all are styled again
        yield EgoDrawing()
        with Vertical(id="graph-side"):
            yield NodeInput(placeholder="name of an artist, album, genre, playlist or track", compact=True)
            yield EgoList()
            yield Static("", id="graph-about", markup=False)

    @property
    def tree_list(self) -> EgoList:
        """Return the tree."""
        return self.query_one(EgoList)

    @property
    def drawing(self) -> EgoDrawing:
        """Return the picture."""
        return self.query_one(EgoDrawing)

    @property
    def node(self) -> Node | None:
        """Return the chosen node; on a heading the one in the middle."""
        row = self.tree_list.current
        if row is not None and row.node is not None:
            return row.node
        return self.ego.centre if self.ego is not None else None

    def show_ego(self, chosen: Node | None = None, *, cursor: int | None = None) -> None:
        """Show what is around the node in the middle, the cursor on a node or a place, else on the first."""
        if self.ego is None:
            return
        rows = rows_around(self.ego, folded=self.folded)
        self.tree_list.empty_text = _nothing_around(self.ego.centre)
        self.tree_list.show(rows)
        place = self.tree_list.index_of(chosen) if chosen is not None else cursor
        self.tree_list.cursor = place if place is not None else self.tree_list.cursor
        self.drawing.show_ego(self.ego, self.pointed_at)
        self.drawing.border_title = Content(self._around_title(self.ego))
        self.tree_list.put_title("What it is tied to" if self.ego.centre.kind == "track" else "Tied to it")
        self._write_walk()
        self.write_about()

    def _around_title(self, ego: Ego) -> str:
        tracks = "" if ego.centre.kind == "track" else f" · {counted(ego.tracks, 'track', about=ego.about)}"
        return f"{ego.centre.kind.capitalize()} · {clip(name(ego.centre), LONGEST_LABEL * 2)}{tracks}"

    @property
    def pointed_at(self) -> Node | None:
        """Return the node that the drawing marks: none on a heading."""
        row = self.tree_list.current
        return row.node if row is not None else None

    @on(LineList.Moved)
    def _moved(self) -> None:
        self.drawing.choose(self.pointed_at)
        self.write_about()

    def _write_walk(self) -> None:
        """Write the walk on the first line, the oldest nodes cut where it does not fit."""
        labels = [clip(f"{GLYPHS[node.kind]} {name(node)}", LONGEST_LABEL) for node in self.walked]
        room = self.size.width - len("fairouz  ▸ Graph · ") - 2
        cut = False
        while len(labels) > 1 and cell_len(" › ".join(labels)) > room - 2:
            labels.pop(0)
            cut = True
        self.head(" › ".join(["…"] * cut + labels))

    def write_about(self) -> None:
        """Write out what the tree has no room for: the chosen node and what ties it."""
        row = self.tree_list.current
        text = Content("")
        if row is not None and row.node is not None:
            weight = f" · weight {weight_text(row.weight)}" if row.weight else ""
            marked = " · ✕ marked" if row.node == self.tree_list.marked else ""
            track = self.tree_list.tracks.get(row.node.id)
            by = one_line(track.artist) if track is not None else ""
            told = f"{row.note or row.kind}{weight}{marked}"
            # Under the drawing the tree is one line, which has the name already.
            named = (row.text, "bold") if self._view != "drawing" else ""
            by = f" · {by}" if named and by else by
            text = Content.assemble(named, by, "\n" if named else " · " if by else "", told)
        elif row is not None and row.more:
            text = Content("enter lists more of them, s searches for all")
        elif row is not None and row.kind:
            text = Content("enter folds them, or shows them again")
        self.query_one("#graph-about", Static).update(text, layout=False)

    # The views

    def action_turn(self, steps: int) -> None:
        """Show the drawing, the tree or both."""
        views = VIEWS[1:] if self.size.width < TWO_PANES else VIEWS
        index = views.index(self._view) if self._view in views else 0
        self.look(views[(index + steps) % len(views)])

    def look(self, view: str) -> None:
        """Take one of VIEWS."""
        self._take(view)
        self.set_focus(self.tree_list)

    def _take(self, view: str) -> None:
        self._view = view
        self.update_classes({f"-view-{one}": one == view for one in VIEWS}, update=self.is_mounted)

    def _fitting(self, width: int) -> str:
        """Return the view for a width: one of both where there is no room for two."""
        narrow = width < TWO_PANES
        if self._view not in VIEWS or (narrow and self._view == "both"):
            return "drawing" if narrow else "both"
        return self._view

    def on_resize(self) -> None:
        """Show one of both where there is no room for two."""
        view = self._fitting(self.size.width)
        if view != self._view:
            self.look(view)
        self._write_walk()


def _nothing_around(node: Node) -> str:
    if node.kind == "track":
        return "Nothing ties this track: its tags name\nno artist, album or genre.\n/ jumps to a name, backspace back."
    return "Nothing is tied to it (any more).\n/ jumps to a name, backspace goes back."

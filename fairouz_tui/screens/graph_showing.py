"""Show a node of the graph and what is around it: drawn, as a tree, and in words."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual import events, on
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fairouz_tui.ego_rows import GLYPHS, counted, name, rows_around
from fairouz_tui.hints import hint
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
NEWLINE = "\n"
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
        self._wished = ""
        """The view that was chosen by its key; without one the view follows the width."""
        self._fitted = ""
        """The view that was taken for the width there was last."""

    def parts(self) -> Iterator[Widget]:
        """Yield the drawing, and beside it the tree with a line for names and what ties the chosen node."""
        from textual.containers import Vertical

        self._fitted = self._fitting(self.app.size.width)
        self._take(self._fitted)  # before they are styled: later all are styled again
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
        self.tree_list.empty_text = hint(self, _nothing_around(self.ego.centre))
        self.tree_list.show(rows)
        place = self._place_of(chosen) if chosen is not None else cursor
        self.tree_list.cursor = place if place is not None else self.tree_list.cursor
        self.drawing.show_ego(self.ego, self.pointed_at)
        self.put_drawing_title(self.ego)
        self.tree_list.put_title("What it is tied to" if self.ego.centre.kind == "track" else "Tied to it")
        self._write_walk()
        self.write_about()

    def _place_of(self, node: Node) -> int | None:
        """Return the row of a node; the first heading stands for the one in the middle."""
        return 0 if self.ego is not None and node == self.ego.centre else self.tree_list.index_of(node)

    def put_drawing_title(self, ego: Ego) -> None:
        """Name the node in the middle over the drawing, and whether it is marked."""
        marked = "✕ " if ego.centre == self.tree_list.marked else ""
        self.drawing.border_title = Content(marked + self._around_title(ego))

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
            text = Content(hint(self, "{graph_walk} lists more of them, {graph_search} searches for all"))
        elif row is not None and row.kind:
            text = Content(self._about_heading())
        self.query_one("#graph-about", Static).update(text, layout=False)

    def _about_heading(self) -> str:
        """Say which node keys act on where the cursor is on a heading."""
        if self.ego is None:
            return ""
        centre, is_marked = self.ego.centre, self.ego.centre == self.tree_list.marked
        does = "marked: {graph_ways} on another shows the ways to it" if is_marked else "{graph_mark} marks it"
        said = f"{{middle}} · in the middle · {does}{NEWLINE if self._view != 'drawing' else ' · '}"
        return hint(self, said + "{graph_walk} folds what is under here, or shows it again", middle=name(centre))

    # The views

    def action_turn(self, steps: int) -> None:
        """Show the drawing, the tree or both."""
        views = VIEWS[1:] if self.size.width < TWO_PANES else VIEWS
        index = views.index(self._view) if self._view in views else 0
        self._wished = self._fitted = views[(index + steps) % len(views)]
        self.look(self._wished)

    def look(self, view: str) -> None:
        """Take one of VIEWS."""
        self._take(view)
        self.set_focus(self.tree_list)

    def _take(self, view: str) -> None:
        self._view = view
        self.update_classes({f"-view-{one}": one == view for one in VIEWS}, update=self.is_mounted)

    def _fitting(self, width: int) -> str:
        """Return the view for a width: what was wished, else one of both where there is no room for two."""
        narrow = width < TWO_PANES
        if self._wished and not (narrow and self._wished == "both"):
            return self._wished
        return "drawing" if narrow else "both"

    def on_resize(self, event: events.Resize) -> None:
        """Take the view that the width has room for."""
        view = self._fitting(self.size.width)
        if self.has_class("-finding") and view == "drawing":
            view = "tree"  # a name is being typed beside it
        if view != self._fitted:
            self._fitted = view
            self._take(view) if self.has_class("-finding") else self.look(view)
        self._write_walk()


def _nothing_around(node: Node) -> str:
    if node.kind == "track":
        return (
            "Nothing ties this track: its tags name\nno artist, album or genre.\n"
            "{graph_find} jumps to a name, {graph_back} back."
        )
    return "Nothing is tied to it (any more).\n{graph_find} jumps to a name, {graph_back} goes back."

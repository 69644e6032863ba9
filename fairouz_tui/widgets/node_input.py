"""Type the name of a node of the graph to jump to."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class NodeInput(Input):
    """The name of a node to jump to."""

    DEFAULT_CSS = """
    NodeInput, NodeInput:focus { border: none; height: 1; padding: 0 1; background: $panel; display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.close", "Close", id="node_leave", tooltip="Close the search; the node stays"),
        Binding("down,tab", "screen.tree", "To the list", id="node_down", tooltip="Go to what was found"),
        Binding("enter", "submit", "Go there", id="node_go", tooltip="Walk to the first that was found"),
    ]

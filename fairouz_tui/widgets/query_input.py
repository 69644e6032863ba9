"""Type a query: words and fields, answered as they are typed; enter asks by meaning."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class QueryInput(Input):
    """The query line. Escape and the down key go back to the list; nothing typed is lost."""

    class Left(Message):
        """The reader wants to go back to the list."""

    DEFAULT_CSS = """
    QueryInput, QueryInput:focus {
        border: none;
        height: 1;
        padding: 0;
        background: $background;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "To the list", id="query_leave", tooltip="Back to the list; the words stay"),
        Binding("down,tab", "leave", "To the list", show=False, id="query_down", tooltip="Back to the list"),
        Binding(
            "enter", "submit", "By meaning", id="query_ask", tooltip="Search by meaning: rank by sound, words and all"
        ),
    ]

    def action_leave(self) -> None:
        """Hand the keys back to the list."""
        self.post_message(self.Left())

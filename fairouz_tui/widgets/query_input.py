"""Type a query: words and fields, completed and answered as they are typed; enter asks by meaning."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from fairouz_tui.completion import QuerySuggester
from fairouz_tui.history import History
from fairouz_tui.open_library import OpenLibrary


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
        Binding("tab", "complete", "Complete", id="query_complete", tooltip="Take the completion, or go to the list"),
        Binding(
            "right", "cursor_right", "Complete", show=False, id="query_right", tooltip="Take the completion, or move"
        ),
        Binding(
            "up,ctrl+r",
            "older",
            "Asked before",
            id="query_older",
            tooltip="What was asked before and holds these words",
        ),
        Binding(
            "down",
            "newer",
            "Asked after",
            show=False,
            id="query_newer",
            tooltip="Forward through what was asked, at the end to the list",
        ),
        Binding(
            "enter", "submit", "By meaning", id="query_ask", tooltip="Search by meaning: rank by sound, words and all"
        ),
    ]

    def __init__(
        self, *, library: OpenLibrary | None = None, id: str | None = None, placeholder: str = "", compact: bool = True
    ) -> None:
        """Prepare the line; values of `library` complete what is typed, without one nothing does."""
        self._completing = QuerySuggester(library) if library is not None else None
        super().__init__(id=id, placeholder=placeholder, compact=compact, suggester=self._completing)
        self.history = History()

    def action_leave(self) -> None:
        """Hand the keys back to the list."""
        self.history.rest()
        self.post_message(self.Left())

    def action_cursor_right(self, select: bool = False) -> None:
        """Take the completion where the cursor stands before it, else move."""
        if not select and not self._take_completion():
            super().action_cursor_right()
        elif select:
            super().action_cursor_right(select=True)

    def action_complete(self) -> None:
        """Take the completion; where there is none, go to the list."""
        if not self._take_completion():
            self.action_leave()

    def _take_completion(self) -> bool:
        shown = self._suggestion
        if self._completing is None or not (shown and self.cursor_at_end):
            return False
        self._put(self._completing.whole(shown))
        return True

    def action_older(self) -> None:
        """Put what was asked before into the line."""
        found = self.history.older(self.value)
        if found is not None:
            self._put(found)

    def action_newer(self) -> None:
        """Put what was asked after it into the line; who has not gone back goes to the list."""
        found = self.history.newer(self.value)
        if found is None:
            self.action_leave()
        else:
            self._put(found)

    def _put(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)

"""Type words on the map: the tracks that match are lit as one types."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input


class MapWords(Input):
    """The line for words; escape goes back to the map, and what is lit stays lit."""

    class Left(Message):
        """The reader goes back to the map."""

    DEFAULT_CSS = """
    MapWords, MapWords:focus { border: none; height: 1; padding: 0; background: $background; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "To the best", id="map_words_go", tooltip="Move the cursor to the best match"),
        Binding(
            "escape,down,tab", "leave", "To the map", id="map_words_leave", tooltip="Back to the map; matches stay lit"
        ),
    ]

    def action_leave(self) -> None:
        """Hand the keys back to the map."""
        self.post_message(self.Left())

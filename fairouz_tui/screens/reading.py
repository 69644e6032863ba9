"""Read one text whole that a line had no room for."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fairouz_tui.show import one_line


class ReadingScreen(ModalScreen[None]):
    """A box with a few lines of text, each of any length; `copied` is what y copies, where there is anything."""

    DEFAULT_CSS = """
    ReadingScreen {
        align: center middle;
        background: $background 60%;
        & > #box {
            width: 84; max-width: 92%; height: auto; max-height: 90%; padding: 1 2; background: $surface;
            border: round $border; border-title-color: $primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & #whole { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
        & #text { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,i,q", "close", "Close", id="reading_close", tooltip="Close the text"),
        Binding("y", "copy", "Copy path", id="reading_copy", tooltip="Copy the path to the clipboard"),
    ]

    def __init__(self, title: str, lines: list[str], *, copied: str) -> None:
        """Prepare the box; everything given may hold what stands in names of files."""
        super().__init__()
        self._title, self._lines, self._copied = title, lines, copied

    def compose(self) -> ComposeResult:
        """Hold the text."""
        with Vertical(id="box") as box:
            box.border_title = one_line(self._title)
            box.border_subtitle = "y copies the path · esc goes back"
            with VerticalScroll(id="whole"):
                yield Static("\n".join(one_line(line) for line in self._lines), id="text", markup=False)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the path."""
        self.app.copy_to_clipboard(self._copied.encode("utf-8", "replace").decode())
        self.notify(one_line(f"Copied {self._copied}"), markup=False)

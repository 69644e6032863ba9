"""Ask for one more music folder, with the line of the first run."""

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fairouz_tui.folders import trouble_with
from fairouz_tui.show import one_line
from fairouz_tui.widgets.folder_input import FolderInput

HINT = "tab completes · enter reads it · esc goes back"


class AddFolderScreen(ModalScreen[Path | None]):
    """A box with one line; it is closed with the folder's path, or None when there is none to add."""

    DEFAULT_CSS = """
    AddFolderScreen {
        align: center middle;
        background: $background 60%;
        & > #box {
            width: 76; max-width: 92%; height: auto; padding: 1 2; background: $surface;
            border: round $border; border-title-color: $primary; border-title-style: bold;
        }
        & #folder { margin: 0 0 1 0; }
        & #said { color: $text-muted; }
        & #said.-wrong { color: $warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Cancel", id="add_folder_close", tooltip="Go back without a folder"),
        Binding(
            "tab", "complete", "Complete", priority=True, id="add_folder_complete", tooltip="Complete the folder's name"
        ),
    ]

    def compose(self) -> ComposeResult:
        """Hold the line and what is to be said about it."""
        with Vertical(id="box") as box:
            box.border_title = "Add a music folder"
            yield FolderInput(id="folder", placeholder="~/more music, or wherever it is")
            yield Static(HINT, id="said", markup=False)

    @on(Input.Changed)
    def _changed(self) -> None:
        self._say(HINT)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        wrong = trouble_with(event.value)
        if wrong:
            self._say(wrong, wrong=True)
        else:
            self.dismiss(self.query_one(FolderInput).folder)

    def action_complete(self) -> None:
        """Take the completion over."""
        self.query_one(FolderInput).complete()

    def action_close(self) -> None:
        """Go back without a folder."""
        self.dismiss(None)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")

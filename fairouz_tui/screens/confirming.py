"""Ask before something is done that cannot be undone."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fairouz_tui.show import one_line


class ConfirmScreen(ModalScreen[bool]):
    """A question; it is closed with True for yes. Enter is no answer: it may have been typed for something else."""

    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        background: $background 60%;
        & > #box {
            width: 72; max-width: 92%; height: auto; padding: 1 2; background: $surface;
            border: round $warning; border-title-color: $warning; border-title-style: bold;
        }
        & #answers { color: $text-muted; margin: 1 0 0 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes", id="confirm_yes", tooltip="Do it"),
        Binding("escape,n,q", "answer(False)", "No", id="confirm_no", tooltip="Leave everything as it is"),
    ]

    def __init__(self, title: str, question: str, *, yes: str) -> None:
        super().__init__()
        self._title, self._question, self._yes = title, question, yes

    def compose(self) -> ComposeResult:
        """Hold the question."""
        with Vertical(id="box") as box:
            box.border_title = self._title
            yield Static(one_line(self._question), id="question", markup=False)
            yield Static(f"y {self._yes} · esc leaves everything as it is", id="answers", markup=False)

    def action_answer(self, yes: bool) -> None:
        """Take the answer."""
        self.dismiss(yes)

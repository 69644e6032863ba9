"""Help: every key, taken from the bindings themselves, searchable."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from fairouz_tui.help_lines import Line, help_lines
from fairouz_tui.keymap import Key
from fairouz_tui.screens.once_styled import OnceStyledScreen
from fairouz_tui.widgets.help_text import HelpText


class HelpScreen(OnceStyledScreen[None], ModalScreen[None]):
    """All keys, those that hold where the reader is first, with the names that config.toml knows them by."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        background: $background;
        & > #box {
            width: 100; max-width: 100%; height: 1fr; padding: 0 2; background: $surface; border: round $border;
            border-title-color: $primary; border-title-style: bold; border-subtitle-color: $text-muted;
        }
        & #wanted { margin: 1 0; }
        & #text { height: 1fr; background: $surface; }
    }
    """
    """Nothing shines through: to dim the screen under it cell by cell took half the time that opening took."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "close", "Close", id="help_close", tooltip="Close the help"),
        Binding("down", "scroll(1)", "Down", show=False, id="help_down", tooltip="Scroll the help down"),
        Binding("up", "scroll(-1)", "Up", show=False, id="help_up", tooltip="Scroll the help up"),
        Binding("pagedown", "scroll(10)", "Page down", show=False, id="help_page_down", tooltip="Scroll down a page"),
        Binding("pageup", "scroll(-10)", "Page up", show=False, id="help_page_up", tooltip="Scroll up a page"),
    ]

    def __init__(self, keys: list[Key], *, here: Sequence[str] = ()) -> None:
        """Show `keys`; `here` names the places whose keys hold now, the nearest first."""
        super().__init__()
        places = dict.fromkeys((*here, *(key.place for key in keys)))
        self._keys = [key for place in places for key in keys if key.place == place]
        self._here = frozenset(here)
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """Hold a line to search with and the keys under it."""
        with Vertical(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = Content("esc closes · ↑ ↓ scroll · grey names: for config.toml")
            yield Input(placeholder="search the keys", id="wanted", compact=True)
            yield HelpText(self._write, id="text")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._wanted = event.value.lstrip("/") or event.value  # where one searches with it elsewhere, it is typed here
        self.query_one(HelpText).write(self._write)

    def _write(self, width: int) -> list[Line]:
        return help_lines(self._keys, wanted=self._wanted, here=self._here, width=width)

    def action_scroll(self, lines: int) -> None:
        """Scroll the keys while the words stay where they are typed."""
        self.query_one(HelpText).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)

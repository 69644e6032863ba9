"""Help: every key, taken from the bindings themselves, searchable."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fairouz_tui.keymap import Key
from fairouz_tui.show import fit

KEYS_CELLS = 18
SIGNS = {
    "slash": "/",
    "comma": ",",
    "colon": ":",
    "question_mark": "?",
    "enter": "⏎",
    "backspace": "⌫",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
QUERY_HELP = (
    ("words", "rank by words and by meaning; they need not match"),
    ('"a phrase"', "must stand in the tags or the lyrics"),
    ("artist:fairouz", "also album: title: genre: lyrics:"),
    ("year:1960..1970", "also bpm: length:, with N, A..B, <N, >N"),
    ("key:Am", "or key:8A"),
    ("has:lyrics", "any of audio lyrics tags cover graph playlists"),
    ("-genre:pop", "a minus negates"),
)


class HelpScreen(ModalScreen[None]):
    """All keys of all places, with the names that config.toml knows them by."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1", "close", "Close", id="help_close", tooltip="Close the help"),
        Binding("down", "scroll(1)", "Down", show=False, id="help_down", tooltip="Scroll the help down"),
        Binding("up", "scroll(-1)", "Up", show=False, id="help_up", tooltip="Scroll the help up"),
        Binding("pagedown", "scroll(10)", "Page down", show=False, id="help_page_down", tooltip="Scroll down a page"),
        Binding("pageup", "scroll(-10)", "Page up", show=False, id="help_page_up", tooltip="Scroll up a page"),
    ]

    def __init__(self, keys: list[Key]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Hold a line to search with and the keys under it."""
        with Vertical(id="box") as box:
            box.border_title = "Keys"
            box.border_subtitle = Content("esc closes · names in grey are for [keys] in config.toml")
            yield Input(placeholder="search the keys", id="wanted", compact=True)
            with VerticalScroll(id="keys", can_focus=False):
                yield Static(self._text(""), id="text")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self.query_one("#text", Static).update(self._text(event.value))
        self.query_one("#keys", VerticalScroll).scroll_home(animate=False)

    def _text(self, wanted: str) -> Content:
        shown = [key for key in self._keys if matches(key, wanted)]
        lines: list[Content] = []
        for place in dict.fromkeys(key.place for key in shown):
            lines += [Content(""), Content.styled(place, "$primary bold")]
            lines += [_line(key) for key in shown if key.place == place]
        asked = [(name, text) for name, text in QUERY_HELP if wanted.casefold() in f"query {name} {text}".casefold()]
        if asked:
            lines += [Content(""), Content.styled("Queries", "$primary bold")]
            lines += [Content.assemble((fit(name, KEYS_CELLS), "$accent"), " ", text) for name, text in asked]
        return Content("\n").join(lines[1:] or [Content.styled("No key says that.", "$text-muted")])

    def action_scroll(self, lines: int) -> None:
        """Scroll the keys while the words stay where they are typed."""
        self.query_one("#keys", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)


def matches(key: Key, wanted: str) -> bool:
    """Return whether all words of `wanted` stand in a key's names, signs or explanation."""
    text = f"{key.place} {key.id} {key.description} {key.tooltip} {' '.join(map(sign, key.keys))}".casefold()
    return all(word in text for word in wanted.casefold().split())


def sign(key: str) -> str:
    """Return a key as it is written on the screen: "^s", "/", "⏎"."""
    return SIGNS.get(key, key.replace("ctrl+", "^"))


def _line(key: Key) -> Content:
    return Content.assemble(
        (fit("  ".join(map(sign, key.keys)), KEYS_CELLS), "$accent"),
        " ",
        key.tooltip,
        ("  " + key.id, "$text-disabled"),
    )

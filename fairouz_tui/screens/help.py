"""Help: every key, taken from the bindings themselves, searchable."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fairouz_tui.keymap import Key, matches, sign
from fairouz_tui.screens.sizes import TWO_PANES
from fairouz_tui.show import fit

KEYS_CELLS, NARROW_KEYS_CELLS = 18, 9
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
    """All keys, those that hold where the reader is first, with the names that config.toml knows them by."""

    CSS_PATH = "help.tcss"
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
        wanted = wanted.lstrip("/") or wanted  # where one searches with it elsewhere, it is typed here too
        lines = self._key_lines([key for key in self._keys if matches(key, wanted)])
        asked = [(name, text) for name, text in QUERY_HELP if wanted.casefold() in f"query {name} {text}".casefold()]
        if asked:
            lines += [Content(""), Content.styled("Queries", "$primary bold")]
            lines += [Content.assemble((fit(name, KEYS_CELLS), "$accent"), " ", text) for name, text in asked]
        return Content("\n").join(lines[1:] or [Content.styled("No key says that.", "$text-muted")])

    def _key_lines(self, shown: list[Key]) -> list[Content]:
        lines: list[Content] = []
        cells = KEYS_CELLS if self.app.size.width >= TWO_PANES else NARROW_KEYS_CELLS
        for place in dict.fromkeys(key.place for key in shown):
            said = Content.styled(" · holds here" if place in self._here else "", "$accent")
            lines += [Content(""), Content.assemble((place, "$primary bold"), said)]
            lines += [_line(key, cells=cells) for key in shown if key.place == place]
        return lines

    def action_scroll(self, lines: int) -> None:
        """Scroll the keys while the words stay where they are typed."""
        self.query_one("#keys", VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        """Close the help."""
        self.dismiss(None)


def _line(key: Key, *, cells: int) -> Content:
    return Content.assemble(
        (fit(" ".join(map(sign, key.keys)), cells), "$accent"),
        " ",
        key.tooltip,
        ("  " + key.id, "$text-disabled"),
    )

"""Show a page of text and pictures that scrolls, written anew for every width."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fairouz_tui.config import Config
from fairouz_tui.graphics import graphics
from fairouz_tui.reasons.page import Page
from fairouz_tui.widgets.picture_row import PictureRow

Writer = Callable[[int], Page]
"""Writes the page for a width in cells."""
DEFAULTS = Config()
NARROWEST = 20


class PageScroll(VerticalScroll, can_focus=True):
    """A page. Its pictures are half blocks in its text, or the terminal's own graphics between two texts."""

    DEFAULT_CSS = """
    PageScroll {
        scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        scrollbar-background: $background; scrollbar-color: $border-blurred;
    }
    PageScroll > Static { width: 1fr; height: auto; padding: 0 1; }
    PageScroll > .after-pictures { display: none; }
    PageScroll.-graphics > .after-pictures { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="why_down", tooltip="Scroll down"),
        Binding("k", "scroll_up", "Up", show=False, id="why_up", tooltip="Scroll up"),
        Binding("g", "scroll_home", "Top", show=False, id="why_top", tooltip="To the top"),
        Binding("G", "scroll_end", "Bottom", show=False, id="why_bottom", tooltip="To the end"),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._writer: Writer = lambda _: Page(Content(""))

    def compose(self) -> ComposeResult:
        """Hold one text, and under it what cannot be written as text."""
        yield Static()
        yield PictureRow()
        yield Static(classes="after-pictures")

    def show_page(self, writer: Writer, *, home: bool = True) -> None:
        """Show a page, from its top unless it continues what was there."""
        self._writer = writer
        if home:
            self.scroll_home(animate=False)
        self.draw()

    def on_resize(self) -> None:
        """Write the page for the new width."""
        self.draw()

    def draw(self) -> None:
        """Write the page again."""
        width = max(self.scrollable_content_region.width - 2, NARROWEST)
        page, how = self._writer(width), graphics(getattr(self.app, "config", DEFAULTS).images_shown)
        by_terminal = how in ("kitty", "sixel") and bool(page.pictures)
        text, after = self.query(Static)
        text.update(page.before if by_terminal else page.as_text(width))
        self.query_one(PictureRow).show(page.pictures if by_terminal else (), how)
        after.update(page.after if by_terminal else "")
        self.set_class(by_terminal, "-graphics")

"""Show lines of text that scroll, written for the width there is; only those in sight are drawn."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

Piece = tuple[str, str]
"""Safe text, and what it is: "" for plain, or the name of one of the component classes."""
Line = Sequence[Piece]
Writer = Callable[[int], Sequence[Line]]
"""Writes the lines for a width in cells."""


class HelpText(ScrollView):
    """Lines of text; many hundreds cost as little as those in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "help-text--heading",
        "help-text--key",
        "help-text--name",
    }

    DEFAULT_CSS = """
    HelpText {
        overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        scrollbar-background: $surface; scrollbar-color: $border-blurred;
        & > .help-text--heading { color: $primary; text-style: bold; }
        & > .help-text--key { color: $accent; }
        & > .help-text--name { color: $text-disabled; }
    }
    """

    def __init__(self, writer: Writer, *, id: str | None = None) -> None:
        """Show what `writer` writes."""
        super().__init__(id=id)
        self._writer = writer
        self._lines: tuple[int, Sequence[Line]] = (0, ())
        """The lines, and the width that they were written for."""

    @property
    def lines(self) -> Sequence[Line]:
        """Return the lines for the width there is."""
        width = self.scrollable_content_region.width
        if self._lines[0] != width:
            self._lines = (width, self._writer(width))
        return self._lines[1]

    @property
    def plain(self) -> str:
        """Return all of the text."""
        return "\n".join("".join(text for text, _ in line) for line in self.lines)

    def write(self, writer: Writer) -> None:
        """Show something else, from its top."""
        self._writer, self._lines = writer, (0, ())
        self.scroll_to(y=0, animate=False, force=True, immediate=True)
        self.on_resize()
        self.refresh()

    def on_resize(self) -> None:
        """Scroll as far as there are lines."""
        self.virtual_size = Size(0, len(self.lines))

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of what is in sight."""
        index, width, base, lines = self.scroll_offset.y + y, self.size.width, self.rich_style, self.lines
        if index >= len(lines):
            return Strip.blank(width, base)
        pieces = lines[index]
        styles = {kind: self.get_component_rich_style(f"help-text--{kind}") for _, kind in pieces if kind}
        drawn = [Segment(text, base + styles[kind] if kind else base) for text, kind in pieces]
        return Strip(drawn, sum(cell_len(text) for text, _ in pieces)).adjust_cell_length(width, base)

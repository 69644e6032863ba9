"""Show a list of any length one line at a time: a cursor, paging keys and the mouse, nothing kept per row."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from fairouz_tui.show import fit, wrapped
from fairouz_tui.widgets.drawn_lines import DrawnLines
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from collections.abc import Callable

DOUBLE_CLICK = 2
BAR_STEPS = len(ScrollBar.renderer.VERTICAL_BARS)
"""Places that the scrollbar has in one cell."""


class LineList(ScrollView, can_focus=True):
    """A scrolling list that draws only the lines in sight; a subclass says how long it is and draws one line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-list--header",
        "line-list--cursor",
        "line-list--dim",
        "line-list--empty",
        "line-list--strong",
    }

    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-background: $background;
        scrollbar-color: $border-blurred;
        & > .line-list--header { color: $text-muted; text-style: bold; }
        & > .line-list--cursor { background: $primary 14%; }
        & > .line-list--dim { color: $text-muted; }
        & > .line-list--empty { color: $text-muted; }
        & > .line-list--strong { color: $primary; text-style: bold; }
        &:focus > .line-list--cursor { background: $primary 32%; text-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="list_down", tooltip="One line down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="list_up", tooltip="One line up"),
        Binding("g,home", "first", "Top", show=False, id="list_top", tooltip="To the first line"),
        Binding("G,end", "last", "Bottom", show=False, id="list_bottom", tooltip="To the last line"),
        Binding("ctrl+d", "page(0.5)", "Half page down", show=False, id="list_half_down", tooltip="Half a page down"),
        Binding("ctrl+u", "page(-0.5)", "Half page up", show=False, id="list_half_up", tooltip="Half a page up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list_page_down", tooltip="A page down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list_page_up", tooltip="A page up"),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Moved(Message):
        """The cursor stands on another line, or on another row."""

        list: "LineList"

        @property
        def control(self) -> "LineList":
            """Return the list, for `@on` selectors."""
            return self.list

        def can_replace(self, message: Message) -> bool:
            """Let the newest place of the cursor stand for all before it."""
            return isinstance(message, LineList.Moved) and message.list is self.list

    @dataclass
    class Chosen(Message):
        """A line was clicked twice."""

        list: "LineList"

        @property
        def control(self) -> "LineList":
            """Return the list, for `@on` selectors."""
            return self.list

    header_lines: ClassVar[int] = 1
    """Lines over the rows that stay in place."""
    empty_text: str = ""
    """What stands in an empty list; it names the next key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}
        self._styles_cache: DrawnLines = DrawnLines()
        self._frame: tuple[Style, int, int] | None = None
        """Style, width and first row, while lines are drawn."""
        self.titled: Callable[[], str] | None = None
        """Says the border's title where the cursor is part of it; drawn with the cursor, not a frame later."""

    def __len__(self) -> int:
        """Return the number of rows; the subclass knows."""
        raise NotImplementedError

    def row_at(self, index: int) -> TrackRow | None:
        """Return the track of a row, or None when it is not there (yet)."""
        raise NotImplementedError

    def header(self, width: int) -> str:
        """Return the line over the rows, in at most `width` cells; "" for none that says anything."""
        raise NotImplementedError

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Return row `index` drawn on `style` in `width` cells."""
        raise NotImplementedError

    def tell(self, message: Message) -> None:
        """Post a message as this list's own: one posted while the screen draws would be taken for the screen's."""
        self.post_message(message.set_sender(self))

    def put_title(self, title: str) -> None:
        """Write the border's title and draw its line alone: setting `border_title` draws every row again."""
        content = Content(title)
        if content != self._border_title:
            self._border_title = content
            self.refresh(Region(-1, -1, self.outer_size.width, 1))

    def component(self, name: str) -> Style:
        """Return the colour and weight of one of this list's component classes, without its background."""
        if name not in self._styles:
            full = self.get_component_rich_style(name)
            self._styles[name] = Style(color=full.color, bold=full.bold, strike=full.strike)
        return self._styles[name]

    def notify_style_update(self) -> None:
        """Forget the colours when the theme or the focus changes them."""
        super().notify_style_update()
        self._styles.clear()

    def rows_changed(self, *, cursor: int = 0) -> None:
        """Take note of new rows: set the length and put the cursor on a row that exists."""
        self.virtual_size = Size(0, len(self) + self.header_lines)
        self.set_reactive(LineList.cursor, self.validate_cursor(cursor))
        self._show_cursor()
        self.refresh()
        self._say_where()

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row; 0 when there is none."""
        return min(max(cursor, 0), max(len(self) - 1, 0))

    def watch_cursor(self, old: int, new: int) -> None:
        """Bring the row under the cursor into sight and say so; only lines that look otherwise now are drawn."""
        self._show_cursor()
        for row in (old, new):
            self.refresh_row(row)
        self._say_where()

    def _say_where(self) -> None:
        if self.titled is not None:
            self.put_title(self.titled())
        self.tell(self.Moved(self))

    def refresh_row(self, row: int) -> None:
        """Draw a row again, when it is in sight."""
        first, after = self.in_sight
        if first <= row < after:
            self.refresh_line(row + self.header_lines)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Move the rows that stay in sight; the bar is drawn when it looks otherwise now."""
        old, new = round(old_value), round(new_value)
        self._move_bar(old_value, new_value)
        if old != new:
            top = self.content_offset.y + self.header_lines
            drawn = self._styles_cache.moved_up(new - old, range(top, top + self.page_lines))
            self.refresh(Region(0, self.header_lines, self.size.width, self.page_lines))
            self._styles_cache.put(drawn)

    def _move_bar(self, old: float, new: float) -> None:
        if not self.show_vertical_scrollbar:
            return
        bar = self.vertical_scrollbar
        hidden, height = max(bar.window_virtual_size - bar.window_size, 1), bar.size.height
        room = height - max(1, bar.window_size * height / max(bar.window_virtual_size, 1))
        if int(old / hidden * room * BAR_STEPS) == int(new / hidden * room * BAR_STEPS):
            bar.set_reactive(ScrollBar.position, new)
        else:
            bar.position = new

    @property
    def page_lines(self) -> int:
        """Return how many rows are in sight."""
        return max(self.scrollable_content_region.height - self.header_lines, 1)

    @property
    def in_sight(self) -> tuple[int, int]:
        """Return the first row in sight and the one after the last."""
        first = self.scroll_offset.y
        return first, min(first + self.page_lines, len(self))

    def _show_cursor(self) -> None:
        top, lines = self.scroll_offset.y, self.page_lines
        if self.cursor < top:
            self._jump(self.cursor)
        elif self.cursor >= top + lines:
            self._jump(self.cursor - lines + 1)
        elif top + lines > len(self):
            self._jump(max(len(self) - lines, 0))

    def _jump(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, force=True, immediate=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines; what is the same for all of them, a quarter of their cost, is found out once."""
        self._frame = self._framed()
        try:
            return super().render_lines(crop)
        finally:
            self._frame = None

    def _framed(self) -> tuple[Style, int, int]:
        return self.rich_style, self.scrollable_content_region.width, self.scroll_offset.y

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of what is in sight."""
        base, width, top = self._frame or self._framed()
        if y < self.header_lines:
            style = base + self.component("line-list--header")
            return Strip([Segment(fit(self.header(width), width), style)], width)
        index = top + y - self.header_lines
        if index >= len(self):
            return self._blank(y, width, base)
        if index == self.cursor:
            base = base + self.get_component_rich_style("line-list--cursor")
        return Strip(self.line(index, width, base)).adjust_cell_length(width, base)

    def _blank(self, y: int, width: int, base: Style) -> Strip:
        """Draw a line under the rows; an empty list says there what to do."""
        lines = list(wrapped(self.empty_text, width - 4))
        at = y - self.header_lines
        if len(self) or at >= len(lines):
            return Strip.blank(width, base)
        text = fit("  " + lines[at], width)
        return Strip([Segment(text, base + self.component("line-list--empty"))]).adjust_cell_length(width, base)

    def on_resize(self) -> None:
        """Keep the cursor in sight when the pane changes its height."""
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click chooses."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y < self.header_lines:
            return
        index = self.scroll_offset.y + offset.y - self.header_lines
        if index < len(self):
            self.cursor = index
            if event.chain == DOUBLE_CLICK:
                self.tell(self.Chosen(self))

    def action_move(self, lines: int) -> None:
        """Move the cursor by `lines`."""
        self.cursor += lines

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self.cursor = 0

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self.cursor = len(self) - 1

    def action_page(self, pages: float) -> None:
        """Move the cursor by pages."""
        self.cursor += round(self.page_lines * pages)

"""Show on the last line what the keys do here; a click does it, the wheel brings what does not fit into sight.

The frame's own footer is a widget for each key, all made anew whenever the focus moves: thirty milliseconds each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

WHEEL_CELLS = 6


@dataclass(frozen=True)
class Item:
    """A key as it is drawn, on the cells from `start` up to `end`."""

    key: str
    sign: str
    does: str
    tooltip: str
    start: int
    end: int


class KeyLine(Widget):
    """The keys that hold where the focus is, each with one word."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-line--key", "key-line--does", "key-line--under-mouse"}

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom; height: 1; color: $footer-foreground; background: $footer-background;
        & > .key-line--key { color: $footer-key-foreground; background: $footer-key-background; text-style: bold; }
        & > .key-line--does {
            color: $footer-description-foreground; background: $footer-description-background;
        }
        & > .key-line--under-mouse { color: $footer-key-foreground; background: $block-hover-background; }
    }
    """

    first_cell: reactive[int] = reactive(0)
    """How many cells the wheel has moved out at the left."""
    under_mouse: reactive[Item | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Item, ...] | None = None
        """None when the line is to be made anew."""

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: "Screen[object]") -> None:
        if screen.app.app_focus:
            self._items = None
            self.refresh()

    @property
    def items(self) -> tuple[Item, ...]:
        """Return the keys that hold now, in the order in which the focused widget and the screen name them."""
        if self._items is None:
            self._items = tuple(self._made())
        return self._items

    def _made(self) -> Iterator[Item]:
        first: dict[str, ActiveBinding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                first.setdefault(active.binding.action, active)
        start = 0
        for _, binding, _, tooltip in first.values():
            sign = self.app.get_key_display(binding)
            end = start + cell_len(sign) + cell_len(binding.description) + 3
            yield Item(binding.key, sign, binding.description, tooltip or binding.description, start, end)
            start = end

    def render_line(self, y: int) -> Strip:
        """Draw the keys."""
        line = Strip([segment for item in self.items for segment in self._drawn(item)])
        return line.crop(self._first).adjust_cell_length(self.size.width, self.rich_style)

    @property
    def _first(self) -> int:
        """Return how many cells are out at the left; fewer keys, or more room, may leave less than the wheel moved."""
        end = self.items[-1].end if self.items else 0
        return min(self.first_cell, max(end - self.size.width, 0))

    def _drawn(self, item: Item) -> list[Segment]:
        base = self.rich_style
        key, does = (base + self.get_component_rich_style(f"key-line--{name}") for name in ("key", "does"))
        if item == self.under_mouse:
            lit = self.get_component_rich_style("key-line--under-mouse")
            key, does = key + lit, does + lit
        return [Segment(f" {item.sign} ", key), Segment(f"{item.does} ", does)]

    def _at(self, event: events.MouseEvent) -> Item | None:
        cell = event.x + self._first
        return next((item for item in self.items if item.start <= cell < item.end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Light the key under the mouse and say more about it."""
        self.under_mouse = self._at(event)

    def on_leave(self) -> None:
        """Light no key."""
        self.under_mouse = None

    def watch_under_mouse(self, item: Item | None) -> None:
        """Keep the tooltip that of the key under the mouse."""
        self.tooltip = item.tooltip if item is not None else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key."""
        item = self._at(event)
        if item is not None:
            self.app.simulate_key(item.key)

    def on_mouse_scroll_down(self) -> None:
        """Bring what stands further right into sight."""
        end = self.items[-1].end if self.items else 0
        self.first_cell = min(self.first_cell + WHEEL_CELLS, max(end - self.size.width, 0))

    def on_mouse_scroll_up(self) -> None:
        """Bring what stands further left into sight."""
        self.first_cell = max(self.first_cell - WHEEL_CELLS, 0)

"""Show on the last line what the keys do here, as many as there is room for: a click does it, the wheel brings others.

The way back, the help and the way out are always there, and no key is cut. The frame's own footer is a widget for each
key, all made anew whenever the focus moves: thirty milliseconds each time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import BindingsMap
from textual.dom import DOMNode
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.binding import ActiveBinding
    from textual.screen import Screen

KEPT = ("close", "app.help", "app.quit")
"""What leads back, to all other keys and out of the explorer: never left out."""
AROUND = 3
"""Empty cells of one key: before it, between it and its word, behind them."""


@dataclass(frozen=True)
class Item:
    """A key as it is drawn, on the cells from `start` up to `end`."""

    key: str
    sign: str
    does: str
    tooltip: str
    start: int
    end: int
    kept: bool = False
    """Whether it is there however little room there is."""

    @property
    def cells(self) -> int:
        """Return how many cells it takes."""
        return self.end - self.start


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

    left_out: reactive[int] = reactive(0)
    """How many of the first keys the wheel has left out."""
    under_mouse: reactive[Item | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[Item, ...] = ()
        """All keys, the first of them the most wanted."""
        self._is_known = False
        """False when they are to be looked up anew."""
        self._items: tuple[tuple[int, int], tuple[Item, ...]] = ((0, 0), ())
        """Those that fit, and the width and the keys left out that they were chosen for."""

    def on_mount(self) -> None:
        """Follow the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self.app.screen_change_signal.subscribe(self, self._changed)

    def _changed(self, screen: "Screen[object]") -> None:
        if screen.app.app_focus:
            self._is_known = False
            self.refresh()

    @property
    def known(self) -> tuple[Item, ...]:
        """Return the keys that hold now, in the order in which the focused widget and the screen name them."""
        if not self._is_known:
            known, self._is_known = tuple(self._made()), True
            if known != self._known:
                self._known, self._items = known, ((0, 0), ())
                self.set_reactive(KeyLine.left_out, 0)
        return self._known

    @property
    def items(self) -> tuple[Item, ...]:
        """Return the keys that there is room for, each on its cells."""
        known = self.known
        wanted = (self.size.width, self.left_out)
        if self._items[0] != wanted:
            self._items = (wanted, fitting(known, width=self.size.width, left_out=self.left_out))
        return self._items[1]

    def _made(self) -> Iterator[Item]:
        first: dict[str, ActiveBinding] = {}
        screen = self._screen_in_front
        own = getattr(screen.focused, "KEYS_SHOWN", ())
        for active in screen.active_bindings.values():
            if active.binding.show or active.binding.id in own:
                first.setdefault(active.binding.action, active)
        for _, binding, _, tooltip in sorted(as_named(first), key=lambda one: _place(own, one.binding.id)):
            sign = self.app.get_key_display(binding)
            end = cell_len(sign) + cell_len(binding.description) + AROUND
            yield Item(
                binding.key, sign, binding.description, tooltip or binding.description, 0, end, binding.action in KEPT
            )

    @property
    def _screen_in_front(self) -> "Screen[object]":
        """Return the screen that keys go to: this line's own, or the box that is open over it."""
        front = self.app.screen
        return front if front.is_modal else self.screen

    def render_line(self, y: int) -> Strip:
        """Draw the keys."""
        line = Strip([segment for item in self.items for segment in self._drawn(item)])
        return line.adjust_cell_length(self.size.width, self.rich_style)

    def _drawn(self, item: Item) -> list[Segment]:
        base = self.rich_style
        key, does = (base + self.get_component_rich_style(f"key-line--{name}") for name in ("key", "does"))
        if item == self.under_mouse:
            lit = self.get_component_rich_style("key-line--under-mouse")
            key, does = key + lit, does + lit
        return [Segment(f" {item.sign} ", key), Segment(f"{item.does} ", does)]

    def _at(self, event: events.MouseEvent) -> Item | None:
        return next((item for item in self.items if item.start <= event.x < item.end), None)

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
        """Leave out one more of the first keys, as long as others wait for its place."""
        shown = {item.key for item in self.items}
        if any(item.key not in shown for item in others(self.known)[self.left_out :]):
            self.left_out += 1

    def on_mouse_scroll_up(self) -> None:
        """Take one of the first keys back."""
        self.left_out = max(self.left_out - 1, 0)


def _place(own: Sequence[str], name: str | None) -> int:
    return own.index(name) if name in own else len(own)


def as_named(active: "Mapping[str, ActiveBinding]") -> "list[ActiveBinding]":
    """Return bindings, by action, in the order in which their owners name them, whatever their keys are now.

    What a screen names itself comes before what it has from the screen it is made from. The frame has that the other
    way round, and puts a command whose key was changed behind all others.
    """
    place = dict[tuple[DOMNode, str], int]()
    for node in dict.fromkeys(one.node for one in active.values()):
        for action in _named_by(type(node)):
            place.setdefault((node, action), len(place))
    return sorted(active.values(), key=lambda one: place.get((one.node, one.binding.action), len(place)))


@cache
def _named_by(owner: type[DOMNode]) -> tuple[str, ...]:
    """Return the actions that a class binds, its own first."""
    kin = [one.__dict__.get("BINDINGS", ()) for one in owner.__mro__ if issubclass(one, DOMNode)]
    return tuple(dict.fromkeys(binding.action for bindings in kin for _, binding in BindingsMap(bindings)))


def fitting(items: Sequence[Item], *, width: int, left_out: int = 0) -> tuple[Item, ...]:
    """Return the items that fit side by side into `width` cells, placed there in their order.

    Those that are kept come first, then the others as they are named, without the first `left_out` of them.
    """
    chosen, room = set[str](), width
    for item in [*(item for item in items if item.kept), *others(items)[left_out:]]:
        if item.cells <= room:
            chosen.add(item.key)
            room -= item.cells
    return tuple(_placed(item for item in items if item.key in chosen))


def others(items: Sequence[Item]) -> list[Item]:
    """Return the items that are left out where there is no room."""
    return [item for item in items if not item.kept]


def _placed(items: Iterable[Item]) -> Iterator[Item]:
    start = 0
    for item in items:
        yield replace(item, start=start, end=start + item.cells)
        start += item.cells

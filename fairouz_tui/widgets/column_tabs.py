"""Name the columns on one line: which are in sight, which is the reader's; a click goes to one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import accumulate

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from fairouz_tui.agreement import COLUMNS

NONE, READING = "–", "…"


class ColumnTabs(Widget):
    """The names of the columns."""

    DEFAULT_CSS = """
    ColumnTabs { height: 1; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    @dataclass
    class Picked(Message):
        """A name was clicked."""

        name: str

    def __init__(self) -> None:
        super().__init__()
        self._current = ""
        self._in_sight: Collection[str] = ()
        self._counts: Mapping[str, int] = {}

    def show(self, current: str, in_sight: Collection[str], counts: Mapping[str, int]) -> None:
        """Show where the reader is and how many neighbours each column has."""
        self._current, self._in_sight, self._counts = current, in_sight, counts
        self.refresh()

    def labels(self) -> dict[str, str]:
        """Return what stands for each column: its name, "–" where it has no neighbours, "…" while they are read."""
        said = {name: NONE if self._counts.get(name) == 0 else "" for name in COLUMNS}
        said |= {name: READING for name in COLUMNS if name not in self._counts}
        return {name: f" {title}{said[name]} " for name, title in COLUMNS.items()}

    def render(self) -> Content:
        """Draw the names."""
        return Content.assemble(*((text, self._style(name)) for name, text in self.labels().items()))

    def _style(self, name: str) -> str:
        if name == self._current:
            return "bold reverse $primary"
        return "$foreground" if name in self._in_sight else "$text-disabled"

    def on_click(self, event: events.Click) -> None:
        """Go to the column whose name is under the mouse."""
        offset = event.get_content_offset(self)
        labels = self.labels()
        ends = accumulate(cell_len(text) for text in labels.values())
        name = next((name for name, end in zip(labels, ends, strict=True) if offset and offset.x < end), "")
        if name:
            self.post_message(self.Picked(name))

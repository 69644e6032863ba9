"""Name the panes of an explanation on one line; a click opens one."""

from collections.abc import Iterator
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

SHORTENED = 3
"""Letters of a name where there is no room for all of it."""
SHORT_NAMES = {"overview": "all", "playlists": "lists"}


class TabStrip(Widget):
    """One line of names, the open one lit."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    TabStrip { height: 1; padding: 0 1; background: $background; text-wrap: nowrap; }
    """

    tabs: reactive[tuple[str, ...]] = reactive(())
    open_tab: reactive[str] = reactive("")
    faint: reactive[frozenset[str]] = reactive(frozenset())
    """Tabs with nothing to tell."""

    @dataclass
    class Picked(Message):
        """A name was clicked."""

        tab: str

    def labels(self) -> Iterator[tuple[str, str, int]]:
        """Yield each tab with its label and the cell that it begins at."""
        for labels in (self._full(), self._short(), self._shortest()):
            if sum(len(label) + 1 for label in labels) - 1 <= self.content_size.width:
                break
        at = 0
        for tab, label in zip(self.tabs, labels, strict=True):
            yield tab, label, at
            at += len(label) + 1

    def _full(self) -> list[str]:
        return list(self.tabs)

    def _short(self) -> list[str]:
        return [SHORT_NAMES.get(tab, tab) for tab in self.tabs]

    def _shortest(self) -> list[str]:
        return [SHORT_NAMES.get(tab, tab) if tab == self.open_tab else tab[:SHORTENED] for tab in self.tabs]

    def render(self) -> Content:
        """Draw the names."""
        spans: list[tuple[str, str]] = []
        for tab, label, _ in self.labels():
            lit = "$background on $primary bold" if tab == self.open_tab else ""
            spans += [(label, lit or ("$text-disabled" if tab in self.faint else "$text-muted")), (" ", "")]
        return Content.assemble(*spans[:-1])

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the mouse."""
        cell = event.x - self.styles.padding.left
        for tab, label, start in self.labels():
            if start <= cell < start + len(label):
                self.post_message(self.Picked(tab))

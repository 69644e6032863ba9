"""Put the focus back where it was when a window that was too small for anything is large enough again.

What is hidden loses the focus; without it the keys of a list do nothing, and a query that is typed would go on as keys.
"""

from typing import TypeVar

from textual import on
from textual.events import Resize
from textual.geometry import Size
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets.input import Selection

from fairouz_tui.screens.sizes import LOWEST, NARROWEST

R = TypeVar("R")
SETTLED_SECONDS = 0.2
"""After a resize: by then what was hidden in between has heard of it, and has let the focus go once more."""


class RefocusingScreen(Screen[R]):
    """A screen that hides its parts while the window is too small."""

    _hidden: Widget | None = None
    """What had the focus before all was hidden."""
    _selection: Selection | None = None
    """The place in it, where it is a line that is typed into."""
    _settling: Timer | None = None

    @on(Resize)
    def _keep_focus(self, event: Resize) -> None:
        """Note what has the focus before it is hidden, and give it back."""
        if self._settling is not None:
            self._settling.stop()
        if not is_too_small(event.size):
            if self._hidden is not None:
                self.call_after_refresh(self._focus_again)
                self._settling = self.set_timer(SETTLED_SECONDS, self._settle)
        elif self._hidden is None and self.focused is not None:
            self._hidden = self.focused
            self._selection = self.focused.selection if isinstance(self.focused, Input) else None

    def _settle(self) -> None:
        self._focus_again()
        self._hidden = None

    def _focus_again(self) -> None:
        hidden = self._hidden
        if hidden is None or hidden is self.focused or is_too_small(self.size):
            return
        if not hidden.is_attached or not hidden.display or isinstance(self.focused, Input):
            return
        self.set_focus(hidden)
        if isinstance(hidden, Input) and self._selection is not None:
            hidden.call_later(setattr, hidden, "selection", self._selection)


def is_too_small(size: Size) -> bool:
    """Return whether nothing but a word about its size is shown in a window."""
    return size.width < NARROWEST or size.height < LOWEST

"""Open a screen whose parts are styled once: when they are mounted, with the classes for the window's size there.

Textual styles all parts of a new screen again when it takes the place of another, and a third time when it learns its
size; it lays them out and draws them twice as well. Together that is half of what it costs to open one. And it keeps
what it drew of the last thousand parts, gone ones too: each look for garbage then goes through all their lines.
"""

from contextlib import suppress
from typing import TypeVar

from textual.events import Resize, ScreenResume
from textual.geometry import Size

from fairouz_tui.screens.refocusing import RefocusingScreen

R = TypeVar("R")


class OnceStyledScreen(RefocusingScreen[R]):
    """A screen with breakpoints of its own; the subclass calls `take_size` before it yields its parts."""

    _was_shown = False

    def take_size(self, size: Size) -> None:
        """Take the classes for the size of the window, which the parts are styled by."""
        self.add_class(*self._sized(size))

    def _sized(self, size: Size) -> list[str]:
        """Return the classes for a size."""
        sides = ((size.width, self.HORIZONTAL_BREAKPOINTS), (size.height, self.VERTICAL_BREAKPOINTS))
        fitting = [[name for least, name in sorted(steps or ()) if cells >= least] for cells, steps in sides]
        return [names[-1] for names in fitting if names]

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Leave parts as they are that were styled a moment ago, when they were mounted."""
        event.refresh_styles = event.refresh_styles and self._was_shown
        self._was_shown = True

    async def _on_resize(self, event: Resize) -> None:
        """Leave parts where they are that were laid out for this very size a moment ago, when the screen was shown."""
        steps = {name for _, name in (*(self.HORIZONTAL_BREAKPOINTS or ()), *(self.VERTICAL_BREAKPOINTS or ()))}
        if event.size == self._compositor.size and self.classes & steps == set(self._sized(event.size)):
            event.stop()
            event.prevent_default()

    def on_unmount(self) -> None:
        """Let what was drawn go with its parts.

        The frame calls it its own: where another version has it no more, nothing but memory is lost.
        """
        with suppress(ImportError, AttributeError):
            from textual._styles_cache import StylesCache

            StylesCache.get_inner_outer.cache_clear()

"""Look for garbage in quiet moments: in the middle of a key's work that holds the screen up for a tenth of a second."""

import gc
import sys
from time import monotonic

from textual.app import App
from textual.events import Event, InputEvent
from textual.screen import Screen

QUIET_SECONDS = 1.0
"""Without a key or the mouse: someone reads."""
WORTH = 2
"""Looks through what is young, after which the rest is worth one: a screen opened and closed makes about two."""
AT_LATEST = 100
"""The same, when it is never quiet; Python's own number is 10."""


class QuietApp(App[None]):
    """An app that goes through all it has in memory while nothing is asked of it."""

    _touched_at = 0.0
    _loaded = 0
    """How many modules were there when all that was there was declared to stay."""

    def on_mount(self) -> None:
        """Leave the long look for garbage to quiet moments."""
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, AT_LATEST)
        self.set_interval(QUIET_SECONDS, self.look_for_garbage)

    async def on_event(self, event: Event) -> None:
        """Note that someone is there."""
        if isinstance(event, InputEvent):
            self._touched_at = monotonic()
        await super().on_event(event)

    @property
    def is_home(self) -> bool:
        """Return whether the screen is shown that stays until the end."""
        return len(self.screen_stack) == 1

    def look_for_garbage(self) -> None:
        """Let go of what nothing leads to any more, when it is quiet and there may be some.

        Modules that were loaded since (a map needs 20,000 functions) need not be gone through again: they are declared
        to stay, once the screen that loaded them is closed.
        """
        is_quiet = monotonic() - self._touched_at >= QUIET_SECONDS
        grown = len(sys.modules) > self._loaded
        if not is_quiet or not gc.isenabled() or gc.get_count()[2] < WORTH or (grown and not self.is_home):
            return
        gc.collect()
        if grown:
            self.keep_loaded()

    def keep_loaded(self) -> None:
        """Declare what is in memory to stay, unless a screen would stay with it.

        One that was closed may be there a moment longer: a worker that has just ended holds it, or a message to it.
        """
        if self.is_home and not self._holds_closed_screens():
            self._loaded = len(sys.modules)
            gc.freeze()

    def _holds_closed_screens(self) -> bool:
        """Return whether a screen is still in memory that is shown no more."""
        shown = {id(screen) for screen in self.screen_stack}
        return any(issubclass(type(one), Screen) and id(one) not in shown for one in gc.get_objects())

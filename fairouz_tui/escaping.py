"""Read esc and a key right after it as those two: a terminal writes alt and a key the same way.

Nothing of the explorer's own is bound to alt; what a user binds there stays a key with alt, for as long as it is bound.
"""

from collections.abc import Iterator

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, Key

ESCAPE = "escape"
ALT, SHIFT = "alt+", "shift+"
LOST_SECONDS = 0.5
"""After so long the second key comes in any case: what had the first one may be gone."""


class EscapingApp(App[None]):
    """An app that takes alt and a key that mean nothing together for two keys."""

    _waiting: list[Key] | None = None
    """Keys that wait until the esc before them has done what it does; None while there is none."""

    async def on_event(self, event: Event) -> None:
        """Take a key with alt apart; what is typed meanwhile comes after it."""
        if not isinstance(event, Key) or event.is_forwarded:
            return await super().on_event(event)
        if self._waiting is not None:
            self._waiting.append(event)
            return None
        second = self._after_escape(event)
        if second is None:
            return await super().on_event(event)
        self._waiting = [second]
        up = (self.focused or self.screen).ancestors_with_self
        await super().on_event(Key(ESCAPE, "\x1b"))
        self._follow(iter((*up, *up)))  # the second time behind what the widget says of the esc
        self.set_timer(LOST_SECONDS, self._let_through)
        return None

    def _after_escape(self, event: Key) -> Key | None:
        """Return the key that was typed after esc; None where it is one key with alt, or another key."""
        name = event.key.removeprefix(ALT)
        letter = name.removeprefix(SHIFT)
        if name == event.key or len(letter) != 1 or self._is_wanted(event.key):
            return None
        typed = letter if letter == name else letter.upper()
        return Key(typed, typed)

    def _is_wanted(self, key: str) -> bool:
        """Return whether a key with alt means something here, or any key does."""
        if getattr(self.screen, "TAKES_ANY_KEY", False):
            return True
        return any(key in bindings.key_to_bindings for _, bindings in self.screen._modal_binding_chain)

    def _follow(self, path: Iterator[DOMNode]) -> None:
        """Go the way of the esc, behind it: from what had the focus up to the app, which knows the keys."""
        node = next(path, None)
        if node is None:
            self._settle()
        else:
            node.call_later(self._follow, path)

    def _settle(self) -> None:
        """Let the screen hear what it was told, and then the focus move, before the second key."""
        self.screen.call_after_refresh(lambda: self.call_later(self._let_through))

    async def _let_through(self) -> None:
        waiting, self._waiting = self._waiting, None
        for event in waiting or ():
            await self.on_event(event)

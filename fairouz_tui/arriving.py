"""Let only whole sequences through from the terminal: an answer that comes in pieces must not be read as keys.

Textual waits a tenth of a second for the rest of a sequence and then takes what is there for keys. Behind a slow link
a terminal's answer, or a report of the mouse, may be cut in two with more than that between; and there are answers
that Textual does not know. Each of their letters would be a key, and keys play, ban and open screens.
"""

import re
from collections.abc import Iterable

from textual import constants
from textual._time import get_time
from textual._xterm_parser import (
    _MAX_SEQUENCE_SEARCH_THRESHOLD,
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
)
from textual.events import Key
from textual.message import Message

REST_SECONDS = 2.0
"""How long the rest of a sequence is waited for; then its beginning is dropped."""
ALT_SECONDS = 0.5
"""How long it is waited after two signs, which may as well be a key with alt."""
PASTE_SECONDS = 10.0
"""How long a paste may stay silent without its end: until then every key is part of it."""
LONGEST_STRING = 1_000_000
"""What is longer is no answer to anything."""
ESC = "\x1b"
SEQUENCE = re.compile(
    r"\x1b(?:"
    r"\[M..."  # the mouse, as of old
    r"|\[\[."  # F1 to F5 of the console
    r"|\[(?!M|\[)[0-?]*[ -/]*[@-~]"
    r"|\](?=\d)[^\x07\x1b]*(?:\x07|\x1b\\)"  # what a terminal says of its colours and its clipboard
    r"|P(?=[\d>!=|+$])[^\x1b]*\x1b\\"  # and of itself
    r"|_(?=G)[^\x1b]*\x1b\\"  # and of pictures
    r")",
    re.DOTALL,
)
BEGINNING = re.compile(
    r"\x1b(?:"
    r"\[(?:M.{0,2}|\[|[0-?]*[ -/]*)?"
    r"|\](?:\d[^\x07\x1b]*\x1b?)?"
    r"|P(?:[\d>!=|+$][^\x1b]*\x1b?)?"
    r"|_(?:G[^\x1b]*\x1b?)?"
    r")?\Z",
    re.DOTALL,
)
LATE_REST = re.compile(r"\[(?:[<?>]\d[\d;]*\$?[A-Za-z]|\d+(?:;\d+)+[A-Za-z])")
"""What comes in one piece after an ESC that was taken for the key: no hand is that quick."""


class ArrivingText:
    """Text from the terminal, of which the beginning of a sequence is held back until the rest is there."""

    def __init__(self) -> None:
        self._held = ""
        self._held_at = 0.0
        self._escaped_at = float("-inf")
        self._pasting = False
        self._probe = XTermParser()

    def take(self, text: str, *, now: float) -> str:
        """Return what may be read now, of what was held back and of `text`."""
        text, self._held, self._held_at = self._without_late_rest(self._held + text, now), "", now
        ready: list[str] = []
        while text:
            part, text = self._pasted(text) if self._pasting else self._typed(text)
            ready.append(part)
        return "".join(ready)

    def late(self, *, now: float) -> str:
        """Return what is to be read as nothing more came: one sign or two may be a key, more are dropped."""
        if now - self._held_at < self._patience:
            return ""
        held, self._held = self._held, ""
        if self._pasting:
            self._pasting = False
            return BRACKETED_PASTE_END
        if held == ESC:
            self._escaped_at = now
        return held if len(held) <= 2 else ""

    @property
    def _patience(self) -> float:
        """Return for how many seconds nothing must have come."""
        if self._pasting:
            return PASTE_SECONDS
        return (constants.ESCAPE_DELAY, ALT_SECONDS, REST_SECONDS)[min(max(len(self._held), 1), 3) - 1]

    def _without_late_rest(self, text: str, now: float) -> str:
        since = now - self._escaped_at
        self._escaped_at = float("-inf")
        late = LATE_REST.match(text) if since < REST_SECONDS else None
        return text[late.end() :] if late else text

    def _typed(self, text: str) -> tuple[str, str]:
        """Return what may be read of the next piece of `text`, and the rest."""
        if text[0] != ESC:
            keys, escape, rest = text.partition(ESC)
            return keys, escape + rest
        if found := SEQUENCE.match(text):
            sequence = found[0]
            self._pasting = sequence == BRACKETED_PASTE_START
            return sequence if self._is_known(sequence) else "", text[found.end() :]
        if len(text) < LONGEST_STRING and BEGINNING.match(text):
            self._held = text
            return "", ""
        return ESC, text[1:]

    def _pasted(self, text: str) -> tuple[str, str]:
        """Return what is pasted, without its escapes, up to the end; and the rest."""
        pasted, end, rest = text.partition(BRACKETED_PASTE_END)
        if end:
            self._pasting = False
            return pasted.replace(ESC, "") + end, rest
        last = text.rfind(ESC)
        if last >= 0 and BRACKETED_PASTE_END.startswith(text[last:]):
            self._held = text[last:]
            text = text[:last]
        return text.replace(ESC, ""), ""

    def _is_known(self, sequence: str) -> bool:
        """Return whether the parser makes something of a sequence; of any other it would make keys."""
        if sequence in (BRACKETED_PASTE_START, BRACKETED_PASTE_END):
            return True
        if sequence[1] != "[" or len(sequence) > _MAX_SEQUENCE_SEARCH_THRESHOLD:
            return False
        if list(self._probe.feed(sequence)):
            return True
        self._probe = XTermParser()
        return False


class WholeParser(XTermParser):
    """Textual's parser behind a gate."""

    def __init__(self, debug: bool = False) -> None:
        self._arriving = ArrivingText()
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what is whole of what came; "" ends."""
        if not data:
            yield from super().feed("")
        elif ready := self._arriving.take(data, now=get_time()):
            yield from super().feed(ready)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        """Yield esc before a sign that no key with alt is named by, where Textual would forget the esc."""
        if alt and len(sequence) == 1 and not sequence.isalnum() and sequence != ESC:
            yield Key("escape", ESC)
        yield from super()._sequence_to_key_events(sequence, alt)

    def tick(self) -> Iterable[Message]:
        """Parse what waited for a rest that did not come."""
        if late := self._arriving.late(now=get_time()):
            yield from super().feed(late)
            if self._timeout_time is not None:
                self._timeout_time = 0.0  # it was waited for here
        yield from super().tick()


def read_whole_sequences() -> None:
    """Let the driver of the terminal read through the gate from now on; other systems have drivers of their own."""
    try:
        from textual.drivers import linux_driver
    except ImportError:
        return
    linux_driver.XTermParser = WholeParser  # type: ignore[attr-defined]

"""Complete the term that is being typed: the name of a field, or a value that the library has."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.suggester import Suggester

from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.show import one_line
from indexer.errors import IndexerError, StoreError
from indexer.exploring.query_terms import FIELDS

_LAST_TERM = re.compile(
    rf"""
    (?:^|(?<=\s))-?
    (?:
        (?:(?P<field>[A-Za-z]+):=?|(?P<apart>{"|".join(FIELDS)}):=?\s+)  # the value may stand apart from its field
        (?:"(?P<quoted>[^"]*)|(?P<plain>[^\s"]*))
        |(?P<word>[A-Za-z]+)
    )$
    """,
    re.IGNORECASE | re.VERBOSE,
)
FIELD_FROM = 2
"""Letters from which on a word may be the beginning of a field's name."""
Values = Callable[[str, str], Sequence[str]]
"""Gives the values of a field that begin with a text, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A query with its last term completed."""

    shown: str
    """Begins with what was typed, letter by letter; the rest is shown faintly behind it."""
    whole: str
    """What the line holds once it is accepted: values as the library writes them, in quotes where they need them."""


def completed(text: str, values: Values) -> Completion | None:
    """Return a query with its last term completed, or None where nothing is known to fit."""
    term = _LAST_TERM.search(text)
    if term is None or text[: term.start()].count('"') % 2:
        return None
    field = term["field"] or term["apart"]
    if field is None:
        return _field(text, term["word"])
    quoted = term["quoted"] is not None
    typed = term["quoted"] if quoted else term["plain"]
    for value in values(field.lower(), typed):
        if len(value) > len(typed) and one_line(value) == value:
            return _value(text, typed, value, quoted=quoted)
    return None


def _field(text: str, word: str) -> Completion | None:
    if len(word) < FIELD_FROM:
        return None
    name = next((name for name in FIELDS if name.startswith(word.lower())), None)
    if name is None:
        return None
    whole = f"{text}{name[len(word) :]}:"
    return Completion(whole, whole)


def _value(text: str, typed: str, value: str, *, quoted: bool) -> Completion:
    before = text[: len(text) - len(typed) - quoted]
    needs_quotes = quoted or any(letter.isspace() for letter in value)
    whole = f'{before}"{value}"' if needs_quotes else before + value
    return Completion(text + value[len(typed) :], whole)


class QuerySuggester(Suggester):
    """What the query line shows faintly behind what is typed; the values are looked up in a thread."""

    def __init__(self, library: OpenLibrary) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._library = library
        self._last: Completion | None = None

    async def get_suggestion(self, value: str) -> str | None:
        """Return the query with its last term completed."""
        self._last = await asyncio.to_thread(self._find, value)
        return self._last.shown if self._last is not None else None

    def whole(self, shown: str) -> str:
        """Return what stands in the line once the completion that is shown is accepted."""
        return self._last.whole if self._last is not None and self._last.shown == shown else shown

    def _find(self, text: str) -> Completion | None:
        """Find the completion; a library that cannot be read now completes nothing, and says why when it is asked."""
        try:
            return completed(text, self._library.values_of)
        except (IndexerError, StoreError):
            return None

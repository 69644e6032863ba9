"""Read words that no track has as those that it has: "acdc" as "AC/DC", "beatels" as "beatles", "mcload" as "macleod".

A word is never taken away: what it is read as is looked for beside it. What the text model knows as a word is no slip.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.exploring.alike import beginnings, frame, unlikeness
from indexer.exploring.lexical import is_found, is_held, word_terms
from indexer.exploring.vocabulary import words_beginning
from indexer.fold import words
from models.encoders.whole_words import is_word, is_written_in_many_ways

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping

    from indexer.exploring.query import Query

_SPLIT_UP_TO = 12
"""Longer words are not two names written as one."""
_LETTERS = range(2, 6)
"""Lengths of what may be initials, "REM"."""
_ONE_SLIP, _TWO_SLIPS = 5, 8
"""From so many letters on a word may be one slip of the fingers, or two, from another; of shorter ones too many are."""
_SHORTEST, _LONGEST = 3, 32
"""Letters of a word that is looked for by ear; longer ones are no names."""
_SLIPPED = 0.8
"""What a word counts that is read with a slip."""
_BEGINS = 2
"""Letters that are taken to be right: few slips are made in the first ones. What only sounds alike may differ there."""
_NO_PLURALS = frozenset(("blues", "customs", "means", "miles", "princess", "series"))
"""Words whose beginning is another word."""
_MOST_WORDS = 5
"""Longer queries name nothing, they tell something."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word may be read."""

    typed: str
    words: tuple[str, ...]
    slips: int = 0


@dataclass(frozen=True, slots=True)
class _Held:
    """What the tracks of a library have in their texts, or in one field of them."""

    connection: "sqlite3.Connection"
    field: str = ""

    def has(self, *parts: str, fields: str = "") -> bool:
        """Tell whether some words stand one after another."""
        return self._matches(f'"{" ".join(parts)}"', self.field or fields)

    def names(self, *parts: str) -> bool:
        """Tell whether a title, artist or album has some words one after another."""
        return self.has(*parts, fields="title artist album")

    def holds(self, word: str) -> bool:
        """Tell whether a track has a word, or one that begins with it."""
        return self._matches(f'"{word}"*', self.field) if self.field else is_held(self.connection, word)

    def holds_inside(self, word: str) -> bool:
        """Tell whether a word stands inside another; who asks for a field has looked."""
        sql = "SELECT 1 FROM substring_index WHERE substring_index MATCH ? LIMIT 1"
        return not self.field and self.connection.execute(sql, (f'"{word}"',)).fetchone() is not None

    def _matches(self, expression: str, fields: str) -> bool:
        sql = "SELECT 1 FROM word_index WHERE word_index MATCH ? LIMIT 1"
        asked = f"{{{fields}}} : {expression}" if fields else expression
        return self.connection.execute(sql, (asked,)).fetchone() is not None


def readings(connection: "sqlite3.Connection", query: "Query", *, field: str = "") -> tuple[Reading, ...]:
    """Return how the words of a query may be read that no track has as they are typed.

    What only tracks whose files are gone have is no reading: nothing would be found by it.

    field : look into this one alone (artist, album, title or genre), for what is gone as well.
    """
    if len(query.words) > _MOST_WORDS:
        return ()
    held = _Held(connection, field)
    found = [reading for word in query.words if (reading := _reading(held, word, alone=len(query.words) == 1))]
    found += _joined(held, query.free_text)
    return tuple(reading for reading in found if field or is_found(connection, reading.words, query.conditions))


def read_terms(connection: "sqlite3.Connection", query: "Query", read: "Iterable[Reading]") -> dict[int, float]:
    """Return track id -> the contribution "words" of the tracks that have the words as they are read."""
    read = tuple(read)
    terms = word_terms(connection, reread(query, read)) if read else {}
    count = _SLIPPED if any(reading.slips for reading in read) else 1.0
    return {track_id: count * term for track_id, term in terms.items()}


def reread(query: "Query", read: "Iterable[Reading]") -> "Query":
    """Return the query with its words as they are read; the text around them stays as it was typed."""
    read = tuple(read)
    if not read:
        return query
    asked = list(query.words)
    for reading in read:
        typed = [reading.typed] if reading.typed in asked else words(reading.typed)
        if typed and typed[0] in asked:
            place = asked.index(typed[0])
            asked = [word for word in asked if word not in typed]
            asked[place:place] = reading.words
    meant = {tuple(words(reading.typed)): " ".join(reading.words) for reading in read}
    text = " ".join(_meant(token, meant) for token in query.free_text.split())
    return replace(query, words=tuple(dict.fromkeys(asked)), free_text=text)


def _meant(token: str, meant: "Mapping[tuple[str, ...], str]") -> str:
    """Return a token as it is read, whole or by its words; as it was typed where it is read as nothing else."""
    parts = tuple(words(token))
    if parts in meant:
        return meant[parts]
    return " ".join(meant.get((part,), part) for part in parts) if any((part,) in meant for part in parts) else token


def read_as(read: "Iterable[Reading]") -> dict[str, str]:
    """Return what was typed -> what it is read as."""
    return {reading.typed: " ".join(reading.words) for reading in read}


def said_of(read: "Iterable[Reading]") -> str:
    """Say what was read as what; "" where all words are as they were typed."""
    return "; ".join(f"{typed} read as {meant}" for typed, meant in read_as(read).items())


def _reading(held: _Held, word: str, *, alone: bool) -> Reading | None:
    if not word.isascii() or not word.isalnum():
        return _slipped(held, word) if not held.holds(word) else None
    if alone and len(word) in _LETTERS and not held.has(word) and held.names(*word):
        return Reading(word, tuple(word))
    if held.holds(word):
        return None
    if len(word) <= _SPLIT_UP_TO:
        least = 2 if is_word(word) else 1  # "songs" is no song of "S"
        for place in range(least, len(word) - least + 1):
            if held.names(word[:place], word[place:]):
                return Reading(word, (word[:place], word[place:]))
    return _slipped(held, word)


def _joined(held: _Held, text: str) -> list[Reading]:
    """Read what has signs inside ("r.e.m.", "jay-z") without them."""
    found = []
    for typed in text.split():
        parts = words(typed)
        if len(parts) > 1 and held.has("".join(parts)):
            found.append(Reading(typed, ("".join(parts),)))
    return found


def _slipped(held: _Held, word: str) -> Reading | None:
    """Find the word of titles, artists, albums and genres that is the fewest slips away, and of those the commonest."""
    if not _SHORTEST <= len(word) <= _LONGEST or any(character.isdigit() for character in word):
        return None
    if is_word(word) and not is_written_in_many_ways(word):
        return _one_of_them(held, word)
    if held.holds_inside(word):
        return None
    near = sorted(_near(held.connection, word))
    halves, _, meant = next((one for one in near if not held.field or held.has(one[2])), (0, 0, ""))
    return Reading(word, (meant,), (halves + 1) // 2) if meant else None


def _one_of_them(held: _Held, word: str) -> Reading | None:
    """Read "drums" as "drum", which may be a slip; all else that is a word is meant as it is."""
    one = word.removesuffix("s")
    is_plural = len(word) >= _ONE_SLIP and one != word and word not in _NO_PLURALS and is_word(one)
    return Reading(word, (one,), 1) if is_plural and held.has(one) else None


def _near(connection: "sqlite3.Connection", word: str) -> "Iterator[tuple[int, int, str]]":
    """Yield the words of the library that a word may stand for: halves of a slip, minus its tracks, and the word."""
    heard = frame(word)
    for beginning in beginnings(word):
        for other, tracks in words_beginning(connection, beginning).framed.get(heard, ()):
            if (halves := unlikeness(word, other)) is not None:
                yield halves, -tracks, other
    letters, allowed = frozenset(word), _slips_in(word)
    for other, tracks in words_beginning(connection, word[0]).beginning(word[:_BEGINS]) if allowed else ():
        # A slip takes a letter and brings one.
        if abs(len(other) - len(word)) <= allowed and len(letters.symmetric_difference(other)) <= 2 * allowed:
            slips = distance(word, other, most=allowed)
            if slips <= allowed:
                yield 2 * slips, -tracks, other


def _slips_in(word: str) -> int:
    """Return how many slips of the fingers a word may hold; none, where it is right as it is."""
    return 0 if is_word(word) else (len(word) >= _ONE_SLIP) + (len(word) >= _TWO_SLIPS)


def distance(a: str, b: str, *, most: int) -> int:
    """Count the letters to add, drop, change or swap with the next to come from one word to another.

    The optimal string alignment distance (Damerau 1964); more than `most` is `most` + 1.
    """
    before, row = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, (last, letter) in enumerate(pairwise(f" {a}"), start=1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and last == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)

"""Read words that no track has as those that it has: "acdc" as "AC/DC", "r.e.m." as "REM", "beatels" as "beatles".

A word is never taken away: what it is read as is looked for beside it.
"""

import sqlite3
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from indexer.exploring.lexical import is_held, word_terms
from indexer.fold import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.exploring.query import Query

_SPLIT_UP_TO = 12
"""Longer words are not two names written as one."""
_LETTERS = range(2, 6)
"""Lengths of what may be initials, "REM"."""
_ONE_SLIP, _TWO_SLIPS = 5, 8
"""From so many letters on a word may be one slip of the fingers, or two, from another; of shorter ones too many are."""
_SLIPPED = 0.8
"""What a word counts that is read with a slip."""
_BEGINS = 2
"""Letters that are taken to be right: few slips are made in the first ones, and only so few words need be looked at."""
_LOOKED_AT = 4_000
_MOST_WORDS = 5
"""Longer queries name nothing, they tell something."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word may be read."""

    typed: str
    words: tuple[str, ...]
    slips: int = 0


def readings(connection: "sqlite3.Connection", query: "Query") -> tuple[Reading, ...]:
    """Return how the words of a query may be read that no track has as they are typed.

    What only tracks whose files are gone have is no reading: nothing would be found by it.
    """
    if len(query.words) > _MOST_WORDS:
        return ()
    found = [reading for word in query.words if (reading := _reading(connection, word, alone=len(query.words) == 1))]
    found += _joined(connection, query.free_text)
    return tuple(reading for reading in found if word_terms(connection, replace(query, words=reading.words)))


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


def _reading(connection: "sqlite3.Connection", word: str, *, alone: bool) -> Reading | None:
    if not word.isascii() or not word.isalnum():
        return _slipped(connection, word) if not is_held(connection, word) else None
    if alone and len(word) in _LETTERS and not _has(connection, f'"{word}"') and _named(connection, tuple(word)):
        return Reading(word, tuple(word))
    if is_held(connection, word):
        return None
    if len(word) <= _SPLIT_UP_TO:
        for place in range(1, len(word)):
            parts = (word[:place], word[place:])
            if _named(connection, parts):
                return Reading(word, parts)
    return _slipped(connection, word)


def _joined(connection: "sqlite3.Connection", text: str) -> list[Reading]:
    """Read what has signs inside ("r.e.m.", "jay-z") without them."""
    found = []
    for typed in text.split():
        parts = words(typed)
        if len(parts) > 1 and _has(connection, f'"{"".join(parts)}"'):
            found.append(Reading(typed, ("".join(parts),)))
    return found


def _named(connection: "sqlite3.Connection", parts: tuple[str, ...]) -> bool:
    """Tell whether a title, artist or album has some words one after another."""
    return _has(connection, "{title artist album} : " + f'"{" ".join(parts)}"')


def _has(connection: "sqlite3.Connection", expression: str) -> bool:
    sql = "SELECT 1 FROM word_index WHERE word_index MATCH ? LIMIT 1"
    return connection.execute(sql, (expression,)).fetchone() is not None


def _slipped(connection: "sqlite3.Connection", word: str) -> Reading | None:
    """Find the word of titles, artists, albums and genres that is the fewest slips away, and of those the commonest."""
    allowed = (len(word) >= _ONE_SLIP) + (len(word) >= _TWO_SLIPS)
    if not allowed or any(character.isdigit() for character in word) or _inside(connection, word):
        return None
    letters = frozenset(word)
    near = [
        (slips, -tracks, other)
        for other, tracks in _beginning(connection, word[:_BEGINS], range(len(word) - allowed, len(word) + allowed + 1))
        if len(letters.symmetric_difference(other)) <= 2 * allowed  # a slip takes a letter and brings one
        and (slips := distance(word, other, most=allowed)) <= allowed
    ]
    return Reading(word, (min(near)[2],), min(near)[0]) if near else None


def _inside(connection: "sqlite3.Connection", word: str) -> bool:
    sql = "SELECT 1 FROM substring_index WHERE substring_index MATCH ? LIMIT 1"
    return connection.execute(sql, (f'"{word}"',)).fetchone() is not None


def _beginning(connection: "sqlite3.Connection", letters: str, lengths: range) -> "list[tuple[str, int]]":
    """Return the words of the library that begin so and have one of these lengths, and how many tracks have each."""
    sql = "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? LIMIT ?"
    asked = (letters, letters + "\U0010ffff", lengths.start, lengths.stop - 1, _LOOKED_AT)
    try:
        return [tuple(row) for row in connection.execute(sql, asked)]
    except sqlite3.OperationalError:
        connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, word_index, row)")
        return [tuple(row) for row in connection.execute(sql, asked)]


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

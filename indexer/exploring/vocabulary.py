"""List the words of titles, artists, albums and genres by how they begin, kept while a library stays as it is."""

import sqlite3
import threading
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.exploring.alike import frame

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOOKED_AT = 8_000
"""Words of one beginning; 2 to 3 ms for a thousand of them, once."""
_MOST_KEPT = 24
"""Beginnings whose words are kept, some 150 bytes each."""

Word = tuple[str, int]
"""A word, and how many tracks have it."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The words that begin alike, in their order."""

    ordered: list[Word]
    framed: dict[str, list[Word]]
    """By the consonants that tell at once which cannot sound alike; see alike.py."""

    def beginning(self, letters: str) -> "Iterator[Word]":
        """Yield those that begin with some letters."""
        for place in range(bisect_left(self.ordered, (letters,)), len(self.ordered)):
            word = self.ordered[place]
            if not word[0].startswith(letters):
                return
            yield word


_kept: dict[tuple[str, object, str], Words] = {}
"""File of the library, its version and the letters -> the words; what was asked for last comes last."""
_keeping = threading.Lock()
"""Held while `_kept` changes, not while words are read."""


def words_beginning(connection: sqlite3.Connection, letters: str) -> Words:
    """Return the words of a library that begin with some letters and hold nothing else than letters."""
    row = connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()
    key = (connection.execute("PRAGMA database_list").fetchone()[2], row[0] if row else None, letters)
    with _keeping:
        kept = _kept.get(key)
    kept = kept or _read(connection, letters)
    with _keeping:
        _kept.pop(key, None)
        _kept[key] = kept
        while len(_kept) > _MOST_KEPT:
            del _kept[next(iter(_kept))]
    return kept


def _read(connection: sqlite3.Connection, letters: str) -> Words:
    ordered = [word for word in _terms(connection, letters) if word[0].isalpha()]
    framed = defaultdict(list)
    for word in ordered:
        framed[frame(word[0])].append(word)
    return Words(ordered, dict(framed))


def _terms(connection: sqlite3.Connection, letters: str) -> list[Word]:
    sql = "SELECT term, doc FROM temp.vocabulary WHERE term >= ? AND term < ? LIMIT ?"
    asked = (letters, letters + "\U0010ffff", _LOOKED_AT)
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        return cursor.execute(sql, asked).fetchall()
    except sqlite3.OperationalError:
        connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, word_index, row)")
        return cursor.execute(sql, asked).fetchall()

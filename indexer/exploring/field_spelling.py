"""Tell how the library spells what a field asks for in vain: `artist:acdc` is `artist:ac/dc` there."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.exploring.conditions import matching
from indexer.exploring.query import Query
from indexer.exploring.spelling import readings, reread
from indexer.fold import fold, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from indexer.exploring.query import Condition

_NAMED = ("artist", "album", "title", "genre")
"""Fields whose texts are words that are read otherwise."""
_LOOKED_AT = 50
"""Tracks whose texts are looked at for the spelling that is stored."""
_MOST_TRIED = 6
_STORED = {
    "artist": "SELECT p.folded FROM credited c JOIN people p ON p.id = c.person_id WHERE c.track_id = ?1 "
    "UNION SELECT artist FROM tracks WHERE id = ?1",
    "album": "SELECT sort_album FROM tracks WHERE id = ?1",
    "title": "SELECT sort_title FROM tracks WHERE id = ?1",
    "genre": "SELECT folded FROM track_genres WHERE track_id = ?1",
}
_PLAIN = re.compile(r'[^\s"=][^\s"]*')
"""A value that needs no quotes."""


def other_spelling(connection: "sqlite3.Connection", query: Query) -> str:
    """Say which spelling of a field's text the library has, for a query that no track meets; "" where none is known.

    What is named is found where it stands alone; what else the query asks for may still not hold of it.
    """
    for condition in query.conditions:
        if condition.field in _NAMED and not condition.negated:
            alone = len(query.conditions) == 1
            if (meant := _spelt(connection, condition, in_vain=alone)) is not None:
                return f"nothing has {_written(condition)}, try {_written(meant)}"
    return ""


def _spelt(connection: "sqlite3.Connection", condition: "Condition", *, in_vain: bool) -> "Condition | None":
    """Return the condition in the library's spelling; `in_vain`: it is known that nothing meets it as it is."""
    asked = Query(condition.text, tuple(words(condition.text)), condition.text, ())
    read = readings(connection, asked, field=condition.field)
    if not asked.words or not (read or condition.whole):
        return None
    if not in_vain and matching(connection, [condition], limit=1):
        return None
    tried = dict.fromkeys(_texts(connection, condition, reread(asked, read).words))
    for text in list(tried)[:_MOST_TRIED]:
        meant = replace(condition, text=text)
        if text != condition.text and matching(connection, [meant], limit=1):
            return meant
    return None


def _texts(connection: "sqlite3.Connection", condition: "Condition", meant: "Sequence[str]") -> "Iterator[str]":
    """Yield how some words may be written in a field, the likeliest first."""
    yield " ".join(meant)
    stored = sorted(_stored(connection, condition.field, meant), key=lambda text: (len(text), text))
    if not condition.whole:
        for text in stored:
            yield from _runs(text.split(), list(meant))
    yield from stored


def _stored(connection: "sqlite3.Connection", field: str, meant: "Sequence[str]") -> set[str]:
    """Return the folded texts of a field that have some words, and no quotes, which no term could hold."""
    every = " AND ".join(f'"{word}"' for word in meant)
    sql = "SELECT rowid FROM word_index WHERE word_index MATCH ? LIMIT ?"
    tracks = [row[0] for row in connection.execute(sql, (f"{field} : ({every})", _LOOKED_AT))]
    texts = {fold(row[0]) for track in tracks for row in connection.execute(_STORED[field], (track,))}
    return {text for text in texts if '"' not in text and set(meant) <= set(words(text))}


def _runs(parts: list[str], meant: list[str]) -> "Iterator[str]":
    """Yield the parts of a text, one after another, that are some words and no other."""
    for start in range(len(parts)):
        for stop in range(start + 1, min(len(parts), start + len(meant)) + 1):
            if words(run := " ".join(parts[start:stop])) == meant:
                yield run


def _written(condition: "Condition") -> str:
    text = condition.text if _PLAIN.fullmatch(condition.text) else f'"{condition.text}"'
    return f"{condition.field}:{'=' if condition.whole else ''}{text}"

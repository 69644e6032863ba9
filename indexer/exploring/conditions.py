"""Find the tracks that meet the fields of a query, in SQLite alone; of clusters a map is read."""

import json
import re
import unicodedata
from typing import TYPE_CHECKING

from indexer.exploring.map_clusters import in_clusters
from indexer.exploring.query import HAS_ATTRIBUTES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from indexer.exploring.query import Condition

_IN_ORDER = "ORDER BY t.sort_artist, t.sort_album, t.disc_number, t.track_number, t.sort_title, t.id LIMIT ?"
_WORD_FIELDS = ("title", "artist", "album", "genre", "other")
_FEW = 400
"""So many tracks of an artist are looked up one by one and sorted."""
_WALKED = (2_500, 20_000)
"""Tracks walked for those of an artist, half a microsecond each: the first few tell whether to go on."""
_TRIGRAM = 3
"""Characters from which on the index of substrings can be asked."""

_PEOPLE = "SELECT p.id FROM people p WHERE instr(p.folded, ?) > 0"
_WHOLE = {
    "artist": "t.id IN (SELECT c.track_id FROM credited c JOIN people p ON p.id = c.person_id "
    "WHERE p.folded = ? AND c.role != 'album artist')",
    "album": "t.sort_album = substr(?, 1, 200)",
    "title": "t.sort_title = substr(?, 1, 200)",
    "genre": "EXISTS (SELECT 1 FROM track_genres g WHERE g.track_id = t.id AND g.folded = ?)",
    "format": "t.codec = ?",
}
"""What it means that a text is all of a field. Of titles and albums 200 folded characters are stored to sort by."""

_Where = tuple[str, list[object]]
"""SQL and its parameters."""


def where(connection: "sqlite3.Connection", conditions: "Iterable[Condition]") -> _Where:
    """Return the SQL condition on `tracks t`, and its parameters, that all `conditions` and presence amount to."""
    clauses, parameters = ["t.missing_since IS NULL"], []
    for condition in conditions:
        clause, values = _clause(connection, condition)
        clauses.append(f"NOT coalesce({clause}, 0)" if condition.negated else f"coalesce({clause}, 0)")
        parameters.extend(values)
    return " AND ".join(clauses), parameters


def matching(connection: "sqlite3.Connection", conditions: "Sequence[Condition]", *, limit: int = -1) -> list[int]:
    """Return the ids of the first `limit` present tracks that meet all conditions, in artist, album, track order."""
    credited = next((c for c in conditions if c.field == "artist" and not c.negated and not c.whole), None)
    if credited is not None and limit >= 0:
        others = where(connection, [condition for condition in conditions if condition is not credited])
        found = _first_credited(connection, credited.text, others, limit) if credited.text.isalnum() else None
        found = _few_credited(connection, credited.text, others, limit) if found is None else found
        if found is not None:
            return found
    clause, parameters = where(connection, conditions)
    return _ids(connection, f"SELECT t.id FROM tracks t WHERE {clause} {_IN_ORDER}", [*parameters, limit])


def all_matching(connection: "sqlite3.Connection", conditions: "Sequence[Condition]") -> list[int]:
    """Return the ids of present tracks that meet all conditions, in no order: SQLite may take what index it likes."""
    clauses, parameters = ["t.missing_since IS NULL"], []
    for condition in conditions:
        clause, values = _clause(connection, condition)
        clauses.append(f"NOT coalesce({clause}, 0)" if condition.negated else clause)
        parameters.extend(values)
    return _ids(connection, f"SELECT t.id FROM tracks t WHERE {' AND '.join(clauses)}", parameters)


def _ids(connection: "sqlite3.Connection", query: str, parameters: "Sequence[object]") -> list[int]:
    return [row[0] for row in connection.execute(query, parameters)]


def _first_credited(connection: "sqlite3.Connection", artist: str, others: _Where, limit: int) -> list[int] | None:
    """Return what `matching` does for an artist, a text of letters, and other conditions by walking through the tracks.

    None where the walk would be long, as its beginning tells: then it is quicker to read all credits first.
    """
    found: list[int] = []
    after = ""
    for walked in _WALKED:
        query = "SELECT sort_artist FROM tracks WHERE missing_since IS NULL ORDER BY sort_artist LIMIT 1 OFFSET ?"
        row = connection.execute(query, (walked,)).fetchone()
        stretch = "t.sort_artist >= ? AND t.sort_artist < ?" if row else "t.sort_artist >= ?"
        query = (
            f"SELECT t.id FROM tracks t WHERE {others[0]} AND {stretch} AND "
            f"EXISTS (SELECT 1 FROM credited c WHERE c.track_id = t.id AND +c.person_id IN ({_PEOPLE})) {_IN_ORDER}"
        )
        found += _ids(connection, query, (*others[1], after, *(row or ()), artist, limit - len(found)))
        if row is None or len(found) == limit:
            return found
        if 2 * len(found) * _WALKED[-1] < limit * walked:
            return None
        after = row[0]
    return None


def _few_credited(connection: "sqlite3.Connection", artist: str, others: _Where, limit: int) -> list[int] | None:
    """Return what `matching` does for an artist and other conditions where few tracks are the artist's, else None."""
    some, parameters = _artist_tracks(artist)
    credited = _ids(connection, f"{some} LIMIT ?", (*parameters, _FEW + 1))
    if len(credited) > _FEW:
        return None
    query = (
        "SELECT t.id FROM (SELECT DISTINCT value FROM json_each(?)) f CROSS JOIN tracks t ON t.id = f.value "
        f"WHERE {others[0]} {_IN_ORDER}"
    )
    return _ids(connection, query, (json.dumps(credited), *others[1], limit))


def _clause(connection: "sqlite3.Connection", condition: "Condition") -> _Where:
    text = condition.text
    match condition.field:
        case "cluster":
            ids = in_clusters(connection, text, whole=condition.whole)
            return "t.id IN (SELECT value FROM json_each(?))", [json.dumps(ids)]
        case field if condition.whole:
            return _WHOLE[field], [text]
        case "artist":
            tracks, values = _artist_tracks(text)
            return f"t.id IN ({tracks})", values
        case "genre":
            return "EXISTS (SELECT 1 FROM track_genres g WHERE g.track_id = t.id AND instr(g.folded, ?) > 0)", [text]
        case "album" | "title":
            return f"instr(t.sort_{condition.field}, ?) > 0", [text]
        case "format":
            return "instr(t.codec, ?) > 0", [text]
        case "lyrics":
            return "EXISTS (SELECT 1 FROM lyrics_index l WHERE l.rowid = t.id AND instr(l.text, ?) > 0)", [text]
        case "phrase":
            return _phrase_clause(text)
        case "symbols":
            tracks, values = _shown("instr(s.text, ?) > 0", text)
            return f"t.id IN ({tracks})", values
        case "has":
            return _has_clause(text)
        case "year":
            return _range_clause("t.year", condition)
        case "length":
            return _range_clause("t.duration_seconds", condition)
        case _:
            name = "key" if condition.field == "key" else "tempo_bpm"
            clause, values = _range_clause(f"s.{name}", condition)
            return f"EXISTS (SELECT 1 FROM sounds s WHERE s.track_id = t.id AND {clause})", values


def _artist_tracks(text: str) -> _Where:
    """Return the query for the tracks whose credits hold a text, present or not, some of them more than once."""
    # One walk over the names, then a look-up a track: a third of asking for the credits of each track.
    credited = f"SELECT c.track_id FROM credited c WHERE c.person_id IN ({_PEOPLE})"
    if text.isalnum():
        return credited, [text]
    # Joint names may be split into credits; the line as shown ("A & B") is the second of the folded texts.
    rest = "substr(s.text, instr(s.text, char(10)) + 1)"
    shown, values = _shown(f"instr(substr({rest}, 1, instr({rest}, char(10)) - 1), ?) > 0", text)
    return f"{credited} UNION ALL {shown}", [text, *values]


def _shown(holds: str, text: str) -> _Where:
    """Return the query for the tracks whose folded title, artist and album, lines of `s.text`, hold a text."""
    if len(text) < _TRIGRAM or "\0" in text:
        # The lines as they are stored: asking the index for each of them takes ten times as long.
        return f"SELECT s.id FROM (SELECT id, c0 AS text FROM substring_index_content) s WHERE {holds}", [text]
    quoted = text.replace('"', '""')
    return f"SELECT s.rowid FROM substring_index s WHERE substring_index MATCH ? AND {holds}", [f'"{quoted}"', text]


def _phrase_clause(text: str) -> _Where:
    if all(unicodedata.ucd_3_2_0.category(character) != "Cn" for character in text) and re.search(r"\w", text):
        found = " OR ".join(
            f"t.id IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)" for index in ("word_index", "lyrics_index")
        )
        return f"({found})", [f'"{text}"', f'"{text}"']
    # The tokenizer knows no letters of newer scripts: they are in no index and must be looked for in every row.
    fields = " || ' \n ' || ".join(f"w.{name}" for name in _WORD_FIELDS)
    clause = (
        f"(EXISTS (SELECT 1 FROM word_index w WHERE w.rowid = t.id AND instr(' ' || {fields} || ' ', ?) > 0) OR "
        "EXISTS (SELECT 1 FROM lyrics_index l WHERE l.rowid = t.id AND instr(' ' || l.text || ' ', ?) > 0))"
    )
    return clause, [f" {text} ", f" {text} "]


def _has_clause(name: str) -> _Where:
    if name in ("lyrics", "cover"):
        return f"t.{name}_hash IS NOT NULL", []
    if name in HAS_ATTRIBUTES:
        column = HAS_ATTRIBUTES[name]
        return f"EXISTS (SELECT 1 FROM sounds s WHERE s.track_id = t.id AND s.{column} IS NOT NULL)", []
    return "EXISTS (SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = ?)", [name]


def _range_clause(column: str, condition: "Condition") -> _Where:
    clauses: list[str] = []
    values: list[object] = []
    if condition.low is not None:
        clauses.append(f"{column} {'>' if condition.low_open else '>='} ?")
        values.append(condition.low)
    if condition.high is not None:
        clauses.append(f"{column} {'<' if condition.high_open else '<='} ?")
        values.append(condition.high)
    return f"({' AND '.join(clauses)})", values

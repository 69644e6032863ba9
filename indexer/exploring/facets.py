"""Count what the tracks at hand have in common: artists, albums, genres, decades, formats, covers, lyrics, clusters.

Each value carries the term of the query language that narrows a query to it.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.fold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

MOST = 50
"""Values of one facet, the commonest first."""

_SOME = "t.missing_since IS NULL AND t.id IN (SELECT value FROM json_each(:ids))"
_ALL = "t.missing_since IS NULL"
_QUERIES = {
    "artist": "SELECT min(p.name), count(DISTINCT c.track_id) FROM credited c JOIN people p ON p.id = c.person_id "
    "JOIN tracks t ON t.id = c.track_id WHERE {which} AND c.role != 'album artist' GROUP BY p.folded",
    "album": "SELECT t.album, count(*) FROM tracks t WHERE {which} AND t.album != '' GROUP BY t.sort_album",
    "genre": "SELECT min(g.name), count(*) FROM track_genres g JOIN tracks t ON t.id = g.track_id WHERE {which} "
    "GROUP BY g.folded",
    "year": "SELECT t.year / 10 * 10, count(*) FROM tracks t WHERE {which} AND t.year IS NOT NULL GROUP BY 1",
    "format": "SELECT t.codec, count(*) FROM tracks t WHERE {which} AND t.codec != '' GROUP BY t.codec",
    "cover": "SELECT t.cover_hash IS NOT NULL, count(*) FROM tracks t WHERE {which} GROUP BY 1",
    "lyrics": "SELECT t.lyrics_hash IS NOT NULL, count(*) FROM tracks t WHERE {which} GROUP BY 1",
}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet."""

    label: str
    term: str
    """What to add to a query: 'genre:"jazz"', "year:1960..1969", "-has:cover"."""
    tracks: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What some tracks have of one property."""

    name: str
    values: tuple[Value, ...]
    """Most tracks first; decades in their order."""


def facets(connection: "sqlite3.Connection", ids: "Sequence[int] | None" = None) -> tuple[Facet, ...]:
    """Count the facets of some tracks, or of all that are present; facets without a value are left out."""
    which, asked = (_ALL, {}) if ids is None else (_SOME, {"ids": json.dumps(list(ids))})
    found = []
    for name, query in _QUERIES.items():
        rows = connection.execute(query.format(which=which), asked).fetchall()
        values = [value for label, tracks in rows if (value := _value(name, label, tracks)) is not None]
        values.sort(key=lambda value: value.label if name == "year" else (-value.tracks, fold(value.label)))
        if values:
            found.append(Facet(name, tuple(values[:MOST])))
    return tuple(found)


def _value(name: str, label: object, tracks: int) -> Value | None:
    """Return a value with its term; None for one that no term can name."""
    match name:
        case "year":
            decade = int(str(label))
            return Value(f"{decade}s", f"year:{decade}..{decade + 9}", tracks)
        case "cover" | "lyrics":
            return Value("with" if label else "without", f"{'' if label else '-'}has:{name}", tracks)
        case _:
            # Quotes end a phrase in the query language and cannot be escaped; what stands between them still finds it.
            bare = max(str(label).split('"'), key=len).strip()
            return Value(str(label), f'{name}:"{bare}"', tracks) if fold(bare) else None

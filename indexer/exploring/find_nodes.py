"""Find nodes of the graph by name: those that begin with what was typed through indexes, then those that have it."""

from typing import TYPE_CHECKING

from indexer.exploring.ego import KINDS, Node
from indexer.fold import fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

FOUND = 20
_TRACKS_OF_ALBUMS = 400
"""Tracks whose albums are looked up: of at least twenty albums, as a rule."""
_AFTER = "\U0010ffff"
"""Sorts after every name that begins as one does."""


def find_nodes(connection: "sqlite3.Connection", text: str) -> list[Node]:
    """Return up to 20 nodes that have `text` in their names: whole names, then beginnings, the tracks last."""
    asked = fold(text)
    if not asked:
        return []
    found = dict.fromkeys(_beginning(connection, asked))
    if len(found) < FOUND:
        found |= dict.fromkeys(n for n in _having(connection, asked) if asked in fold(n.name))
    return sorted(found, key=lambda n: _rank(n, asked))[:FOUND]


def _rank(node: Node, asked: str) -> tuple[bool, bool, int, int, str]:
    name = fold(node.name)
    return name != asked, not name.startswith(asked), KINDS.index(node.kind), len(name), name


def _beginning(connection: "sqlite3.Connection", asked: str) -> "Iterator[Node]":
    """Yield nodes whose names begin so; the keys of artists and genres are their folded names."""
    places = {"from": asked, "to": asked + _AFTER, "most": FOUND, "tracks": _TRACKS_OF_ALBUMS}
    for kind in ("artist", "genre"):
        query = (
            "SELECT id, kind, name FROM nodes WHERE kind = :kind AND key >= :from AND key < :to "
            "ORDER BY key LIMIT :most"
        )
        yield from (Node(*row) for row in connection.execute(query, {**places, "kind": kind}))
    albums = (
        "SELECT DISTINCT n.id, n.kind, n.name FROM (SELECT id FROM tracks INDEXED BY tracks_album "
        "WHERE missing_since IS NULL AND sort_album >= :from AND sort_album < :to ORDER BY sort_album LIMIT :tracks) t "
        "CROSS JOIN tied e ON e.source = t.id CROSS JOIN nodes n ON n.id = e.target AND n.kind = 'album' LIMIT :most"
    )
    yield from (Node(*row) for row in connection.execute(albums, places))
    tracks = (
        "SELECT id, 'track', title FROM tracks INDEXED BY tracks_title "
        "WHERE missing_since IS NULL AND sort_title >= :from AND sort_title < :to ORDER BY sort_title LIMIT :most"
    )
    yield from (Node(*row) for row in connection.execute(tracks, places))


def _having(connection: "sqlite3.Connection", asked: str) -> "Iterator[Node]":
    """Yield nodes that may have it anywhere in their names.

    The keys of artists and genres, and of most albums, are their folded names; a playlist's key is not, and an album's
    may be its number at MusicBrainz: these are found by the names that are shown.
    """
    connection.create_function("folded", 1, fold, deterministic=True)
    query = (
        "SELECT id, kind, name FROM nodes WHERE instr(key, :asked) OR "
        "((kind = 'playlist' OR kind = 'album' AND instr(key, char(31)) = 0) AND instr(folded(name), :asked)) "
        "ORDER BY length(name), name"
    )
    yield from (Node(*row) for row in connection.execute(query, {"asked": asked}))

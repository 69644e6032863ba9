"""Gather, for a pair of tracks, what a listener can check: one set of facts per modality that both have."""

import json
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.encoders import query_encoder
from indexer.fold import words
from indexer.stages.embed import picture
from models.encoders.cover import dominant_colours
from models.encoders.text import readable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from indexer.exploring.session import Session

    Gather = Callable[[Session, int, int], dict[str, Any]]

_MOST_LINES = 120
"""Lyric lines compared per track: more than any song has that is not spoken."""
_MOST_STEPS = 6
"""A path in the graph longer than this explains nothing."""
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "la",
        "le",
        "my",
        "no",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)


def evidence(session: "Session", a: int, b: int, modalities: "Sequence[str]") -> dict[str, dict[str, Any]]:
    """Return JSON-ready facts by modality, for the modalities that both tracks have."""
    return {name: _GATHER[name](session, a, b) for name in modalities if name in _GATHER}


def sound_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return the attributes of both tracks as texts: {"a": {"tempo_bpm": "92 BPM", ...}, "b": {...}}."""
    query = "SELECT name, text FROM attributes WHERE track_id = ? ORDER BY name"
    return {side: dict(map(tuple, session.connection.execute(query, (i,)))) for side, i in (("a", a), ("b", b))}


def lyrics_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return the two lines, one of each track, that the text model finds closest: {"a", "b", "cosine"}."""
    lines_a, lines_b = (_lines(session.connection, i) for i in (a, b))
    if not lines_a or not lines_b:
        return {"a": None, "b": None, "cosine": None}
    encoder = query_encoder()
    cosines = encoder.encode(lines_a) @ encoder.encode(lines_b).T
    i, j = np.unravel_index(int(cosines.argmax()), cosines.shape)
    return {"a": lines_a[i], "b": lines_b[j], "cosine": float(cosines[i, j])}


def tags_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return the words that both TAGS texts have: title, genres, comment and the words of the sound."""
    mine, theirs = (_tag_words(session.connection, i) for i in (a, b))
    return {"shared": [word for word in mine if word in theirs]}


def cover_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return both covers' hashes, whether they are one picture, and the main colours of each."""
    found = [
        session.connection.execute(
            "SELECT c.hash, c.thumbnail FROM tracks t JOIN covers c ON c.hash = t.cover_hash WHERE t.id = ?", (i,)
        ).fetchone()
        for i in (a, b)
    ]
    if None in found:
        return {"a": None, "b": None, "same": False, "colours": [[], []]}
    colours = [list(dominant_colours(picture(row["thumbnail"]))) for row in found]
    hashes = [row["hash"] for row in found]
    return {"a": hashes[0], "b": hashes[1], "same": hashes[0] == hashes[1], "colours": colours}


def graph_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return the shortest path between the tracks: [{"kind", "name", "via"}], `via` being the edge that led there."""
    connection = session.connection
    start, goal = (_node(connection, i) for i in (a, b))
    if start is None or goal is None:
        return {"path": []}
    return {"path": [_step(connection, node, via) for node, via in _shortest(connection, start, goal)]}


def playlists_evidence(session: "Session", a: int, b: int) -> dict[str, Any]:
    """Return the names of the playlists in which both tracks stand."""
    query = (
        "SELECT DISTINCT p.name FROM playlists p JOIN playlist_entries x ON x.playlist_id = p.id AND x.track_id = ? "
        "JOIN playlist_entries y ON y.playlist_id = p.id AND y.track_id = ? ORDER BY p.name"
    )
    return {"shared": [row[0] for row in session.connection.execute(query, (a, b))]}


_GATHER: "dict[str, Gather]" = {
    "audio": sound_evidence,
    "lyrics": lyrics_evidence,
    "tags": tags_evidence,
    "cover": cover_evidence,
    "graph": graph_evidence,
    "playlists": playlists_evidence,
}


def _lines(connection: "sqlite3.Connection", track_id: int) -> list[str]:
    row = connection.execute(
        "SELECT l.text FROM tracks t JOIN lyrics l ON l.hash = t.lyrics_hash WHERE t.id = ?", (track_id,)
    ).fetchone()
    lines = dict.fromkeys(line.strip() for line in (row[0].splitlines() if row else ()))
    return [line for line in lines if readable(line)][:_MOST_LINES]


def _tag_words(connection: "sqlite3.Connection", track_id: int) -> list[str]:
    row = connection.execute(
        "SELECT t.title, t.genre, t.comment, s.words FROM tracks t LEFT JOIN sound_words s ON s.track_id = t.id "
        "WHERE t.id = ?",
        (track_id,),
    ).fetchone()
    found = dict.fromkeys(words(" ".join(part or "" for part in row)))
    return [word for word in found if word not in _COMMON and _says_something(word)]


def _says_something(word: str) -> bool:
    """Tell a word from the numbers and codes of comments and the "e" of "E major"; one CJK character is a word."""
    return word.isalpha() and (len(word) > 1 or not word.isascii())


def _node(connection: "sqlite3.Connection", track_id: int) -> int | None:
    row = connection.execute("SELECT id FROM nodes WHERE track_id = ?", (track_id,)).fetchone()
    return row[0] if row else None


def _neighbours(connection: "sqlite3.Connection", node: int) -> list[tuple[int, str]]:
    """Return (neighbour, edge) pairs, heaviest first; the edge as JSON of its kind and provenance."""
    query = (
        "SELECT target, kind, provenance, weight FROM edges WHERE source = ? UNION ALL "
        "SELECT source, kind, provenance, weight FROM edges WHERE target = ? ORDER BY weight DESC"
    )
    return [(row[0], json.dumps([row[1], row[2]])) for row in connection.execute(query, (node, node))]


def _shortest(connection: "sqlite3.Connection", start: int, goal: int) -> list[tuple[int, str | None]]:
    """Walk breadth first from `start`; [] when `goal` is more than six steps away."""
    came: dict[int, tuple[int | None, str | None]] = {start: (None, None)}
    front = deque([(start, 0)])
    while front and goal not in came:
        node, steps = front.popleft()
        if steps == _MOST_STEPS:
            break
        for neighbour, edge in _neighbours(connection, node):
            if neighbour not in came:
                came[neighbour] = (node, edge)
                front.append((neighbour, steps + 1))
    if goal not in came:
        return []
    path: list[tuple[int, str | None]] = []
    node_or_none: int | None = goal
    while node_or_none is not None:
        before, via = came[node_or_none]
        path.append((node_or_none, via))
        node_or_none = before
    return path[::-1]


def _step(connection: "sqlite3.Connection", node: int, via: str | None) -> dict[str, Any]:
    row = connection.execute("SELECT kind, name FROM nodes WHERE id = ?", (node,)).fetchone()
    kind, provenance = json.loads(via) if via else (None, None)
    return {"kind": row["kind"], "name": row["name"], "via": kind, "provenance": provenance}

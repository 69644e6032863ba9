"""Gather, for a pair of tracks, what a listener can check: one set of facts per modality that both have."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.encoders import asked_encoder, query_encoder, query_reader, scripts_of
from indexer.errors import IndexerError
from indexer.exploring.graph_path import shortest_path
from indexer.fold import words
from indexer.stages.embed import picture
from indexer.storing.sounds import attributes_of
from models.encoders.cover import dominant_colours
from models.encoders.scripts import readable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal

    from indexer.exploring.session import Session

    Gather = Callable[[Session, "Facts", "Facts"], dict[str, Any]]

_MOST_LINES = 120
"""Lyric lines compared per track: more than any song has that is not spoken."""
_A, _B = 1 << 62, (1 << 62) + 1
"""Nodes of two files outside the library; tracks come nowhere near."""
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


@dataclass(frozen=True, slots=True)
class Tie:
    """An edge of the graph from a file outside the library to the node `node` in it."""

    node: int
    kind: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one side of a pair is known by."""

    name: str = ""
    track_id: int | None = None
    """None for a file outside the library."""
    attributes: dict[str, str] = field(default_factory=dict)
    """Name -> text, in the order of names."""
    lyrics: str = ""
    tag_text: str = ""
    """Title, genres, comment and the words of the sound."""
    cover: tuple[str, bytes] | None = None
    """Hash and thumbnail."""
    ties: tuple[Tie, ...] = ()
    """Of a file outside the library; a track has them in the store."""


def facts_of(connection: "sqlite3.Connection", track_id: int) -> Facts:
    """Load what a track of the library is known by."""
    row = connection.execute(
        "SELECT t.title, t.genre, t.comment, s.words, l.text, c.hash, c.thumbnail FROM tracks t "
        "LEFT JOIN sounds s ON s.track_id = t.id LEFT JOIN lyrics l ON l.hash = t.lyrics_hash "
        "LEFT JOIN covers c ON c.hash = t.cover_hash WHERE t.id = ?",
        (track_id,),
    ).fetchone()
    return Facts(
        name=row["title"],
        track_id=track_id,
        attributes={a.name: a.text for a in attributes_of(connection, track_id)},
        lyrics=row["text"] or "",
        tag_text=" ".join(part or "" for part in (row["title"], row["genre"], row["comment"], row["words"])),
        cover=(row["hash"], row["thumbnail"]) if row["hash"] else None,
    )


def evidence(
    session: "Session", a: "int | Facts", b: "int | Facts", modalities: "Sequence[str]"
) -> dict[str, dict[str, Any]]:
    """Return JSON-ready facts by modality, for the modalities that both sides (track ids, or files' facts) have."""
    here, there = (side if isinstance(side, Facts) else facts_of(session.connection, side) for side in (a, b))
    return {name: _GATHER[name](session, here, there) for name in modalities if name in _GATHER}


def sound_evidence(_: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the attributes of both tracks as texts: {"a": {"tempo_bpm": "92 BPM", ...}, "b": {...}}."""
    return {"a": dict(a.attributes), "b": dict(b.attributes)}


def lyrics_evidence(session: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the two lines, one of each track, that the text model finds closest: {"a", "b", "cosine"}.

    Lines in Latin script are compared by the embedded model, which is quick, others by the library's if it reads them.
    """
    scripts = "latin" if _lines(a.lyrics) and _lines(b.lyrics) else scripts_of(asked_encoder(session))
    lines_a, lines_b = _lines(a.lyrics, scripts), _lines(b.lyrics, scripts)
    if not lines_a or not lines_b:
        return {"a": None, "b": None, "cosine": None}
    try:
        encoder = query_encoder() if scripts == "latin" else query_reader(session)
    except IndexerError:  # its files are gone: the score stands, its closest lines cannot be told
        return {"a": None, "b": None, "cosine": None}
    cosines = encoder.encode_whole(lines_a) @ encoder.encode_whole(lines_b).T
    i, j = np.unravel_index(int(cosines.argmax()), cosines.shape)
    return {"a": lines_a[i], "b": lines_b[j], "cosine": float(cosines[i, j])}


def tags_evidence(_: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the words that both TAGS texts have: title, genres, comment and the words of the sound."""
    mine, theirs = _tag_words(a.tag_text), _tag_words(b.tag_text)
    return {"shared": [word for word in mine if word in theirs]}


def cover_evidence(_: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return both covers' hashes, whether they are one picture, and the main colours of each."""
    if a.cover is None or b.cover is None:
        return {"a": None, "b": None, "same": False, "colours": [[], []]}
    colours = [list(dominant_colours(picture(thumbnail))) for _, thumbnail in (a.cover, b.cover)]
    return {"a": a.cover[0], "b": b.cover[0], "same": a.cover[0] == b.cover[0], "colours": colours}


def graph_evidence(session: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the shortest path between the tracks: [{"kind", "name", "via"}], `via` being the edge that led there."""
    connection = session.connection
    start, goal = (out if one.track_id is None else one.track_id for one, out in ((a, _A), (b, _B)))
    names = {_A: a.name, _B: b.name}
    tied: dict[int, list[tuple[int, str]]] = {}
    for outside, facts in ((_A, a), (_B, b)):
        for tie in facts.ties:
            edge = json.dumps([tie.kind, tie.provenance])
            tied.setdefault(outside, []).append((tie.node, edge))
            tied.setdefault(tie.node, []).append((outside, edge))
    path = shortest_path(connection, start, goal, tied)
    return {"path": [_step(connection, node, via, names) for node, via in path]}


def playlists_evidence(session: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the names of the playlists in which both tracks stand."""
    query = (
        "SELECT DISTINCT p.name FROM playlists p JOIN playlist_entries x ON x.playlist_id = p.id AND x.track_id = ? "
        "JOIN playlist_entries y ON y.playlist_id = p.id AND y.track_id = ? ORDER BY p.name"
    )
    return {"shared": [row[0] for row in session.connection.execute(query, (a.track_id, b.track_id))]}


_GATHER: "dict[str, Gather]" = {
    "audio": sound_evidence,
    "lyrics": lyrics_evidence,
    "tags": tags_evidence,
    "cover": cover_evidence,
    "graph": graph_evidence,
    "playlists": playlists_evidence,
}


def _lines(lyrics: str, scripts: "Literal['latin', 'any']" = "latin") -> list[str]:
    lines = dict.fromkeys(line.strip() for line in lyrics.splitlines())
    return [line for line in lines if readable(line, scripts)][:_MOST_LINES]


def _tag_words(text: str) -> list[str]:
    return [word for word in dict.fromkeys(words(text)) if word not in _COMMON and _says_something(word)]


def _says_something(word: str) -> bool:
    """Tell a word from the numbers and codes of comments and the "e" of "E major"; one CJK character is a word."""
    return word.isalpha() and (len(word) > 1 or not word.isascii())


def _step(connection: "sqlite3.Connection", node: int, via: str | None, outside: "Mapping[int, str]") -> dict[str, Any]:
    query = "SELECT kind, name FROM nodes WHERE id = ?1 UNION ALL SELECT 'track', title FROM tracks WHERE id = ?1"
    node_kind, name = connection.execute(query, (node,)).fetchone() or ("track", outside[node])
    kind, provenance = json.loads(via) if via else (None, None)
    return {"kind": node_kind, "name": name, "via": kind, "provenance": provenance}

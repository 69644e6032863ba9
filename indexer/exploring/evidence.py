"""Gather, for a pair of tracks, what a listener can check: one set of facts per modality that both have."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.encoders import asked_encoder, query_encoder, query_reader, scripts_of
from indexer.errors import IndexerError
from indexer.exploring.colours import alike
from indexer.exploring.graph_path import shortest_path
from indexer.exploring.phrases import joined
from indexer.fold import words
from indexer.stages.embed import picture
from indexer.storing.sounds import attributes_of
from models.encoders.cover import dominant_colours
from models.encoders.scripts import readable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from indexer.exploring.session import Session

    Gather = Callable[[Session, "Facts", "Facts"], dict[str, Any]]

_MOST_LINES = 120
"""Lyric lines compared per track: more than any song has that is not spoken."""
_LINE_PAIRS, _LEAST_PAIRS = 5, 3
_LEAST_COSINE = 0.3
"""Beyond the closest three: lines less alike say little of why two songs are close."""
_MOST_ALONE = 24
"""Words of one side alone."""
_WAYS = 6
_NO_LINES: "dict[str, Any]" = {"a": None, "b": None, "cosine": None}
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
    """Return the lines, one of each track, that the text model finds closest: {"a", "b", "cosine", "pairs"}.

    "pairs" has up to five, closest first, no line twice: [{"a", "b", "cosine"}]. Lines in Latin script are compared by
    the embedded model, which is quick, others by the library's if it reads them.
    """
    scripts = "latin" if _lines(a.lyrics) and _lines(b.lyrics) else scripts_of(asked_encoder(session))
    lines_a, lines_b = _lines(a.lyrics, scripts), _lines(b.lyrics, scripts)
    if not lines_a or not lines_b:
        return _NO_LINES | {"pairs": []}
    try:
        encoder = query_encoder() if scripts == "latin" else query_reader(session)
    except IndexerError:  # its files are gone: the score stands, its closest lines cannot be told
        return _NO_LINES | {"pairs": []}
    cosines = encoder.encode_whole(lines_a) @ encoder.encode_whole(lines_b).T
    pairs: list[dict[str, Any]] = [
        {"a": lines_a[i], "b": lines_b[j], "cosine": float(cosines[i, j])} for i, j in closest(cosines, _LINE_PAIRS)
    ]
    more = [pair for pair in pairs[_LEAST_PAIRS:] if pair["cosine"] >= _LEAST_COSINE]
    return {**pairs[0], "pairs": pairs[:_LEAST_PAIRS] + more}


def closest(cosines: "NDArray[np.float32]", most: int) -> list[tuple[int, int]]:
    """Return up to `most` places of the largest values [shape=(n, m)], largest first, no row or column twice."""
    left, found = cosines.astype(np.float64), []
    for _ in range(min(most, *left.shape)):
        i, j = (int(place) for place in np.unravel_index(int(left.argmax()), left.shape))
        found.append((i, j))
        left[i, :] = left[:, j] = -np.inf
    return found


def tags_evidence(_: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the words of the TAGS texts (title, genres, comment, words of the sound): {"shared", "a", "b"}.

    "a" and "b" have those of one side alone.
    """
    mine, theirs = _tag_words(a.tag_text), _tag_words(b.tag_text)
    return {
        "shared": [word for word in mine if word in theirs],
        "a": [word for word in mine if word not in theirs][:_MOST_ALONE],
        "b": [word for word in theirs if word not in mine][:_MOST_ALONE],
    }


def cover_evidence(_: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return both covers' hashes, whether they are one picture, the main colours of each and which are alike."""
    if a.cover is None or b.cover is None:
        return {"a": None, "b": None, "same": False, "colours": [[], []], "alike": []}
    colours = [list(dominant_colours(picture(thumbnail))) for _, thumbnail in (a.cover, b.cover)]
    return {
        "a": a.cover[0],
        "b": b.cover[0],
        "same": a.cover[0] == b.cover[0],
        "colours": colours,
        "alike": alike(*colours),
    }


def graph_evidence(session: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the shortest path between the tracks and what else both hang on, heaviest first: {"path", "shared"}.

    The path is [{"kind", "name", "via", "provenance"}], `via` being the edge that led there; "shared" is [{"kind",
    "name", "a", "b"}], "a" and "b" being the kinds of the edges to it, up to six.
    """
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
    return {"path": [_step(connection, node, via, names) for node, via in path], "shared": _shared_nodes(session, a, b)}


def _shared_nodes(session: "Session", a: Facts, b: Facts) -> list[dict[str, Any]]:
    """Return what two tracks of the library both hang on; of a file outside it, nothing."""
    query = (
        "SELECT n.kind, n.name, max(x.kind) AS a, max(y.kind) AS b FROM edges x "
        "JOIN edges y ON y.target = x.target AND y.source = ? "
        "JOIN nodes n ON n.id = x.target WHERE x.source = ? GROUP BY n.id "
        "ORDER BY max(x.weight + y.weight) DESC, n.kind, n.name LIMIT ?"
    )
    return [dict(row) for row in session.connection.execute(query, (b.track_id, a.track_id, _WAYS))]


def playlists_evidence(session: "Session", a: Facts, b: Facts) -> dict[str, Any]:
    """Return the playlists in which both tracks stand, and where: {"shared": [names], "places": [...]}.

    A place is {"name", "a", "b", "length"}: where each stands first, counted from 1, and how long the playlist is.
    """
    query = (
        "SELECT p.name, min(x.position) + 1 - p.first AS a, min(y.position) + 1 - p.first AS b, p.length "
        "FROM (SELECT l.id, l.name, (SELECT min(position) FROM playlist_entries WHERE playlist_id = l.id) AS first, "
        "(SELECT count(*) FROM playlist_entries WHERE playlist_id = l.id) AS length FROM playlists l) p "
        "JOIN playlist_entries x ON x.playlist_id = p.id AND x.track_id = ? "
        "JOIN playlist_entries y ON y.playlist_id = p.id AND y.track_id = ? GROUP BY p.id ORDER BY p.name, p.id"
    )
    places = [dict(row) for row in session.connection.execute(query, (a.track_id, b.track_id))]
    return {"shared": list(dict.fromkeys(place["name"] for place in places)), "places": places}


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
    found = [word for token in text.split() for word in ([_compound(token)] if "-" in token else words(token))]
    return [word for word in dict.fromkeys(joined(found)) if word not in _COMMON and _says_something(word)]


def _compound(token: str) -> str:
    """Return the one word of a token with hyphens inside: "mid-tempo"."""
    return "-".join(words(token))


def _says_something(word: str) -> bool:
    """Tell a word from the numbers and codes of comments and the "e" of "E major"; one CJK character is a word."""
    return word.replace("-", "").replace(" ", "").isalpha() and (len(word) > 1 or not word.isascii())


def _step(connection: "sqlite3.Connection", node: int, via: str | None, outside: "Mapping[int, str]") -> dict[str, Any]:
    query = "SELECT kind, name FROM nodes WHERE id = ?1 UNION ALL SELECT 'track', title FROM tracks WHERE id = ?1"
    node_kind, name = connection.execute(query, (node,)).fetchone() or ("track", outside[node])
    kind, provenance = json.loads(via) if via else (None, None)
    return {"kind": node_kind, "name": name, "via": kind, "provenance": provenance}

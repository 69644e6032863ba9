"""Build the graph of a library in plain dicts, whole, and read the stored one: what the graph's tests compare with."""

import os
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from indexer.fold import fold
from indexer.reading.credits import is_placeholder, known_names, split_by_evidence
from indexer.track import Credit, Role

_ROLE_WEIGHTS = {
    Role.ARTIST: 1.0,
    Role.FEATURED: 0.7,
    Role.REMIXER: 0.6,
    Role.ENSEMBLE: 0.7,
    Role.PERFORMER: 0.5,
    Role.CONDUCTOR: 0.5,
    Role.COMPOSER: 0.5,
    Role.LYRICIST: 0.3,
    Role.ALBUM_ARTIST: 0.5,
}
"""How much a credit ties a track to a name: those heard above those who wrote. Judgement, not fitted."""
_ALBUM_WEIGHT, _GENRE_WEIGHT, _PLAYLIST_WEIGHT, _ALBUM_ARTIST_WEIGHT = 0.8, 0.3, 0.4, 0.5
_MOST_JOINT = 8
"""Credits beyond this many on one track (a choir list) make no joint-credit edges: they would all know each other."""
_PLACEHOLDER_GENRES = frozenset(("other", "unknown", "misc", "none", "genre", "unclassifiable"))

NodeKey = tuple[str, str]
"""(kind, key): kind is "track", "artist", "album", "genre" or "playlist"."""


@dataclass(slots=True)
class Graph:
    """Nodes by key with the name to show, and undirected edges by (source, target, kind)."""

    names: dict[NodeKey, str] = field(default_factory=dict)
    edges: dict[tuple[NodeKey, NodeKey, str], float] = field(default_factory=dict)
    provenance: dict[tuple[NodeKey, NodeKey, str], str] = field(default_factory=dict)

    def node(self, kind: str, key: str, name: str) -> NodeKey:
        """Return the node, made when it is new; the first spelling met is the one shown."""
        self.names.setdefault((kind, key), name)
        return kind, key

    def tie(self, source: NodeKey, target: NodeKey, kind: str, weight: float, provenance: str) -> None:
        """Add weight to an edge; what it first came from is kept."""
        edge = (source, target, kind)
        self.edges[edge] = self.edges.get(edge, 0.0) + weight
        self.provenance.setdefault(edge, provenance)


def naive_graph(connection: sqlite3.Connection) -> Graph:
    """Build the graph from the stored tags; an empty library gives an empty graph."""
    graph = Graph()
    credits, known = _credits(connection)
    joint: Counter[tuple[NodeKey, NodeKey, str]] = Counter()
    examples: dict[tuple[NodeKey, NodeKey, str], str] = {}
    for row in connection.execute(
        "SELECT t.id, t.path, t.title, t.album, t.album_artist, t.compilation, t.musicbrainz_release "
        "FROM tracks t WHERE t.missing_since IS NULL ORDER BY t.id"
    ):
        track = graph.node("track", str(row["id"]), row["title"])
        people = _tie_people(graph, track, split_by_evidence(credits.get(row["id"], ()), known))
        _tie_album(graph, track, row, people)
        for (a, role_a), (b, role_b) in combinations(people[:_MOST_JOINT], 2):
            if a != b:
                edge = (*sorted((a, b)), _tie_of(role_a, role_b))
                joint[edge] += 1  # type: ignore[index]
                examples.setdefault(edge, row["title"])  # type: ignore[arg-type]
    for (a, b, kind), count in joint.items():
        # The second joint track says less than the first.
        graph.tie(
            a,
            b,
            kind,
            1 - 0.5**count,
            f"{kind} on “{examples[a, b, kind]}”" + (f" and {count - 1} more" if count > 1 else ""),
        )
    _tie_genres(graph, connection)
    _tie_playlists(graph, connection)
    return graph


def _credits(connection: sqlite3.Connection) -> tuple[dict[int, list[Credit]], Callable[[str], bool]]:
    credits: dict[int, list[Credit]] = defaultdict(list)
    for track_id, name, role, evidence, musicbrainz_id in connection.execute(
        "SELECT track_id, name, role, evidence, musicbrainz_id FROM credits ORDER BY track_id, position"
    ):
        credits[track_id].append(Credit(name, Role(role), evidence, musicbrainz_id))
    return credits, known_names((c.name for listed in credits.values() for c in listed), fold=fold)


def _tie_people(graph: Graph, track: NodeKey, credits: tuple[Credit, ...]) -> list[tuple[NodeKey, Role]]:
    """Tie a track to its people, each by the strongest role; returns those that stand on the track itself."""
    people: dict[NodeKey, Credit] = {}
    for credit in credits:
        key = fold(credit.name)
        if not key or is_placeholder(credit.name):
            continue
        artist = graph.node("artist", key, credit.name)
        if artist not in people or _is_stronger(credit.role, people[artist].role):
            people[artist] = credit
    for artist, credit in people.items():
        graph.tie(track, artist, credit.role.value, _ROLE_WEIGHTS[credit.role], credit.evidence)
    return [(artist, credit.role) for artist, credit in people.items() if credit.role is not Role.ALBUM_ARTIST]


def _is_stronger(role: Role, than: Role) -> bool:
    """Tell whether a role ties more strongly; owning the album is the last to count."""
    if Role.ALBUM_ARTIST in (role, than):
        return than is Role.ALBUM_ARTIST and role is not than
    return _ROLE_WEIGHTS[role] > _ROLE_WEIGHTS[than]


def _tie_of(a: Role, b: Role) -> str:
    """Name what ties two people of one track: what the one did for the other, or that they share the credit."""
    special = (Role.FEATURED, Role.REMIXER, Role.COMPOSER, Role.LYRICIST)
    role = next((role for role in special if role in (a, b)), None)
    if role is None:
        return "joint credit"
    return "feat." if role is Role.FEATURED else role.value


def _tie_album(
    graph: Graph, track: NodeKey, row: Mapping[str, Any] | sqlite3.Row, people: list[tuple[NodeKey, Role]]
) -> None:
    title = fold(row["album"])
    if not title or is_placeholder(row["album"]):
        return
    owner = "" if is_placeholder(row["album_artist"]) else fold(row["album_artist"])
    folder = os.path.dirname(bytes(row["path"])).decode("utf-8", "backslashreplace")
    key = row["musicbrainz_release"] or "\x1f".join((owner or "compilation", title, folder))
    album = graph.node("album", key, row["album"])
    graph.tie(track, album, "album", _ALBUM_WEIGHT, "tag")
    if owner and ("artist", owner) in graph.names:
        artist: NodeKey | None = ("artist", owner)
    else:
        artist = people[0][0] if people and not row["compilation"] else None
    if artist is not None and (album, artist, "album artist") not in graph.edges:
        graph.tie(album, artist, "album artist", _ALBUM_ARTIST_WEIGHT, "album artist tag" if owner else "artist tag")


def _tie_genres(graph: Graph, connection: sqlite3.Connection) -> None:
    for track_id, name, folded in connection.execute(
        "SELECT g.track_id, g.name, g.folded FROM track_genres g JOIN tracks t ON t.id = g.track_id "
        "WHERE t.missing_since IS NULL"
    ):
        if folded and folded not in _PLACEHOLDER_GENRES:
            graph.tie(("track", str(track_id)), graph.node("genre", folded, name), "genre", _GENRE_WEIGHT, "tag")


def _tie_playlists(graph: Graph, connection: sqlite3.Connection) -> None:
    for playlist_id, name, track_id in connection.execute(
        "SELECT DISTINCT p.id, p.name, e.track_id FROM playlists p JOIN playlist_entries e ON e.playlist_id = p.id "
        "JOIN tracks t ON t.id = e.track_id WHERE t.missing_since IS NULL"
    ):
        playlist = graph.node("playlist", str(playlist_id), name)
        graph.tie(("track", str(track_id)), playlist, "playlist", _PLAYLIST_WEIGHT, "playlist file")


def stored_graph(connection: sqlite3.Connection) -> Graph:
    """Read the stored graph, nodes in the order of their numbers."""
    graph, keys = Graph(), dict[int, NodeKey]()
    query = "SELECT id, 'track', id, title FROM tracks WHERE missing_since IS NULL UNION ALL SELECT * FROM nodes"
    for number, kind, key, name in connection.execute(f"{query} ORDER BY 1"):
        keys[number] = graph.node(kind, str(key), name)
    for source, target, kind, weight, provenance in connection.execute("SELECT * FROM edges ORDER BY source, target"):
        graph.tie(keys[source], keys[target], kind, weight, provenance)
    return graph

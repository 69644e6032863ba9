"""Tie a track that the library does not hold to the names that it knows."""

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.fold import fold
from indexer.graph_ties import (
    ALBUM_ARTIST,
    ALBUM_ARTIST_WEIGHT,
    GENRE_WEIGHT,
    PLACEHOLDER_GENRES,
    NodeKey,
    people_of,
    tie_album,
    tie_people,
)
from indexer.reading.credits import known_names, split_by_evidence

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from indexer.track import Tags

OUTSIDE: NodeKey = ("track", "")
"""The node of a track that the library does not hold."""


@dataclass(slots=True)
class Graph:
    """A small graph: nodes by key with the name to show, and undirected edges by (source, target, kind)."""

    names: dict[NodeKey, str] = field(default_factory=dict)
    edges: dict[tuple[NodeKey, NodeKey, str], float] = field(default_factory=dict)
    provenance: dict[tuple[NodeKey, NodeKey, str], str] = field(default_factory=dict)

    def node(self, kind: str, key: str, name: str) -> NodeKey:
        """Return the node, made when it is new; the first spelling met is the one shown."""
        self.names.setdefault((kind, key), name)
        return kind, key

    def known(self, kind: str, key: str) -> NodeKey | None:
        """Return a node that was met before, None where there is none."""
        return (kind, key) if (kind, key) in self.names else None

    def tie(self, source: NodeKey, target: NodeKey, kind: str, weight: float, provenance: str) -> None:
        """Add weight to an edge; what it first came from is kept."""
        edge = (source, target, kind)
        self.edges[edge] = self.edges.get(edge, 0.0) + weight
        self.provenance.setdefault(edge, provenance)

    def own(self, album: NodeKey, artist: NodeKey, provenance: str) -> None:
        """Tie an album to whose it is, unless it is tied already."""
        if (album, artist, ALBUM_ARTIST) not in self.edges:
            self.tie(album, artist, ALBUM_ARTIST, ALBUM_ARTIST_WEIGHT, provenance)


def tie_outside(connection: "sqlite3.Connection", tags: "Tags", path: str) -> Graph:
    """Build the ties that a track outside the library would have to names in it: a graph of OUTSIDE and its edges.

    Joint names are divided on the library's evidence. An album is the library's when artist and title name a single
    one, wherever the file lies. Names that the library does not know are nodes too.
    """
    graph = Graph()
    known = {(kind, key): name for kind, key, name in connection.execute("SELECT kind, key, name FROM nodes")}
    people = people_of(graph, split_by_evidence(tags.credits, known_names(credited(connection), fold=fold)))
    standing = tie_people(graph, OUTSIDE, people)
    row = {name: getattr(tags, name) for name in ("album", "album_artist", "compilation", "musicbrainz_release")}
    tie_album(graph, OUTSIDE, {**row, "path": os.fsencode(path)}, standing)
    for name in tags.genres:
        if fold(name) and fold(name) not in PLACEHOLDER_GENRES:
            graph.tie(OUTSIDE, graph.node("genre", fold(name), name), "genre", GENRE_WEIGHT, "tag")
    ties = Graph()
    for (source, node, kind), weight in graph.edges.items():
        if source == OUTSIDE:
            found = _album_elsewhere(node, known) if node[0] == "album" else node
            ties.tie(
                OUTSIDE,
                ties.node(*found, known.get(found, graph.names[node])),
                kind,
                weight,
                graph.provenance[source, node, kind],
            )
    return ties


def credited(connection: "sqlite3.Connection") -> list[str]:
    """Return every name that is credited in the library, as it is written, once."""
    return [name for (name,) in connection.execute("SELECT DISTINCT name FROM people")]


def _album_elsewhere(album: NodeKey, known: "Mapping[NodeKey, str]") -> NodeKey:
    """Return the one album of the library with the same artist and title in any folder, else the album itself."""
    alike = album[1].rpartition("\x1f")[0] + "\x1f"
    found = [node for node in known if node[0] == "album" and node[1].startswith(alike)] if alike != "\x1f" else []
    return found[0] if album not in known and len(found) == 1 else album

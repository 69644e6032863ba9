"""Build the graph of who plays with whom: tracks, artists, albums, genres and playlists, with typed, weighted edges.

Every edge carries where it comes from. What ties a track to what is said in indexer/graph_ties.py. The whole graph is
built from the tags each time, since one new artist line may divide or join names everywhere; only what differs from the
stored graph is written, and a node keeps its number for as long as it is there.
"""

from itertools import combinations
from typing import TYPE_CHECKING

from indexer.fold import fold
from indexer.graph_outside import credited
from indexer.graph_ties import (
    ALBUM_ARTIST,
    ALBUM_ARTIST_WEIGHT,
    GENRE_WEIGHT,
    PLACEHOLDER_GENRES,
    PLAYLIST_WEIGHT,
    NodeKey,
    Person,
    joint_kind,
    people_of,
    tie_album,
    tie_people,
)
from indexer.reading.credits import known_names, split_by_evidence
from indexer.storing.graph_rows import EdgeColumns, node_numbers, put_graph, tie_numbers
from indexer.track import Credit, Role

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from indexer.storing.store import Store

_MOST_JOINT = 8
"""Credits beyond this many on one track (a choir list) make no joint-credit edges: they would all know each other."""
_REMEMBERED = 1 << 15
"""Credits of tracks whose people were looked up a moment ago: those of an album are mostly the same."""

_CreditRow = tuple[str, str, str, str | None]


def rebuild_graph(store: "Store") -> bool:
    """Build the graph of all present tracks and bring the stored one up to date in a single transaction.

    Tells whether anything changed. An empty library gives an empty graph.
    """
    graph = _LibraryGraph(store.connection)
    graph.tie_tracks(store.connection)
    graph.tie_joint()
    graph.tie_genres(store.connection)
    graph.tie_playlists(store.connection)
    return put_graph(store, graph.names, graph.edges.table(), graph.ties)


class _LibraryGraph:
    """The graph of a library while it is built; a node is a number: a track's id, or one below zero.

    Nodes and ties that the stored graph has keep the numbers that they have there.
    """

    def __init__(self, connection: "sqlite3.Connection") -> None:
        self.names: dict[NodeKey, tuple[int, str]] = {}
        """Number and first spelling of all nodes but tracks."""
        self.ties = tie_numbers(connection)
        self.edges = EdgeColumns(self.ties)
        self._stored = node_numbers(connection)
        self._next = min(self._stored.values(), default=0) - 1
        self._owned: set[tuple[int, int]] = set()
        self._joint: dict[tuple[int, int, str], tuple[int, str]] = {}
        """How many tracks two people have in common, and the title of the first."""

    def node(self, kind: str, key: str, name: str) -> int:
        """Return the node's number; the first spelling met is the one shown."""
        if (kind, key) not in self.names:
            self.names[kind, key] = self._stored.get((kind, key)) or self._new(), name
        return self.names[kind, key][0]

    def known(self, kind: str, key: str) -> int | None:
        """Return the number of a node that was met before, None where there is none."""
        return self.names[kind, key][0] if (kind, key) in self.names else None

    def tie(self, source: int, target: int, kind: str, weight: float, provenance: str) -> None:
        """Add an edge."""
        self.edges.add(source, target, kind, weight, provenance)

    def own(self, album: int, artist: int, provenance: str) -> None:
        """Tie an album to whose it is, unless it is tied already."""
        if (album, artist) not in self._owned:
            self._owned.add((album, artist))
            self.tie(album, artist, ALBUM_ARTIST, ALBUM_ARTIST_WEIGHT, provenance)

    def tie_tracks(self, connection: "sqlite3.Connection") -> None:
        """Tie every track to its people and its album."""
        known = known_names(credited(connection), fold=fold)
        remembered: dict[tuple[_CreditRow, ...], list[Person]] = {}
        listed = _credits(connection)
        track_id, credits = next(listed, (None, ()))
        for row in connection.execute(
            "SELECT t.id, t.path, t.title, t.album, t.album_artist, t.compilation, t.musicbrainz_release "
            "FROM tracks t WHERE t.missing_since IS NULL ORDER BY t.id"
        ):
            while track_id is not None and track_id < row["id"]:
                track_id, credits = next(listed, (None, ()))
            rows = credits if track_id == row["id"] else ()
            people = remembered.get(rows)
            if people is None:
                if len(remembered) == _REMEMBERED:
                    remembered.clear()
                lines = (Credit(name, Role(role), evidence, mbid) for name, role, evidence, mbid in rows)
                people = remembered[rows] = people_of(self, split_by_evidence(lines, known))
            standing = tie_people(self, row["id"], people)
            tie_album(self, row["id"], row, standing)
            self._meet(standing[:_MOST_JOINT], row["title"])

    def _meet(self, people: "Sequence[Person]", title: str) -> None:
        for a, b in combinations(people, 2):
            first, second = sorted((a, b), key=lambda person: person.key)
            edge = first.node, second.node, joint_kind(a.credit.role, b.credit.role)
            count, example = self._joint.get(edge, (0, title))
            self._joint[edge] = count + 1, example

    def tie_joint(self) -> None:
        """Tie the people that stand on one track; the second such track says less than the first."""
        for (a, b, kind), (count, example) in self._joint.items():
            more = f" and {count - 1} more" if count > 1 else ""
            self.tie(a, b, kind, 1 - 0.5**count, f"{kind} on “{example}”{more}")

    def tie_genres(self, connection: "sqlite3.Connection") -> None:
        """Tie tracks to their genres."""
        rows = connection.execute(
            "SELECT g.track_id, g.name, g.folded FROM track_genres g JOIN tracks t ON t.id = g.track_id "
            "WHERE t.missing_since IS NULL"
        )
        for track, name, folded in rows:
            if folded and folded not in PLACEHOLDER_GENRES:
                self.tie(track, self.node("genre", folded, name), "genre", GENRE_WEIGHT, "tag")

    def tie_playlists(self, connection: "sqlite3.Connection") -> None:
        """Tie tracks to the playlists they stand in."""
        rows = connection.execute(
            "SELECT DISTINCT e.track_id, p.id, p.name FROM playlists p JOIN playlist_entries e ON e.playlist_id = p.id "
            "JOIN tracks t ON t.id = e.track_id WHERE t.missing_since IS NULL"
        )
        for track, playlist, name in rows:
            self.tie(track, self.node("playlist", str(playlist), name), "playlist", PLAYLIST_WEIGHT, "playlist file")

    def _new(self) -> int:
        self._next -= 1
        return self._next + 1


def _credits(connection: "sqlite3.Connection") -> "Iterator[tuple[int, tuple[_CreditRow, ...]]]":
    """Yield the tracks that have credits, by rising id, with name, role, evidence and MusicBrainz id of each."""
    track_id, rows = 0, list[_CreditRow]()
    for row in connection.execute(
        "SELECT track_id, name, role, evidence, musicbrainz_id FROM credits ORDER BY track_id, position"
    ):
        if row[0] != track_id and rows:
            yield track_id, tuple(rows)
            rows = []
        track_id = row[0]
        rows.append(tuple(row)[1:])
    if rows:
        yield track_id, tuple(rows)

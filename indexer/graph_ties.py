"""Say what ties a track to people and albums: the rules of the graph, for tracks of the library and outside of it.

"Various Artists", "Unknown" and "Other" are no nodes. A joint name ("A & B") is divided only where the library itself
gives evidence; see indexer/reading/credits.py.
"""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from indexer.fold import fold
from indexer.reading.credits import is_placeholder
from indexer.track import Credit, Role

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

ROLE_WEIGHTS = {
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
ALBUM_WEIGHT, GENRE_WEIGHT, PLAYLIST_WEIGHT, ALBUM_ARTIST_WEIGHT = 0.8, 0.3, 0.4, 0.5
PLACEHOLDER_GENRES = frozenset(("other", "unknown", "misc", "none", "genre", "unclassifiable"))
_REMEMBERED = 1 << 15
"""Names folded a moment ago: the tracks of an album come one after the other."""

ALBUM_ARTIST = Role.ALBUM_ARTIST.value
"""The kind of the edge from an album, or a track, to whose album it is."""

NodeKey = tuple[str, str]
"""(kind, key): kind is "track", "artist", "album", "genre" or "playlist"."""
N = TypeVar("N")
"""What stands for a node: its key, or its number."""

_folded = lru_cache(_REMEMBERED)(fold)


class Growing(Protocol[N]):
    """A graph to which nodes and undirected edges are added."""

    def node(self, kind: str, key: str, name: str) -> N:
        """Return the node, made when it is new; the first spelling met is the one shown."""
        ...

    def known(self, kind: str, key: str) -> N | None:
        """Return a node that was met before, None where there is none."""
        ...

    def tie(self, source: N, target: N, kind: str, weight: float, provenance: str) -> None:
        """Add an edge."""
        ...

    def own(self, album: N, artist: N, provenance: str) -> None:
        """Tie an album to whose it is, unless it is tied already."""
        ...


class Person(NamedTuple):
    """Somebody credited on a track: the node (its key or number), the folded name, and the strongest credit."""

    node: Any
    key: str
    credit: Credit


def people_of(graph: Growing[N], credits: "Iterable[Credit]") -> list[Person]:
    """Return who is credited, each once by the strongest role, in the order of the credits; new ones become nodes."""
    people: dict[str, Person] = {}
    for credit in credits:
        key = _folded(credit.name)
        if not key or is_placeholder(credit.name):
            continue
        node = graph.node("artist", key, credit.name)
        if key not in people or _is_stronger(credit.role, people[key].credit.role):
            people[key] = Person(node, key, credit)
    return list(people.values())


def tie_people(graph: Growing[N], track: N, people: "Sequence[Person]") -> list[Person]:
    """Tie a track to its people; returns those that stand on the track itself."""
    for person in people:
        role = person.credit.role
        graph.tie(track, person.node, role.value, ROLE_WEIGHTS[role], person.credit.evidence)
    return [person for person in people if person.credit.role is not Role.ALBUM_ARTIST]


def _is_stronger(role: Role, than: Role) -> bool:
    """Tell whether a role ties more strongly; owning the album is the last to count."""
    if Role.ALBUM_ARTIST in (role, than):
        return than is Role.ALBUM_ARTIST and role is not than
    return ROLE_WEIGHTS[role] > ROLE_WEIGHTS[than]


def tie_album(
    graph: Growing[N], track: N, row: "Mapping[str, Any] | sqlite3.Row", standing: "Sequence[Person]"
) -> None:
    """Tie a track to its album, and the album to whose it is.

    row : path, album, album_artist, compilation and musicbrainz_release of the track.
    standing : the people on the track itself.
    """
    title = _folded(row["album"])
    if not title or is_placeholder(row["album"]):
        return
    owner = "" if is_placeholder(row["album_artist"]) else _folded(row["album_artist"])
    folder = os.path.dirname(bytes(row["path"])).decode("utf-8", "backslashreplace")
    key = row["musicbrainz_release"] or "\x1f".join((owner or "compilation", title, folder))
    album = graph.node("album", key, row["album"])
    graph.tie(track, album, "album", ALBUM_WEIGHT, "tag")
    artist: N | None = graph.known("artist", owner) if owner else None
    if artist is None and standing and not row["compilation"]:
        artist = standing[0].node
    if artist is not None:
        graph.own(album, artist, "album artist tag" if owner else "artist tag")


def joint_kind(a: Role, b: Role) -> str:
    """Name what ties two people of one track: what the one did for the other, or that they share the credit."""
    special = (Role.FEATURED, Role.REMIXER, Role.COMPOSER, Role.LYRICIST)
    role = next((role for role in special if role in (a, b)), None)
    if role is None:
        return "joint credit"
    return "feat." if role is Role.FEATURED else role.value

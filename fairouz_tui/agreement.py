"""See where lists of neighbours agree: in how many of them a track stands, and where in each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

JOINT = "joint"
COLUMNS = {
    JOINT: "All",
    "audio": "Audio",
    "lyrics": "Lyrics",
    "tags": "Tags",
    "cover": "Cover",
    "graph": "Graph",
    "playlists": "Playlists",
}
"""The lists in their order, and how each is named."""

Lists = Mapping[str, Sequence[int]]
"""Ids of the tracks of each list, the nearest first."""


def recordings(rows: Iterable[Iterable[int]]) -> dict[int, int]:
    """Return track -> the least id of its recording, from rows that hold a track and its versions.

    Lists may fold the versions of one recording into different heads, and may know different ones of them.
    """
    named: dict[int, int] = {}
    members: dict[int, set[int]] = {}
    for row in rows:
        heads = {named.get(track, track) for track in row}
        joined = set(row).union(*(members.pop(head, {head}) for head in heads))
        members[min(joined)] = joined
        named |= dict.fromkeys(joined, min(joined))
    return named


def shared(lists: Lists) -> dict[int, int]:
    """Return in how many lists a track stands, of those that stand in two or more."""
    counts = Counter(track for ids in lists.values() for track in set(ids))
    return {track: count for track, count in counts.items() if count > 1}


def places(lists: Lists, track: int) -> dict[str, int]:
    """Return the place, from 1, that a track has in each of the lists it stands in."""
    return {name: list(lists[name]).index(track) + 1 for name in COLUMNS if track in lists.get(name, ())}


def ordinal(place: int) -> str:
    """Return a place as it is said: "1st", "12th", "23rd"."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"

"""See where lists of neighbours agree: in how many of them a track stands, and where in each."""

from collections import Counter
from collections.abc import Mapping, Sequence

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


def shared(lists: Lists) -> dict[int, int]:
    """Return in how many lists a track stands, of those that stand in two or more."""
    return {track: count for track, count in Counter(i for ids in lists.values() for i in ids).items() if count > 1}


def places(lists: Lists, track: int) -> dict[str, int]:
    """Return the place, from 1, that a track has in each of the lists it stands in."""
    return {name: list(lists[name]).index(track) + 1 for name in COLUMNS if track in lists.get(name, ())}


def ordinal(place: int) -> str:
    """Return a place as it is said: "1st", "12th", "23rd"."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending}"

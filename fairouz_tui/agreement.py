"""See where lists of neighbours agree: one letter for a track wherever it stands, and how much any two lists share."""

from collections import Counter
from collections.abc import Mapping, Sequence
from string import ascii_lowercase

JOINT = "joint"
COLUMNS = {
    JOINT: "J",
    "audio": "A",
    "lyrics": "L",
    "tags": "T",
    "cover": "C",
    "graph": "G",
    "playlists": "P",
}
"""The lists in their order, and the letter of each."""
COLOURS = 8

Lists = Mapping[str, Sequence[int]]
"""Ids of the tracks of each list, the nearest first."""


def marks(lists: Lists) -> dict[int, str]:
    """Return a letter for every track that stands in two lists or more; those in most lists, and nearest, come first.

    After 26 tracks "•" stands for the rest.
    """
    seen = Counter(track for ids in lists.values() for track in ids)
    best: dict[int, int] = {}
    for ids in lists.values():
        for place, track in enumerate(ids):
            best[track] = min(place, best.get(track, place))
    shared = sorted((track for track in seen if seen[track] > 1), key=lambda t: (-seen[t], best[t], t))
    return {track: ascii_lowercase[i] if i < len(ascii_lowercase) else "•" for i, track in enumerate(shared)}


def colour_of(letter: str) -> int:
    """Return the number of a letter's colour, below COLOURS."""
    return ascii_lowercase.find(letter) % COLOURS


def shared_with(lists: Lists, name: str) -> dict[str, int]:
    """Return how many tracks a list shares with each of the others that it shares any with."""
    own = set(lists.get(name, ()))
    counts = {other: len(own.intersection(lists[other])) for other in COLUMNS if other in lists and other != name}
    return {other: count for other, count in counts.items() if count}


def places(lists: Lists, track: int) -> dict[str, int]:
    """Return the place, from 1, that a track has in each of the lists it stands in."""
    return {name: list(lists[name]).index(track) + 1 for name in COLUMNS if track in lists.get(name, ())}

"""Keep a ranked list from being one artist's: versions of a recording share a row, artists and albums have caps."""

import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from indexer.exploring.takes import is_version
from indexer.exploring.versions import recording
from indexer.fold import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from indexer.exploring.answer import Hit, TrackRow
    from indexer.exploring.session import Session

_DISC = re.compile(r"(?:cd|disc|disk)[ _-]?\d{1,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a list may hold; 0 is no cap."""

    per_artist: int = 0
    per_album: int = 0
    fold_versions: bool = False


_DEEPER = 4
"""How many times as many hits as rows are looked at first, and how many times more then."""

NONE = Limits()


def limited(
    session: "Session", find: "Callable[[int], tuple[Hit, ...]]", *, count: int, limits: Limits
) -> "tuple[tuple[Hit, ...], str]":
    """Return the best `count` rows within the limits, and a note on what the caps left out ("" for nothing).

    find : gives the best n hits; it is asked for more of them until there are enough rows or no more hits.
    """
    if limits == NONE:
        return find(count), ""
    depth = _DEEPER * count
    while True:
        found, chooser = find(depth), Chooser(partial(_same, session), limits)
        if chooser.take(found, count=count) or len(found) < depth:
            return tuple(chooser.hits), chooser.note()
        depth *= _DEEPER


def _same(session: "Session", a: "Hit", b: "Hit") -> bool:
    return is_version(session.connection, a.track, b.track)


@dataclass(slots=True, eq=False)
class Chooser:
    """Take hits, best first, as long as they keep the limits."""

    is_same: "Callable[[Hit, Hit], bool]"
    """Tells whether a hit belongs in the row of another whose title and artist are the same."""
    limits: Limits
    hits: "list[Hit]" = field(default_factory=list)
    held_back: Counter[str] = field(default_factory=Counter)
    """How many were left out, by "artist" and "album"."""
    _heads: defaultdict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """Places in `hits`, by what names the recording."""
    _artists: Counter[str] = field(default_factory=Counter)
    _albums: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, ranked: "Iterable[Hit]", *, count: int) -> bool:
        """Take further hits until there are `count` rows; tell whether there are."""
        for hit in ranked:
            if not (self.limits.fold_versions and self._folded(hit)) and self._allowed(hit.track):
                self._put(hit)
            if len(self.hits) == count:
                return True
        return False

    def note(self) -> str:
        """Say what the caps left out; "" when nothing."""
        caps = (("artist", self.limits.per_artist), ("album", self.limits.per_album))
        said = " and ".join(f"{cap} of an {what}" for what, cap in caps if self.held_back[what])
        return f"{self.held_back.total()} left out: at most {said}" if said else ""

    def _put(self, hit: "Hit") -> None:
        named = recording(hit.track)
        if named is not None:
            self._heads[named.key].append(len(self.hits))
        if self.limits.per_artist or self.limits.per_album:
            self._artists[fold(hit.track.artist)] += 1
            self._albums[album_key(hit.track)] += 1
        self.hits.append(hit)

    def _allowed(self, row: "TrackRow") -> bool:
        if not (self.limits.per_artist or self.limits.per_album):
            return True
        artist, album = fold(row.artist), album_key(row)
        if artist and self.limits.per_artist and self._artists[artist] >= self.limits.per_artist:
            self.held_back["artist"] += 1
        elif album[0] and self.limits.per_album and self._albums[album] >= self.limits.per_album:
            self.held_back["album"] += 1
        else:
            return True
        return False

    def _folded(self, hit: "Hit") -> bool:
        """Put a hit under the row of another version, if there is one."""
        named = recording(hit.track)
        for place in self._heads.get(named.key, ()) if named is not None else ():
            head = self.hits[place]
            if self.is_same(head, hit):
                self.hits[place] = replace(head, versions=(*head.versions, hit))
                return True
        return False


def album_key(row: "TrackRow") -> tuple[str, str]:
    """Return what names an album: its folded title and its folder, the discs of a set together."""
    folder = os.path.dirname(row.path)
    return fold(row.album), os.path.dirname(folder) if _DISC.fullmatch(os.path.basename(folder)) else folder

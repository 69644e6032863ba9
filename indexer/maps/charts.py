"""Make the map of a library, keep it beside the library, and place new tracks on it without moving the others."""

import os
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.maps.choices import JOINT, NEIGHBOURS, PRINCIPAL, WAYS
from indexer.maps.clusters import find_clusters, nearest_centre
from indexer.maps.kept import Kept, map_file, read, write
from indexer.maps.naming import NAMING, name_clusters
from indexer.maps.sources import identity, parts
from models.plane import Reduction, neighbour_plane, place, principal_plane, reduction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.exploring.session import Session

    Report = Callable[[float], object]

LAID_OUT = 25_000
"""Tracks whose places are computed; of a larger library the others are placed near their neighbours among these."""
_WORTH_THREADS = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A map: where the tracks lie, and the groups they form."""

    source: str
    how: str
    """"tsne" or "pca"."""
    ids: "NDArray[np.int64]"
    """[n], rising."""
    places: "NDArray[np.float32]"
    """[n, 2] within [-1, 1]."""
    clusters: "NDArray[np.int64]"
    """[n], the number of each track's cluster."""
    names: tuple[str, ...]
    """Of the clusters, largest first."""
    outdated: bool = False
    """The vectors are made by another space or encoder since; what is new was placed all the same."""
    placed: int = 0
    """How many tracks are new since the map was kept, and lie near those they are like."""

    def placed_since(self, shown: "Chart", before: int) -> int:
        """Return how many tracks were placed in all, where this map follows `shown`, on which `before` had been."""
        if (shown.source, shown.how) != (self.source, self.how):
            return self.placed
        if self.outdated or not np.isin(shown.ids, self.ids).any():
            return 0
        return before + len(np.setdiff1d(self.ids, shown.ids, assume_unique=True))


def open_chart(
    session: "Session",
    source: str = JOINT,
    *,
    how: str = NEIGHBOURS,
    again: bool = False,
    report: "Report | None" = None,
) -> Chart:
    """Return the map of a source, as it was kept, with new tracks placed; make it where there is none, or `again`.

    report : gets the share done, 0 to 1, while a map is made; an exception that it raises ends the work.

    Raises
    ------
    IndexerError
        For a source or a way that there is none of, or when no track has vectors.

    """
    if how not in WAYS:
        raise IndexerError(f'no map is made by "{how}": choose {NEIGHBOURS} or {PRINCIPAL}')
    found = None if again else bring_up(session, source, how=how)
    return found or make_chart(session, source, how=how, report=report)


def bring_up(session: "Session", source: str = JOINT, *, how: str = NEIGHBOURS) -> Chart | None:
    """Return the map that is kept of a source, with new tracks placed; None where it must be made (anew).

    While the library is as it was when the map was kept, that is a matter of one small file; otherwise all vectors
    are read: a second for every 30,000 tracks.
    """
    state = _state(session)
    kept = read(_file(session, source, how))
    if kept is None:
        return None
    if kept.state == state and kept.labels is not None and kept.about == identity(session, source):
        return Chart(source, how, kept.ids, kept.places, kept.labels, kept.names)
    if _width(session, source) != len(kept.mean):
        return None
    found = _brought_up(kept, *_reduced(session, source, Reduction(kept.mean, kept.components)))
    if found is None:
        return None
    placed = len(np.setdiff1d(found[0].ids, kept.ids, assume_unique=True))
    return _charted(session, source, how, *found, state=state, placed=placed)


def make_chart(
    session: "Session", source: str = JOINT, *, how: str = NEIGHBOURS, report: "Report | None" = None
) -> Chart:
    """Lay a source out, whether or not there is a map of it; see `open_chart`."""
    if how not in WAYS:
        raise IndexerError(f'no map is made by "{how}": choose {NEIGHBOURS} or {PRINCIPAL}')
    state, about = _state(session), identity(session, source)
    return _charted(session, source, how, *_made(session, source, how, about, report), state=state)


def _state(session: "Session") -> str:
    """Name the library as it is, and how clusters are named."""
    return f"{NAMING} {session.catalogue.version()} {session.mark}"


def _charted(
    session: "Session", source: str, how: str, kept: Kept, rows: "NDArray[np.float32]", *, state: str, placed: int = 0
) -> Chart:
    """Name the clusters of a map and keep it."""
    labels = nearest_centre(rows, kept.centres)
    names = tuple(name_clusters(session.connection, kept.ids, labels, len(kept.centres)))
    write(_file(session, source, how), replace(kept, labels=labels, names=names, state=state))
    outdated = kept.about != identity(session, source)
    return Chart(source, how, kept.ids, kept.places, labels, names, outdated=outdated, placed=placed)


def _width(session: "Session", source: str) -> int:
    for ids, rows in parts(session, source):
        if len(ids):
            return int(rows.shape[1])
    raise IndexerError(f"no track has vectors for a map of {source}: let `fairouz-tui index` finish")


def _made(
    session: "Session", source: str, how: str, about: str, report: "Report | None"
) -> "tuple[Kept, NDArray[np.float32]]":
    _width(session, source)
    projection = reduction(rows for _, rows in parts(session, source) if len(rows))
    ids, rows, marks = _reduced(session, source, projection)
    if how == PRINCIPAL:
        places = principal_plane(rows)
    else:
        laid = np.linspace(0, len(rows) - 1, min(len(rows), LAID_OUT)).round().astype(int)
        some = neighbour_plane(rows[laid], report=report, threads=_threads(len(laid)))
        places = np.empty((len(rows), 2), np.float32)
        others = np.setdiff1d(np.arange(len(rows)), laid, assume_unique=True)
        places[laid] = some
        places[others] = place(rows[others], rows[laid], some)
    _, centres = find_clusters(rows)
    return Kept(about, ids, places, marks, projection.mean, projection.components, centres), rows


def _threads(tracks: int) -> int:
    """Return how many threads lay out so many tracks: for few, waiting for each other takes longer than the work."""
    return (os.cpu_count() or 1) if tracks >= _WORTH_THREADS else 1


def _reduced(
    session: "Session", source: str, projection: Reduction
) -> "tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.uint32]]":
    """Return ids [n], reduced vectors [n, k] and their checksums [n]."""
    ids, rows, marks = [], [], []
    for some, vectors in parts(session, source):
        ids.append(some)
        rows.append(projection(vectors) if len(some) else np.zeros((0, projection.components.shape[1]), np.float32))
        marks += [zlib.crc32(row) for row in np.ascontiguousarray(vectors, np.float16)]
    return np.concatenate(ids), np.concatenate(rows), np.array(marks, np.uint32)


def _brought_up(
    kept: Kept, ids: "NDArray[np.int64]", rows: "NDArray[np.float32]", marks: "NDArray[np.uint32]"
) -> "tuple[Kept, NDArray[np.float32]] | None":
    """Keep the places of tracks whose vectors are as they were, place the others near those, drop what is gone.

    None when the map knows fewer than half of the tracks: it has been outgrown.
    """
    was = np.minimum(np.searchsorted(kept.ids, ids), len(kept.ids) - 1)
    same = (kept.ids[was] == ids) & (kept.marks[was] == marks)
    if 2 * same.sum() < len(ids):
        # Another space: the old places are all there is, and stay until the map is asked for again.
        same = kept.ids[was] == ids
    if 2 * same.sum() < len(ids):
        return None
    places = np.zeros((len(ids), 2), np.float32)
    places[same] = kept.places[was[same]]
    if not same.all():
        places[~same] = place(rows[~same], rows[same], places[same])
    return Kept(kept.about, ids, places, marks, kept.mean, kept.components, kept.centres), rows


def _file(session: "Session", source: str, how: str) -> "Path":
    return map_file(session.catalogue.library, source, how)

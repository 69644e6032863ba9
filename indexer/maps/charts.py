"""Make the map of a library, keep it beside the library, and place new tracks on it without moving the others."""

import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.maps.choices import JOINT, NEIGHBOURS, PRINCIPAL, WAYS
from indexer.maps.clusters import find_clusters, name_clusters, nearest_centre
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
_FORMAT = "1"


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


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A map as it is stored, with what new tracks are placed by."""

    about: str
    """What made the vectors, see `identity`."""
    ids: "NDArray[np.int64]"
    places: "NDArray[np.float32]"
    marks: "NDArray[np.uint32]"
    """Checksum of each track's vector: one that changed is placed anew."""
    mean: "NDArray[np.float32]"
    components: "NDArray[np.float32]"
    centres: "NDArray[np.float32]"


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
    about = identity(session, source)
    kept = None if again else _read(_file(session, source, how))
    found = None
    if kept is not None and _width(session, source) == len(kept.mean):
        found = _brought_up(kept, *_reduced(session, source, Reduction(kept.mean, kept.components)))
    kept, rows = found or _made(session, source, how, about, report)
    labels = nearest_centre(rows, kept.centres)
    names = name_clusters(session.connection, kept.ids, labels, len(kept.centres))
    _write(_file(session, source, how), kept)
    return Chart(source, how, kept.ids, kept.places, labels, tuple(names), outdated=kept.about != about)


def is_kept(session: "Session", source: str = JOINT, *, how: str = NEIGHBOURS) -> bool:
    """Tell whether a map is there, so that opening it takes no long work."""
    return _file(session, source, how).is_file()


def _width(session: "Session", source: str) -> int:
    for ids, rows in parts(session, source):
        if len(ids):
            return int(rows.shape[1])
    raise IndexerError(f"no track has vectors for a map of {source}: let `fairouz-tui index` finish")


def _made(
    session: "Session", source: str, how: str, about: str, report: "Report | None"
) -> "tuple[_Kept, NDArray[np.float32]]":
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
    return _Kept(about, ids, places, marks, projection.mean, projection.components, centres), rows


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
        marks += [zlib.crc32(row.astype(np.float16).tobytes()) for row in vectors]
    return np.concatenate(ids), np.concatenate(rows), np.array(marks, np.uint32)


def _brought_up(
    kept: _Kept, ids: "NDArray[np.int64]", rows: "NDArray[np.float32]", marks: "NDArray[np.uint32]"
) -> "tuple[_Kept, NDArray[np.float32]] | None":
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
    return _Kept(kept.about, ids, places, marks, kept.mean, kept.components, kept.centres), rows


def _file(session: "Session", source: str, how: str) -> "Path":
    name = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in source)
    return session.catalogue.library / "maps" / f"{name}.{how}.safetensors"


def _read(file: "Path") -> _Kept | None:
    """Read a map; None where there is none, or none that can be read: it is made anew."""
    from safetensors import SafetensorError, safe_open

    names = ("ids", "places", "marks", "mean", "components", "centres")
    try:
        with safe_open(file, framework="numpy") as opened:
            about = opened.metadata() or {}
            if about.get("format") != _FORMAT:
                return None
            ids, places, marks, mean, components, centres = (opened.get_tensor(name) for name in names)
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    fits = len(ids) == len(marks) and places.shape == (len(ids), 2) and components.shape[:1] == mean.shape
    fits = fits and len(ids) > 0 and centres.ndim == 2 and centres.shape[1] == components.shape[1]
    return _Kept(about.get("about", ""), ids, places, marks, mean, components, centres) if fits else None


def _write(file: "Path", kept: _Kept) -> None:
    """Keep a map; a disk that is full or read-only costs only the next one who asks some time."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    tensors = {
        "ids": kept.ids, "places": kept.places, "marks": kept.marks,
        "mean": kept.mean, "components": kept.components, "centres": kept.centres,
    }  # fmt: skip
    try:
        file.parent.mkdir(exist_ok=True)
        save_file(
            {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()},
            temporary,
            metadata={"format": _FORMAT, "about": kept.about},
        )
        os.replace(temporary, file)
    except (OSError, SafetensorError):
        with suppress(OSError):
            temporary.unlink(missing_ok=True)

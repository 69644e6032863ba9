"""Read the clusters of the maps that are kept beside a library, by name: what `cluster:` finds and the facets count.

A cluster of the joint space goes by its name, one of another map by both: "audio: loud, fast". Where no map was made
there are none; a track that came since the map was opened last is in none.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.exploring.facets import Facet, Value, term_of
from indexer.fold import fold
from indexer.maps.choices import JOINT

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

NAME = "cluster"
_BETWEEN = ": "
_Clusters = dict[str, list[int]]
"""The ids of the tracks by the name of their cluster, the largest first."""


def label_of(source: str, name: str) -> str:
    """Return what a cluster of a map of `source` is called in queries."""
    return name if source == JOINT else f"{source}{_BETWEEN}{name}"


def in_clusters(connection: "sqlite3.Connection", text: str, *, whole: bool) -> list[int]:
    """Return the ids of the tracks in clusters whose folded label holds `text`, or is it where that is the `whole`.

    Of several maps of one source the newest answers that has such a cluster.
    """
    files = _files(connection)
    named = text.partition(_BETWEEN.strip())[0]
    for found in _maps(files, named if named in map(_source, files) else JOINT):
        labels = {label: fold(label) for label in found}
        ids = [
            one
            for label, own in found.items()
            if labels[label] == text or (text in labels[label] and not whole)
            for one in own
        ]
        if ids:
            return ids
    return []


def cluster_names(connection: "sqlite3.Connection") -> list[str]:
    """Return the names of the clusters of the joint space, the largest first; [] where there is no map of it."""
    return list(next(_maps(_files(connection), JOINT), {}))


def cluster_facet(connection: "sqlite3.Connection", ids: "Sequence[int] | None" = None) -> tuple[Facet, ...]:
    """Count the clusters of some tracks, or of all that are present; () where there is no map of the joint space."""
    clusters = next(_maps(_files(connection), JOINT), None)
    if not clusters:
        return ()
    if ids is None:
        ids = [row[0] for row in connection.execute("SELECT id FROM tracks WHERE missing_since IS NULL")]
    some = frozenset(ids)
    counts = {name: len(some.intersection(members)) for name, members in clusters.items()}
    values = [Value(name, term, n) for name, n in counts.items() if n and (term := term_of(NAME, name))]
    values.sort(key=lambda value: (-value.tracks, fold(value.label)))
    return (Facet(NAME, tuple(values)),) if values else ()


def _files(connection: "sqlite3.Connection") -> list[Path]:
    """Return the maps that are kept, the newest first."""
    library = next((row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), "")
    files = Path(library).parent.joinpath("maps").glob("*.*.safetensors") if library else ()
    return sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)


def _maps(files: "Sequence[Path]", source: str) -> "Iterator[_Clusters]":
    """Yield the clusters of each map of a source."""
    return (_read(file, file.stat().st_mtime_ns) for file in files if _source(file) == source)


def _source(file: Path) -> str:
    """Return what a map is of: "audio.encoder" of audio.encoder.tsne.safetensors."""
    return file.name.rsplit(".", 2)[0]


@lru_cache(maxsize=4)
def _read(file: Path, written: int) -> _Clusters:
    """Read the clusters of a map; it is asked for again with each letter typed and each count, and as often changed."""
    from indexer.maps.kept import read

    kept = read(file)
    if kept is None or kept.labels is None:
        return {}
    labels = kept.labels
    found = {label_of(_source(file), name): kept.ids[labels == place].tolist() for place, name in enumerate(kept.names)}
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))

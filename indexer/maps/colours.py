"""Sort the tracks of a map into a few classes with a colour each: genre, decade, album, artist, playlist, cluster."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.maps.choices import BY, CLUSTER, REST

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.maps.charts import Chart

MOST = 8
"""Classes with a colour of their own; eyes tell hardly more apart. The others share one."""
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#b8a800", "#9d7bd8")
"""Of Okabe and Ito (2008), told apart by colour-blind eyes too, without black, with a darker yellow; and a violet."""
FAINT = "#8a8a8a"
"""Of REST and of what has no class."""

_QUERIES = {
    "genre": "SELECT track_id, name FROM track_genres ORDER BY track_id, folded DESC",
    "year": "SELECT id, CAST(year / 10 * 10 AS TEXT) || 's' FROM tracks WHERE year IS NOT NULL",
    "album": "SELECT id, album FROM tracks WHERE album != ''",
    "artist": "SELECT id, artist FROM tracks WHERE artist != ''",
    "playlist": "SELECT e.track_id, p.name FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id "
    "WHERE e.track_id IS NOT NULL ORDER BY p.name DESC",
}


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """The class of each track of a map."""

    classes: "NDArray[np.int64]"
    """[n]: 0 to len(legend) - 1; -1 for a track without."""
    legend: tuple[str, ...]
    """Names of the classes, up to eight, of which the last may be REST; commonest first, decades in their order."""

    def colour(self, number: int) -> str:
        """Return the colour of a class; -1 is none."""
        return FAINT if number < 0 or self.legend[number] == REST else COLOURS[number % len(COLOURS)]


def colours(connection: "sqlite3.Connection", chart: "Chart", by: str) -> Colours:
    """Sort the tracks of a map by one of BY; of several genres or playlists a track has, the first by name counts.

    Raises
    ------
    IndexerError
        For anything else.

    """
    if checked(by) == CLUSTER:
        named = {int(i): chart.names[c] for i, c in zip(chart.ids, chart.clusters, strict=True)}
    else:
        named = dict(connection.execute(_QUERIES[by]).fetchall())
    return _sorted(chart.ids, named, by_name=by == "year")


def checked(by: str) -> str:
    """Return what a map is to be coloured by; raises IndexerError for what is none of BY."""
    if by not in BY:
        raise IndexerError(f'a map cannot be coloured by "{by}": choose one of {", ".join(BY)}')
    return by


def _sorted(ids: "NDArray[np.int64]", named: "Mapping[int, str]", *, by_name: bool) -> Colours:
    names = [named.get(i, "") for i in ids.tolist()]
    counts = Counter(name for name in names if name)
    shown = sorted(counts, key=lambda name: (-counts[name], name))
    others = len(shown) > MOST
    shown = shown[: MOST - others]
    legend = [*(sorted(shown) if by_name else shown), *([REST] if others else [])]
    numbers = {name: number for number, name in enumerate(legend)}
    rest = len(legend) - 1 if others else -1
    classes = [numbers.get(name, rest) if name else -1 for name in names]
    return Colours(np.array(classes, np.int64), tuple(legend))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A line of the legend: tracks that belong together."""

    name: str
    number: int
    """Of the class whose colour they have."""
    rows: "NDArray[np.int64]"
    """Of the map."""


def groups(chart: "Chart", found: Colours, by: str) -> tuple[Group, ...]:
    """Return the legend of a coloured map: every cluster, also those of one colour; else the classes. By colour."""
    if by != CLUSTER:
        return tuple(
            Group(name, number, np.flatnonzero(found.classes == number)) for number, name in enumerate(found.legend)
        )
    members = [(name, np.flatnonzero(chart.clusters == number)) for number, name in enumerate(chart.names)]
    found_groups = [Group(name, int(found.classes[rows[0]]), rows) for name, rows in members if len(rows)]
    return tuple(sorted(found_groups, key=lambda group: (group.number, -len(group.rows))))

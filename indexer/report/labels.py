"""Read what the tags know of tracks: artist, album, title and genres, as numbers to compare by."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.fold import fold
from indexer.reading.credits import is_placeholder
from models.dataset import UNKNOWN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Hashable, Mapping

    from numpy.typing import NDArray

AMONG = "IN (SELECT value FROM json_each(?))"
"""Limits a query to ids that are given as one JSON list, however many there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """n tracks; equal numbers mean the same, UNKNOWN means that the tags do not tell."""

    ids: "NDArray[np.int64]"
    artists: "NDArray[np.int64]"
    """[n], the first artist, unless guessed from the path."""
    albums: "NDArray[np.int64]"
    """[n], the album node of the graph: two albums of one name are two."""
    titles: "NDArray[np.int64]"
    """[n], one number a title of an artist, so that copies of a song have the same; UNKNOWN where either is."""
    genres: "NDArray[np.bool_]"
    """[n, g]."""

    def itself(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which tracks are the query or another copy of it, bool [q, n]: finding those shows nothing."""
        titles = self.titles[rows, None]
        same: NDArray[np.bool_] = (titles == self.titles) & (titles != UNKNOWN)
        same[np.arange(len(rows)), rows] = True
        return same

    def same_artist(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which tracks have the artist of the query, bool [q, n]."""
        artists = self.artists[rows, None]
        same: NDArray[np.bool_] = (artists == self.artists) & (artists != UNKNOWN)
        return same

    def same_album(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which tracks are on the query's album, bool [q, n]."""
        albums = self.albums[rows, None]
        same: NDArray[np.bool_] = (albums == self.albums) & (albums != UNKNOWN)
        return same

    def maybe_same_album(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which tracks cannot count as another album of the artist: it is the same, or one is unknown."""
        unknown = (self.albums[rows, None] == UNKNOWN) | (self.albums == UNKNOWN)
        maybe: NDArray[np.bool_] = self.same_album(rows) | (self.same_artist(rows) & unknown)
        return maybe

    def shared_genre(self, rows: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Tell which tracks share a genre with the query, bool [q, n]."""
        # float32: numpy multiplies whole numbers without BLAS, a hundred times slower.
        shared: NDArray[np.bool_] = self.genres[rows].astype(np.float32) @ self.genres.T.astype(np.float32) > 0
        return shared

    @property
    def groups(self) -> "NDArray[np.int64]":
        """Return [n] one number an artist, each track of an unknown one standing for itself."""
        alone = self.artists.max(initial=0) + 1 + np.arange(len(self.artists))
        return np.where(self.artists == UNKNOWN, alone, self.artists)


def read_labels(connection: "sqlite3.Connection", ids: "NDArray[np.int64]") -> Labels:
    """Read the labels of tracks `ids` [n]; albums are those of the stored graph."""
    asked = (json.dumps(ids.tolist()),)
    artist = dict(
        connection.execute(
            "SELECT track_id, folded FROM credits WHERE role = 'artist' AND evidence != 'path' "
            f"AND track_id {AMONG} ORDER BY track_id, position DESC",
            asked,
        )
    )
    album = dict(
        connection.execute(
            f"SELECT source, target FROM edges WHERE kind = 'album' AND source {AMONG}",
            asked,
        )
    )
    titles = {
        track_id: (artist[track_id], fold(title))
        for track_id, title in connection.execute(f"SELECT id, title FROM tracks WHERE id {AMONG}", asked)
        if track_id in artist and fold(title)
    }
    return Labels(ids, _numbers(artist, ids), _numbers(album, ids), _numbers(titles, ids), _genres(connection, ids))


def artists_of(connection: "sqlite3.Connection", ids: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return the artists of `Labels` alone, [n], for tracks `ids`, rising: of a whole library, without holding names.

    Numbers are others than those of `read_labels`.
    """
    query = (
        "SELECT track_id, folded FROM credits WHERE role = 'artist' AND evidence != 'path' "
        "ORDER BY track_id, position DESC"
    )
    names: dict[str, int] = {}
    pairs = ((track_id, names.setdefault(name, len(names))) for track_id, name in connection.execute(query))
    table = np.fromiter(pairs, np.dtype([("track", np.int64), ("artist", np.int64)]))
    artists = np.full(len(ids), UNKNOWN)
    place = np.minimum(np.searchsorted(ids, table["track"]), max(len(ids) - 1, 0))
    if len(ids):
        known = ids[place] == table["track"]
        artists[place[known]] = table["artist"][known]  # of several the last, which is the first on the track
    return artists


def _numbers(labels: "Mapping[int, Hashable]", ids: "NDArray[np.int64]") -> "NDArray[np.int64]":
    numbers: dict[Hashable, int] = {}
    return np.array(
        [numbers.setdefault(labels[i], len(numbers)) if i in labels else UNKNOWN for i in ids.tolist()], np.int64
    )


def _genres(connection: "sqlite3.Connection", ids: "NDArray[np.int64]") -> "NDArray[np.bool_]":
    row = {track_id: i for i, track_id in enumerate(ids.tolist())}
    listed = [
        (row[track_id], folded)
        for track_id, folded in connection.execute(
            f"SELECT track_id, folded FROM track_genres WHERE track_id {AMONG}", (json.dumps(ids.tolist()),)
        )
        if folded and not is_placeholder(folded)
    ]
    column = {name: j for j, name in enumerate(sorted({name for _, name in listed}))}
    has = np.zeros((len(ids), len(column)), np.bool_)
    for i, name in listed:
        has[i, column[name]] = True
    return has

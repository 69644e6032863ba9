"""Read a library quickly: lists, as-you-type search, track cards. Imports nothing heavy and never writes."""

import itertools
import json
import os
import sqlite3
import threading
import time
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError, QueryError
from indexer.exploring.answer import Answer, Hit, TrackRow
from indexer.exploring.conditions import matching
from indexer.exploring.field_spelling import other_spelling
from indexer.exploring.lexical import word_terms
from indexer.exploring.query import parse_query
from indexer.exploring.spelling import read_as, read_terms, readings, said_of
from indexer.storing.problems import FAILED
from indexer.storing.sounds import attributes_of
from indexer.storing.version import DATABASE, refuse_newer, refuse_older

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ORDERS = {
    "artist": "t.sort_artist {d}, t.sort_album {d}, t.disc_number {d}, t.track_number {d}, t.sort_title {d}, t.id {d}",
    "album": "t.sort_album {d}, t.disc_number {d}, t.track_number {d}, t.id {d}",
    "title": "t.sort_title {d}, t.id {d}",
    "year": "t.year {d}, t.id {d}",
    "added": "t.added {d}, t.id {d}",
    "duration": "t.duration_seconds {d}, t.id {d}",
}
ORDERS = tuple(_ORDERS)
_CACHE_KB = 8_000
"""What a connection keeps of the file: with SQLite's 2 MB a question throws out what the next one reads first, a
millisecond of each. Mapping the file would gain more, and count half of it as memory of this process."""

_VECTORS_PRESENT = """
SELECT modality, encoder, sum(n) FROM (
    SELECT modality, encoder, count(*) AS n FROM vectors GROUP BY modality, encoder
    UNION ALL
    SELECT v.modality, v.encoder, -count(*) FROM tracks t CROSS JOIN vectors v ON v.track_id = t.id
    WHERE t.missing_since IS NOT NULL GROUP BY v.modality, v.encoder
) GROUP BY modality HAVING sum(n) > 0
"""
"""All but those of missing tracks, which are few: asking each vector for its track takes seven times as long."""
_ROW = (
    "SELECT t.id, r.path AS root, t.path, t.title, t.artist, t.album, t.year, "
    "t.duration_seconds, t.missing_since, t.guessed, "
    "(SELECT group_concat(v.modality) FROM vectors v WHERE v.track_id = t.id) AS modalities "
    "FROM tracks t JOIN roots r ON r.id = t.root_id"
)


class Catalogue:
    """A library opened for reading; may be used from any thread, each of which gets its own connection.

    Raises
    ------
    IndexerError
        When there is no library in the folder yet, or it cannot be read.

    """

    def __init__(self, library: "Path") -> None:
        self.library = library
        self._file = library / DATABASE
        if not self._file.is_file():
            raise IndexerError(f"no library in {library} yet: run `fairouz-tui index FOLDER` with your music folder")
        self._local = threading.local()
        self.connection.execute("SELECT 1 FROM tracks LIMIT 1")

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's read-only connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            try:
                connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, timeout=15)
                connection.row_factory = sqlite3.Row
                connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
                refuse_newer(connection, self.library)
                refuse_older(connection, self.library)
            except sqlite3.Error as error:
                # Damage alone is of this very class: all else has one of its own.
                anew = f"; move {self._file} away and index again" if type(error) is sqlite3.DatabaseError else ""
                raise IndexerError(f"cannot read the library in {self.library}: {error}{anew}") from error
            self._local.connection = connection
        return connection

    def close(self) -> None:
        """Close this thread's connection; the next question opens another."""
        self.connection.close()
        self._local.connection = None

    def version(self) -> int:
        """Return a number that changes when the library does."""
        return int(self.fact("version") or 0)

    def fact(self, name: str) -> Any:
        """Return a stored fact, or None."""
        row = self.connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def count(self) -> int:
        """Return how many tracks are present."""
        row = self.connection.execute("SELECT count(*) FROM tracks WHERE missing_since IS NULL").fetchone()
        return int(row[0])

    def window(self, offset: int, limit: int, *, order: str = "artist") -> list[TrackRow]:
        """Return `limit` present tracks from `offset` on; `order` is one of ORDERS, with "-" before it descending."""
        direction = "DESC" if order.startswith("-") else "ASC"
        by = _ORDERS[order.removeprefix("-")].format(d=direction)
        # The index alone is walked up to the window; with the rows themselves that took a hundred times as long.
        query = f"SELECT t.id FROM tracks t WHERE t.missing_since IS NULL ORDER BY {by} LIMIT ? OFFSET ?"
        return self.rows([row[0] for row in self.connection.execute(query, (limit, offset))])

    def place(self, track_id: int, *, order: str = "artist") -> int | None:
        """Return how many tracks come before this one in `window`; None when it is not present."""
        name = order.removeprefix("-")
        columns = [part.split()[0] for part in _ORDERS[name].split(",")]
        # What is not known comes first, as when rows are ordered; a row value with NULL in it compares as nothing.
        known = ", ".join(f"ifnull({column}, -1e99)" for column in columns)
        where = "FROM tracks t WHERE t.missing_since IS NULL"
        row = self.connection.execute(f"SELECT {known} {where} AND t.id = ?", (track_id,)).fetchone()
        if row is None:
            return None
        before = ">" if order.startswith("-") else "<"
        # Its own index holds all that is compared; left to itself, SQLite reads every row by another one.
        walked = where.replace(" t ", f" t INDEXED BY tracks_{name} ")
        query = f"SELECT count(*) {walked} AND ({known}) {before} ({', '.join('?' * len(columns))})"
        return int(self.connection.execute(query, tuple(row)).fetchone()[0])

    def rows(self, ids: "Sequence[int]") -> list[TrackRow]:
        """Return tracks in the order asked; ids that are not there are left out."""
        found: dict[int, TrackRow] = {}
        cursor = self.connection.cursor()
        cursor.row_factory = None  # plain tuples: half the time
        for start in range(0, len(ids), 900):
            part = [int(i) for i in ids[start : start + 900]]
            marks = ",".join("?" * len(part))
            for row in cursor.execute(f"{_ROW} WHERE t.id IN ({marks})", part):
                found[row[0]] = _track_row(row)
        return [found[i] for i in ids if i in found]

    def suggest(self, text: str, *, limit: int = 200) -> Answer:
        """Search as the user types: words and fields only; a half-typed field finds nothing and says so in the note."""
        started = time.perf_counter()
        try:
            query = parse_query(text)
        except QueryError as error:
            return Answer(text, _elapsed_ms(started), (), note=str(error))
        if not query.words:
            ids = matching(self.connection, query.conditions, limit=limit)
            note = "" if ids else other_spelling(self.connection, query)
            return Answer(text, _elapsed_ms(started), tuple(Hit(row) for row in self.rows(ids)), note=note)
        scores = word_terms(self.connection, query)
        read = () if scores else readings(self.connection, query)
        scores = scores or read_terms(self.connection, query, read)
        ranked = sorted(scores, key=lambda i: (-scores[i], i))[:limit]
        hits = tuple(Hit(row, scores[row.id], None, {"words": scores[row.id]}) for row in self.rows(ranked))
        return Answer(text, _elapsed_ms(started), hits, note=said_of(read), read_as=read_as(read))

    def find_path(self, path: str) -> int | None:
        """Return the id of the track whose file is `path` (present or missing), or None."""
        # A link inside a music folder is stored as the link; a link to the folder leads to where it really is.
        places = dict.fromkeys(os.fsencode(place(path)) for place in (os.path.realpath, os.path.abspath))
        roots = self.connection.execute("SELECT id, path FROM roots").fetchall()
        for wanted, (root_id, root) in itertools.product(places, roots):
            prefix = bytes(root).rstrip(b"/") + b"/"
            if wanted.startswith(prefix):
                row = self.connection.execute(
                    "SELECT id FROM tracks WHERE root_id = ? AND path = ?", (root_id, wanted[len(prefix) :])
                ).fetchone()
                if row:
                    return int(row[0])
        return None

    def card(self, track_id: int) -> dict[str, Any]:
        """Return everything known of a track, ready for JSON; an unknown id gives {}."""
        row = self.connection.execute("SELECT * FROM tracks WHERE id = ?", (track_id,)).fetchone()
        if row is None:
            return {}
        card = {key: value for key, value in dict(row).items() if not key.startswith("sort_") and key != "path"}
        card["path"] = self.rows([track_id])[0].path
        card["guessed"] = json.loads(row["guessed"])
        card["credits"] = self._records("SELECT name, role, evidence FROM credits WHERE track_id = ?", track_id)
        card["attributes"] = [asdict(attribute) for attribute in attributes_of(self.connection, track_id)]
        card["playlists"] = [
            name
            for (name,) in self.connection.execute(
                "SELECT DISTINCT p.name FROM playlists p JOIN playlist_entries e ON e.playlist_id = p.id "
                "WHERE e.track_id = ?",
                (track_id,),
            )
        ]
        lyrics = self.connection.execute(
            "SELECT text, times FROM lyrics WHERE hash = ?", (row["lyrics_hash"],)
        ).fetchone()
        card["lyrics"] = lyrics["text"] if lyrics else None
        card["lyrics_times"] = json.loads(lyrics["times"]) if lyrics else []
        return card

    def cover(self, content_hash: str) -> bytes | None:
        """Return the JPEG thumbnail of a cover, or None."""
        row = self.connection.execute("SELECT thumbnail FROM covers WHERE hash = ?", (content_hash,)).fetchone()
        return row[0] if row else None

    def roots(self) -> list[dict[str, Any]]:
        """Return the music folders with their track counts and the note of the last scan."""
        query = (
            "SELECT r.path, r.scanned, r.note, count(t.id) AS tracks, count(t.missing_since) AS missing "
            "FROM roots r LEFT JOIN tracks t ON t.root_id = r.id GROUP BY r.id ORDER BY r.id"
        )
        return [{**dict(row), "path": os.fsdecode(row["path"])} for row in self.connection.execute(query)]

    def problems(self) -> list[dict[str, Any]]:
        """Return each file that failed, with the stage and the reason."""
        query = (
            "SELECT r.path AS root, p.path, p.stage, p.reason FROM problems p JOIN roots r ON r.id = p.root_id "
            "ORDER BY r.path, p.path, p.stage"
        )
        return [
            {
                "path": os.fsdecode(os.path.join(row["root"], row["path"])),
                "stage": row["stage"],
                "reason": row["reason"],
            }
            for row in self.connection.execute(query)
        ]

    def summary(self) -> dict[str, Any]:
        """Return the counts that `stats` prints."""
        one = self.connection.execute
        encoders = dict.fromkeys(("audio", "lyrics", "tags", "cover", "graph", "playlists"))
        modalities: dict[str, Any] = {name: {"present": 0, "encoder": None} for name in encoders}
        for modality, encoder, present in one(_VECTORS_PRESENT):
            modalities[modality] = {"present": present, "encoder": encoder}
        space = one("SELECT * FROM spaces WHERE active ORDER BY id DESC LIMIT 1").fetchone()
        return {
            "tracks": self.count(),
            "artists": one("SELECT count(*) FROM nodes WHERE kind = 'artist'").fetchone()[0],
            "albums": one("SELECT count(*) FROM nodes WHERE kind = 'album'").fetchone()[0],
            "modalities": modalities,
            "errors": one("SELECT count(*) FROM problems").fetchone()[0],
            "failed": one(f"SELECT count(*) FROM problems p WHERE {FAILED}").fetchone()[0],
            "space": space["name"] if space else None,
            "space_report": json.loads(space["report"]) if space else {},
            "space_use": self._space_use(space) if space else {},
            "missing": one("SELECT count(*) FROM tracks WHERE missing_since IS NOT NULL").fetchone()[0],
        }

    def _space_use(self, space: sqlite3.Row) -> dict[str, Any]:
        """Say how the space in use was made, who chose it, since when (seconds since 1970), and what was before it."""
        query = "SELECT name FROM spaces WHERE NOT active AND activated IS NOT NULL ORDER BY activated DESC LIMIT 1"
        before = self.connection.execute(query).fetchone()
        return {
            "id": space["id"],
            "recipe": space["recipe"],
            "pinned": bool(space["pinned"]),
            "since": space["activated"],
            "before": before["name"] if before else None,
        }

    def _records(self, query: str, track_id: int) -> list[dict[str, Any]]:
        return [dict(row) for row in self.connection.execute(query, (track_id,))]


def _track_row(row: tuple[Any, ...]) -> TrackRow:
    """Make a track of a row of `_ROW`; a thousand times a second while somebody types, so every call counts."""
    track_id, root, path, title, artist, album, year, seconds, missing_since, guessed, modalities = row
    return TrackRow(
        track_id,
        os.fsdecode(os.path.join(root, path)),
        title,
        artist,
        album,
        year,
        seconds,
        missing_since is not None,
        _is_guessed(guessed),
        _modalities(modalities),
    )


@cache
def _is_guessed(guessed: str) -> bool:
    """Tell whether the fields that were guessed, a JSON list of few kinds, name the title or the artist."""
    return bool({"title", "artist"} & set(json.loads(guessed)))


@cache
def _modalities(names: str | None) -> frozenset[str]:
    """Split what `group_concat` joined; of six names there are few lists, which all tracks share."""
    return frozenset((names or "").split(",")) - {""}


def _elapsed_ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000

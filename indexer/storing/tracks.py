"""Write and look up the rows of tracks; what hangs on them is written beside them."""

import json
import time
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.fold import fold
from indexer.storing.track_parts import TEXT_INDEXES, forget_text, index_text, put_cover, put_credits, put_lyrics

if TYPE_CHECKING:
    import sqlite3

    from indexer.track import Reading, Tags

_VARIOUS = "various artists"


class Known(NamedTuple):
    """What the store remembers of one file; a tuple, since a library has a million."""

    id: int
    size: int
    mtime_ns: int
    side_hash: str
    missing: bool


class FileState(NamedTuple):
    """Where a file is and how it stood on disk when it was read."""

    root_id: int
    path: bytes
    """Relative to the root."""
    size: int
    mtime_ns: int
    side_hash: str
    """Digest of the pictures and lyrics files beside it."""


def known_files(connection: "sqlite3.Connection", root_id: int, *, below: bytes = b"") -> dict[bytes, Known]:
    """Return every row of a root by its relative path, missing ones too.

    below : "", or a folder of the root, ending in a slash, to which they are limited.
    """
    query = "SELECT path, id, size, mtime_ns, side_hash, missing_since IS NOT NULL FROM tracks WHERE root_id = ?"
    values: list[object] = [root_id]
    if below:
        query += " AND path >= ? AND path < ?"
        values += [below, below[:-1] + b"0"]  # "0" comes after "/"
    cursor = connection.cursor()
    cursor.row_factory = None
    make = Known._make
    return {row[0]: make(row[1:]) for row in cursor.execute(query, values)}


def put_track(connection: "sqlite3.Connection", file: FileState, reading: "Reading", *, track_id: int | None) -> int:
    """Insert a track, or rewrite the one with `track_id`; returns its id.

    After a reading by the tags alone a known track keeps the hash and the cover that it had.
    """
    row = _track_row(file, reading)
    row["lyrics_hash"] = put_lyrics(connection, reading.lyrics)
    if reading.examined or track_id is None:
        row |= _look_row(connection, reading)
    if track_id is None:
        row["added"] = time.time()
        track_id = connection.execute(_insertion(tuple(row)), tuple(row.values())).lastrowid
        assert track_id is not None
    else:
        connection.execute(_update(tuple(row)), (*row.values(), track_id))
        forget_text(connection, track_id)
    put_credits(connection, track_id, reading.tags)
    index_text(connection, track_id, reading)
    return track_id


def put_look(connection: "sqlite3.Connection", track_id: int, reading: "Reading") -> None:
    """Complete a track that was read by its tags alone: header, hash and cover."""
    row = {**_stream_row(reading), **_look_row(connection, reading), "examined": 1}
    connection.execute(_update(tuple(row)), (*row.values(), track_id))


@cache
def _insertion(names: tuple[str, ...]) -> str:
    return f"INSERT INTO tracks ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


@cache
def _update(names: tuple[str, ...]) -> str:
    return f"UPDATE tracks SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?"


def touch(connection: "sqlite3.Connection", track_id: int, *, mtime_ns: int) -> None:
    """Accept a new modification time for an unchanged file, and its return when it was missing."""
    connection.execute("UPDATE tracks SET mtime_ns = ?, missing_since = NULL WHERE id = ?", (mtime_ns, track_id))


def mark_missing(connection: "sqlite3.Connection", track_ids: list[int]) -> None:
    """Mark tracks whose files are gone; nothing is deleted."""
    now = time.time()
    connection.executemany(
        "UPDATE tracks SET missing_since = ? WHERE id = ? AND missing_since IS NULL", [(now, i) for i in track_ids]
    )


def delete_tracks(connection: "sqlite3.Connection", track_ids: list[int]) -> None:
    """Delete tracks with all that hangs on them: what `prune` asks for."""
    rows = [(i,) for i in track_ids]
    connection.executemany(
        "DELETE FROM problems WHERE (root_id, path) = (SELECT root_id, path FROM tracks WHERE id = ?)", rows
    )
    for index in TEXT_INDEXES:
        connection.executemany(f"DELETE FROM {index} WHERE rowid = ?", rows)
    connection.executemany("DELETE FROM tracks WHERE id = ?", rows)


def _track_row(file: FileState, reading: "Reading") -> dict[str, object]:
    tags = reading.tags
    return {
        "root_id": file.root_id,
        "path": file.path,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "side_hash": file.side_hash,
        "examined": int(reading.examined),
        "title": tags.title,
        "artist": tags.artist,
        "album": tags.album,
        "album_artist": tags.album_artist,
        "genre": "; ".join(tags.genres),
        "year": tags.year,
        "track_number": tags.track_number,
        "disc_number": tags.disc_number,
        "work": tags.work,
        "movement": tags.movement,
        "comment": tags.comment,
        "compilation": int(tags.compilation),
        "musicbrainz_recording": tags.musicbrainz_recording,
        "musicbrainz_release": tags.musicbrainz_release,
        "replaygain_track_db": tags.replaygain_track_db,
        "replaygain_album_db": tags.replaygain_album_db,
        "guessed": json.dumps(sorted(tags.guessed)),
        **_stream_row(reading),
        "sort_artist": _sort_key(_list_artist(tags)),
        "sort_album": _sort_key(tags.album),
        "sort_title": _sort_key(tags.title),
        "missing_since": None,
    }


def _stream_row(reading: "Reading") -> dict[str, object]:
    stream = reading.stream
    return {
        "duration_seconds": stream.duration_seconds,
        "codec": stream.codec,
        "sample_rate": stream.sample_rate,
        "channels": stream.channels,
        "bitrate": stream.bitrate,
    }


def _look_row(connection: "sqlite3.Connection", reading: "Reading") -> dict[str, object]:
    """Return what takes a closer look; stores the cover."""
    return {
        "content_hash": reading.content_hash,
        "cover_hash": put_cover(connection, reading.cover),
        "cover_source": reading.cover.source if reading.cover else "",
    }


def _list_artist(tags: "Tags") -> str:
    """Name the artist that a track is listed under: the album's, so that albums stay together."""
    return tags.album_artist if tags.album_artist and fold(tags.album_artist) != _VARIOUS else tags.artist


def _sort_key(text: str) -> str:
    """Fold for sorting; nothing sorts last."""
    return fold(text)[:200] or "\U0010ffff"

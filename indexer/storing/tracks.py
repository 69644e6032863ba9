"""Write and look up track rows with everything that hangs on them: credits, genres, cover, lyrics and search text."""

import json
import time
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from indexer.fold import fold, word_line

if TYPE_CHECKING:
    import sqlite3

    from indexer.track import Cover, Lyrics, Reading, Tags

_VARIOUS = "various artists"


@dataclass(frozen=True, slots=True)
class Known:
    """What the store remembers of one file."""

    id: int
    size: int
    mtime_ns: int
    side_hash: str
    content_hash: str | None
    missing: bool


@dataclass(frozen=True, slots=True)
class FileState:
    """Where a file is and how it stood on disk when it was read."""

    root_id: int
    path: bytes
    """Relative to the root."""
    size: int
    mtime_ns: int
    side_hash: str
    """Digest of the pictures and lyrics files beside it."""


def known_files(connection: "sqlite3.Connection", root_id: int) -> dict[bytes, Known]:
    """Return every row of a root by its relative path, missing ones too."""
    query = "SELECT path, id, size, mtime_ns, side_hash, content_hash, missing_since FROM tracks WHERE root_id = ?"
    return {
        bytes(path): Known(track_id, size, mtime_ns, side_hash, content_hash, missing is not None)
        for path, track_id, size, mtime_ns, side_hash, content_hash, missing in connection.execute(query, (root_id,))
    }


def put_track(connection: "sqlite3.Connection", file: FileState, reading: "Reading", *, track_id: int | None) -> int:
    """Insert a track, or rewrite the one with `track_id`; returns its id."""
    row = _track_row(file, reading)
    row["cover_hash"] = _put_cover(connection, reading.cover)
    row["lyrics_hash"] = _put_lyrics(connection, reading.lyrics)
    if track_id is None:
        row["added"] = time.time()
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        track_id = connection.execute(f"INSERT INTO tracks ({names}) VALUES ({marks})", row).lastrowid
        assert track_id is not None
    else:
        assignments = ", ".join(f"{name} = :{name}" for name in row)
        connection.execute(f"UPDATE tracks SET {assignments} WHERE id = :id", {**row, "id": track_id})
    _put_credits(connection, track_id, reading.tags)
    _index_text(connection, track_id, reading)
    return track_id


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
    for index in ("word_index", "lyrics_index", "substring_index"):
        connection.executemany(f"DELETE FROM {index} WHERE rowid = ?", rows)
    connection.executemany("DELETE FROM tracks WHERE id = ?", rows)


def _track_row(file: FileState, reading: "Reading") -> dict[str, object]:
    tags, stream = reading.tags, reading.stream
    return {
        "root_id": file.root_id,
        "path": file.path,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "side_hash": file.side_hash,
        "content_hash": reading.content_hash,
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
        "duration_seconds": stream.duration_seconds,
        "codec": stream.codec,
        "sample_rate": stream.sample_rate,
        "channels": stream.channels,
        "bitrate": stream.bitrate,
        "cover_source": reading.cover.source if reading.cover else "",
        "sort_artist": _sort_key(_list_artist(tags)),
        "sort_album": _sort_key(tags.album),
        "sort_title": _sort_key(tags.title),
        "missing_since": None,
    }


def _list_artist(tags: "Tags") -> str:
    """Name the artist that a track is listed under: the album's, so that albums stay together."""
    return tags.album_artist if tags.album_artist and fold(tags.album_artist) != _VARIOUS else tags.artist


def _sort_key(text: str) -> str:
    """Fold for sorting; nothing sorts last."""
    return fold(text)[:200] or "\U0010ffff"


def _put_cover(connection: "sqlite3.Connection", cover: "Cover | None") -> str | None:
    if cover is None:
        return None
    connection.execute(
        "INSERT OR IGNORE INTO covers VALUES (?, ?, ?, ?)",
        (cover.content_hash, cover.thumbnail, cover.width, cover.height),
    )
    return cover.content_hash


def _put_lyrics(connection: "sqlite3.Connection", lyrics: "Lyrics | None") -> str | None:
    if lyrics is None:
        return None
    content_hash = blake2b(lyrics.text.encode(errors="replace"), digest_size=16).hexdigest()
    connection.execute(
        "INSERT INTO lyrics VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET times = excluded.times "
        "WHERE excluded.times != '[]'",
        (content_hash, lyrics.text, json.dumps(lyrics.times), lyrics.source),
    )
    return content_hash


def _put_credits(connection: "sqlite3.Connection", track_id: int, tags: "Tags") -> None:
    connection.execute("DELETE FROM credits WHERE track_id = ?", (track_id,))
    connection.executemany(
        "INSERT INTO credits VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (track_id, position, c.name, fold(c.name), c.role.value, c.evidence, c.musicbrainz_id)
            for position, c in enumerate(tags.credits)
        ],
    )
    connection.execute("DELETE FROM track_genres WHERE track_id = ?", (track_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO track_genres (track_id, folded, name) VALUES (?, ?, ?)",
        [(track_id, fold(name), name) for name in tags.genres],
    )


def _index_text(connection: "sqlite3.Connection", track_id: int, reading: "Reading") -> None:
    tags = reading.tags
    people = " ".join(dict.fromkeys([tags.artist, *(credit.name for credit in tags.credits)]))
    other = " ".join([tags.album_artist, tags.work, tags.movement, tags.comment[:500]])
    for index in ("word_index", "lyrics_index", "substring_index"):
        connection.execute(f"DELETE FROM {index} WHERE rowid = ?", (track_id,))
    connection.execute(
        "INSERT INTO word_index (rowid, title, artist, album, genre, other) VALUES (?, ?, ?, ?, ?, ?)",
        (
            track_id,
            word_line(tags.title),
            word_line(people),
            word_line(tags.album),
            word_line(" ".join(tags.genres)),
            word_line(other),
        ),
    )
    connection.execute(
        "INSERT INTO substring_index (rowid, text) VALUES (?, ?)",
        (track_id, "\n".join(fold(text) for text in (tags.title, tags.artist, tags.album))),
    )
    if reading.lyrics is not None:
        connection.execute(
            "INSERT INTO lyrics_index (rowid, text) VALUES (?, ?)", (track_id, word_line(reading.lyrics.text))
        )

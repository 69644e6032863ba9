"""Write what hangs on a track beside its row: cover, lyrics, credits, genres and search text."""

import json
from hashlib import blake2b
from typing import TYPE_CHECKING

from indexer.fold import fold, word_line

if TYPE_CHECKING:
    import sqlite3

    from indexer.track import Cover, Lyrics, Reading, Tags

TEXT_INDEXES = ("word_index", "lyrics_index", "substring_index")


def put_cover(connection: "sqlite3.Connection", cover: "Cover | None") -> str | None:
    """Store a cover once, and return its hash; None for none."""
    if cover is None:
        return None
    connection.execute(
        "INSERT OR IGNORE INTO covers VALUES (?, ?, ?, ?)",
        (cover.content_hash, cover.thumbnail, cover.width, cover.height),
    )
    return cover.content_hash


def put_lyrics(connection: "sqlite3.Connection", lyrics: "Lyrics | None") -> str | None:
    """Store lyrics once, and return the hash of their text; None for none. Times are added to a text without them."""
    if lyrics is None:
        return None
    content_hash = blake2b(lyrics.text.encode(errors="replace"), digest_size=16).hexdigest()
    connection.execute(
        "INSERT INTO lyrics VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO UPDATE SET times = excluded.times "
        "WHERE excluded.times != '[]'",
        (content_hash, lyrics.text, json.dumps(lyrics.times), lyrics.source),
    )
    return content_hash


def put_credits(connection: "sqlite3.Connection", track_id: int, tags: "Tags") -> None:
    """Store who is credited on a track, in the order of the tags, and its genres."""
    for position, c in enumerate(tags.credits):
        person = _person(connection, c.name, c.musicbrainz_id or "")
        connection.execute(
            "INSERT INTO credited VALUES (?, ?, ?, ?, ?)", (track_id, position, person, c.role.value, c.evidence)
        )
    connection.executemany(
        "INSERT OR IGNORE INTO track_genres (track_id, folded, name) VALUES (?, ?, ?)",
        [(track_id, fold(name), name) for name in tags.genres],
    )


def _person(connection: "sqlite3.Connection", name: str, musicbrainz_id: str) -> int:
    """Return the number of a credited name, which is new or known."""
    query = "SELECT id FROM people WHERE name = ? AND musicbrainz_id = ?"
    row = connection.execute(query, (name, musicbrainz_id)).fetchone()
    if row is None:
        insertion = "INSERT INTO people (name, folded, musicbrainz_id) VALUES (?, ?, ?) RETURNING id"
        row = connection.execute(insertion, (name, fold(name), musicbrainz_id)).fetchone()
    return int(row[0])


def forget_text(connection: "sqlite3.Connection", track_id: int) -> None:
    """Delete the credits, the genres and the search text of a track."""
    for table in ("credited", "track_genres"):
        connection.execute(f"DELETE FROM {table} WHERE track_id = ?", (track_id,))
    for index in TEXT_INDEXES:
        connection.execute(f"DELETE FROM {index} WHERE rowid = ?", (track_id,))


def index_text(connection: "sqlite3.Connection", track_id: int, reading: "Reading") -> None:
    """Store the text by which a track is found: its words, its names for parts of words, its lyrics."""
    tags = reading.tags
    people = " ".join(dict.fromkeys([tags.artist, *(credit.name for credit in tags.credits)]))
    other = " ".join([tags.album_artist, tags.work, tags.movement, tags.comment[:500]])
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
        (track_id, "\n".join([fold(tags.title), fold(tags.artist), fold(tags.album)])),
    )
    if reading.lyrics is not None:
        connection.execute(
            "INSERT INTO lyrics_index (rowid, text) VALUES (?, ?)", (track_id, word_line(reading.lyrics.text))
        )

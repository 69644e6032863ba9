"""Make libraries of known rows through the real store: words, numbers and attributes are given, no sound is read."""

from dataclasses import dataclass, field
from pathlib import Path

from indexer.storing.sounds import put_sound
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.track import Attribute, Credit, Lyrics, Reading, Role, Stream, Tags


@dataclass(frozen=True)
class Row:
    """One track to shelve."""

    title: str = ""
    artist: str = ""
    album: str = ""
    genres: tuple[str, ...] = ()
    year: int | None = None
    seconds: float | None = None
    number: int | None = None
    comment: str = ""
    lyrics: str = ""
    credits: tuple[str, ...] = ()
    """Names credited apart; the artist line itself when empty."""
    attributes: dict[str, float] = field(default_factory=dict)


def shelve(library: Path, *rows: Row) -> Path:
    """Write rows into a library, ids from 1 in the order given, and return its folder."""
    with Store(library) as store, store.writing() as connection:
        connection.execute("INSERT INTO roots (id, path, added) VALUES (1, ?, 0)", (b"/music",))
        for number, row in enumerate(rows, start=1):
            track_id = put_track(
                connection, FileState(1, b"%05d.mp3" % number, 1, 0, ""), _reading(row, number), track_id=None
            )
            estimates = (Attribute(name, value, "", 1.0) for name, value in row.attributes.items())
            put_sound(connection, track_id, estimates, ())
    return library


def _reading(row: Row, number: int) -> Reading:
    names = row.credits or ((row.artist,) if row.artist else ())
    tags = Tags(
        title=row.title,
        artist=row.artist,
        credits=tuple(Credit(name, Role.ARTIST) for name in names),
        album=row.album,
        genres=row.genres,
        year=row.year,
        track_number=row.number,
        comment=row.comment,
    )
    return Reading(tags, Stream(row.seconds, "mp3"), f"{number}", Lyrics(row.lyrics) if row.lyrics else None)

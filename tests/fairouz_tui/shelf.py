"""Make a library of fixed rows through the real store: names, lengths and vectors are given, no sound is read."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.storing.vectors import put_vectors
from indexer.track import Cover, Credit, Lyrics, Reading, Role, Stream, Tags
from models.modality import Modality

MUSIC = b"/music"
"""A root that need not exist: nothing here reads a file."""


@dataclass(frozen=True)
class Entry:
    """One row to shelve."""

    title: str
    artist: str
    album: str
    year: int | None = 1967
    seconds: float | None = 245.0
    lyrics: str = ""
    has: tuple[Modality, ...] = (Modality.AUDIO, Modality.TAGS, Modality.GRAPH)


FEW = (
    Entry("Nassam Alayna El Hawa", "Fairouz", "Bint El Haress", 1968, 251.0, "Nassam alayna el hawa", tuple(Modality)),
    Entry("Li Beirut", "Fairouz", "Bahibak Ya Lubnan", 1987, 353.0, "Li Beirut min qalbi salam", tuple(Modality)),
    Entry("نسم علينا الهوى", "فيروز", "بنت الحارس", 1968, 249.0),
    Entry("Enta Omri", "Umm Kulthum", "Enta Omri", 1964, 3570.0),
    Entry("Gharibou", "Sabah Fakhri", "Qudud", None, None),
    Entry("夜来香", "李香蘭", "夜来香", 1944, 188.0),
    Entry("So What", "Miles Davis", "Kind of Blue", 1959, 562.0, has=(Modality.AUDIO,)),
    Entry(
        "A very long title that no column of any list is ever wide enough for", "An Artist With a Name", "Album", 2001
    ),
)


def shelve(library: Path, entries: tuple[Entry, ...] = FEW) -> Path:
    """Write `entries` into a library in the folder and return it; ids count from 1 in the given order."""
    with Store(library) as store, store.writing() as connection:
        connection.execute("INSERT INTO roots (id, path, added) VALUES (1, ?, 0)", (MUSIC,))
        vectors: dict[Modality, list[int]] = {}
        for number, entry in enumerate(entries, start=1):
            file = FileState(1, b"%05d.mp3" % number, 1000, 0, "")
            track_id = put_track(connection, file, _reading(entry, number), track_id=None)
            for modality in entry.has:
                vectors.setdefault(modality, []).append(track_id)
        for modality, ids in vectors.items():
            put_vectors(connection, modality, "test@1", [(i, f"{i}", np.ones(4, np.float32)) for i in ids])
    return library


def _reading(entry: Entry, number: int) -> Reading:
    cover = Cover(f"{number:032x}", picture(number), 64, 64, "embedded") if Modality.COVER in entry.has else None
    tags = Tags(
        title=entry.title,
        artist=entry.artist,
        credits=(Credit(entry.artist, Role.ARTIST), Credit("Assi Rahbani", Role.COMPOSER)),
        album=entry.album,
        genres=("Tarab",),
        year=entry.year,
        track_number=number,
    )
    return Reading(
        tags, Stream(entry.seconds, "mp3"), f"{number}", Lyrics(entry.lyrics) if entry.lyrics else None, cover
    )


def picture(number: int) -> bytes:
    """Return a JPEG of two plain halves."""
    image = Image.new("RGB", (64, 64), (40 * number % 255, 90, 140))
    image.paste((220, 180, 30 * number % 255), (0, 32, 64, 64))
    data = BytesIO()
    image.save(data, "JPEG", quality=95)
    return data.getvalue()

"""A small music folder of real files, its library, and what may be asked of both after an indexing run."""

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import mutagen

from indexer.pipeline import index
from indexer.progress import Counts
from tests.indexer.reading.audio_files import make_audio, picture

FILES = (
    "Ada/Blue/01 Dawn.mp3",
    "Ada/Blue/02 Noon.mp3",
    "Ada/Blue/03 Dusk.flac",
    "Ada/Green/01 Moss.ogg",
    "Ada/Green/02 Fern.flac",
    "Bo/Red/01 Rust.mp3",
    "Bo/Red/02 Clay.flac",
    "Bo/Red/03 Brick.ogg",
    "Bo/04 Loose.mp3",
    "Cy/05 Lone.mp3",
)
"""Ten, so that two of them are a fifth and no more."""
DAWN, NOON, DUSK, MOSS, FERN, RUST, CLAY, BRICK, LOOSE, LONE = FILES
LIST = "lists/evening.m3u8"
READING, LISTENING = "reading tags", "listening"
"""Stages of a run: one moment each for every file that is opened, or decoded."""


@dataclass(frozen=True)
class Run:
    """What a run counted and how many moments each stage had."""

    counts: Counts
    stages: Counter[str]

    @property
    def figures(self) -> dict[str, int]:
        """Return the counts that are not 0, checked to add up."""
        names = ("new", "changed", "moved", "unchanged", "failed", "missing", "skipped")
        figures = {name: getattr(self.counts, name) for name in names}
        assert self.counts.seen == sum(figures[name] for name in names[:5])
        return {name: figure for name, figure in figures.items() if figure}


@dataclass(frozen=True)
class Music:
    """A music folder and the library made of it."""

    folder: Path
    library: Path

    def index(self, *folders: Path, retry: bool = False) -> Run:
        """Run the indexer over `folders`, this one when none is given."""
        counts = Counts()
        moments = index(self.library, folders or (self.folder,), counts=counts, retry=retry, workers=1)
        return Run(counts, Counter(progress.stage for progress in moments))

    def connect(self) -> sqlite3.Connection:
        """Open the database as any program may."""
        connection = sqlite3.connect(self.library / "library.db")
        connection.row_factory = sqlite3.Row
        return connection

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        connection = self.connect()
        try:
            return [tuple(row) for row in connection.execute(query, values)]
        finally:
            connection.close()

    def tell(self, statement: str, *values: object) -> None:
        """Change the database."""
        connection = self.connect()
        with connection:
            connection.execute(statement, values)
        connection.close()

    def ids(self) -> dict[str, int]:
        """Return the id of every row by its absolute path."""
        rows = self.ask("SELECT r.path, t.path, t.id FROM tracks t JOIN roots r ON r.id = t.root_id")
        return {os.fsdecode(os.path.join(root, path)): track_id for root, path, track_id in rows}

    def id(self, relative: str) -> int:
        """Return the id of a file below the folder."""
        return self.ids()[str(self.folder / relative)]

    def missing(self) -> set[str]:
        """Return the paths of the rows that are marked missing."""
        return {os.fsdecode(path) for (path,) in self.ask("SELECT path FROM tracks WHERE missing_since IS NOT NULL")}

    def vectors(self, track_id: int, *, but: tuple[str, ...] = ()) -> dict[str, bytes]:
        """Return the vectors of a track by modality."""
        rows = self.ask("SELECT modality, vector FROM vectors WHERE track_id = ?", track_id)
        return {modality: vector for modality, vector in rows if modality not in but}

    def places(self, track_id: int) -> list[tuple[Any, ...]]:
        """Return the playlist places and plays of a track."""
        return self.ask(
            "SELECT p.name, e.position FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id "
            "WHERE e.track_id = ?1 UNION ALL SELECT 'play', at FROM plays WHERE track_id = ?1",
            track_id,
        )

    def problems(self, stage: str) -> dict[str, str]:
        """Return path -> reason of the problems of a stage."""
        rows = self.ask("SELECT path, reason FROM problems WHERE stage = ?", stage)
        return {os.fsdecode(path): reason for path, reason in rows}


def make_music(folder: Path) -> Path:
    """Write the ten files, tagged, with a cover, timed words and a playlist beside them."""
    for seed, name in enumerate(FILES):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        make_audio(folder / name, seconds=2.0, seed=seed)
        artist, *_, title = name.split("/")
        retag(folder / name, artist=artist, title=title[3:].partition(".")[0], genre="Folk", date="1990")
    (folder / "Ada/Blue/cover.jpg").write_bytes(picture(colour="blue"))
    (folder / "Ada/Green/01 Moss.lrc").write_text("[00:00.10]soft green moss\n[00:01.00]under the trees\n")
    (folder / LIST).parent.mkdir()
    (folder / LIST).write_text(f"#EXTM3U\n../{DAWN}\n../{CLAY}\n../Ada/gone.mp3\n")
    return folder


def retag(path: Path, **fields: str) -> None:
    """Write tags through mutagen, as any tagger does."""
    file: Any = mutagen.File(path, easy=True)
    if file.tags is None:
        file.add_tags()
    file.update(fields)
    file.save()


def copy_music(music: Music, place: Path) -> Music:
    """Copy folder and library, times included, and tell the copied library where its music now is."""
    shutil.copytree(music.folder, place / "music")
    shutil.copytree(music.library, place / "library")
    copied = Music(place / "music", place / "library")
    copied.tell("UPDATE roots SET path = ?", os.fsencode(copied.folder))
    before, after = (os.fsencode(str(one.folder)) for one in (music, copied))
    for (path,) in copied.ask("SELECT path FROM playlist_entries"):
        copied.tell("UPDATE playlist_entries SET path = ? WHERE path = ?", path.replace(before, after), path)
    return copied


def state_of(folder: Path) -> Mapping[str, tuple[int, str]]:
    """Return modification time and hash of every file of a folder, by name."""
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, blake2b(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def shift(path: Path, seconds: float) -> None:
    """Move a file's modification time."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + int(seconds * 1e9)))

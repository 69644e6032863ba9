"""Add other takes of a recording to a library: files with its sound whose titles say how they differ."""

import shutil
from pathlib import Path

import mutagen

from indexer.catalogue import Catalogue
from indexer.exploring.answer import TrackRow
from indexer.pipeline import index


def add_takes(library: Path, music: Path, takes: dict[str, dict[str, str]]) -> TrackRow:
    """Index copies of one track of the library, whose row is returned, under other tags.

    `takes` are the tags by the copy's name; "{title}" in one of them is the title of the track.
    """
    source = next(row for row in Catalogue(library).window(0, 100) if row.path.endswith(".mp3"))
    music.mkdir()
    for name, tags in takes.items():
        shutil.copy(source.path, music / name)
        tagged = mutagen.File(music / name, easy=True)
        for field, text in tags.items():
            tagged[field] = text.format(title=source.title)
        tagged.save()
    for _ in index(library, [music]):
        pass
    return source

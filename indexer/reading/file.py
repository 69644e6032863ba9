"""Read one audio file without decoding its sound: tags, header, hash, words and cover in one record.

A run reads every file twice: first by its tags alone, a quarter of a millisecond each, so that a library can be browsed
and searched within seconds; then whole.
"""

import os
from dataclasses import dataclass
from stat import S_ISDIR, S_ISREG
from typing import Any

from indexer.errors import ReadError
from indexer.reading.covers import read_cover
from indexer.reading.fields import Fields, merge
from indexer.reading.guesses import fill_missing
from indexer.reading.lyrics import read_lyrics
from indexer.reading.media import bare_tags, open_media
from indexer.reading.stream import probe, refine
from indexer.reading.tags import media_fields, tags_from_fields
from indexer.track import Reading, Stream, Tags


@dataclass(frozen=True, slots=True)
class _BareTags:
    """Tags on no sound that mutagen knows, in the shape of an opened file."""

    tags: Any
    info: None = None


def read_file(path: str, relative: str) -> Reading:
    """Read everything about the file at `path` that takes no decoding.

    relative : its path below the root, from which missing tags are guessed.
    Both may hold surrogate escapes. A part that cannot be read is a line in `problems`; that there are only tags and no
    sound shows in `content_hash`, and why is for the stage that decodes it to say.
    Raises ReadError when nothing can be: the file is empty, unreadable, or neither sound nor tags.
    """
    return examine_file(path, relative)[0]


def examine_file(path: str, relative: str) -> tuple[Reading, bool]:
    """Do as `read_file`, and tell whether tags and words are those that `read_tags_alone` gives of the same file."""
    check_file(path)
    problems: list[str] = []
    seen = probe(path)
    media = _open(path, seen.problem, problems)
    own = media_fields(media, path)
    fields = merge(own, seen.fields)
    cover, cover_problems = read_cover(path, media=media)
    reading = Reading(
        tags=_tags(fields, relative),
        stream=refine(seen.stream, media),
        content_hash=seen.content_hash,
        lyrics=read_lyrics(path, media=media, fields=fields),
        cover=cover,
        problems=(*problems, *cover_problems),
    )
    return reading, not isinstance(media, _BareTags) and fields.keys() == own.keys()


def read_tags_alone(path: str, relative: str) -> Reading:
    """Read tags and words of the file at `path`, of the stream what the tag reader sees, and neither hash nor cover.

    A file of which the tag reader makes nothing is read whole, at once; `examined` tells. Raises as `read_file` does.
    """
    media = _sniff(path)
    if media is None:
        return read_file(path, relative)
    fields = media_fields(media, path)
    return Reading(
        tags=_tags(fields, relative),
        stream=refine(Stream(), media),
        content_hash=None,
        lyrics=read_lyrics(path, media=media, fields=fields),
        examined=False,
    )


def _sniff(path: str) -> Any | None:
    """Open the file's tags and header; None when it is no plain file with sound that the tag reader knows."""
    try:
        if not S_ISREG(os.stat(path).st_mode):
            return None
        media = open_media(path)
    except (OSError, ReadError):
        return None
    return media if getattr(media, "info", None) is not None else None


def _tags(fields: Fields, relative: str) -> Tags:
    return fill_missing(tags_from_fields(fields), relative)


def check_file(path: str) -> None:
    """Refuse, by ReadError, what is no readable file with something in it; opening a pipe would wait for ever."""
    try:
        status = os.stat(path)
        if S_ISDIR(status.st_mode):
            raise ReadError(path, "a folder, not a file")
        if not S_ISREG(status.st_mode):
            raise ReadError(path, "not a file")
        if status.st_size == 0:
            raise ReadError(path, "empty file")
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        raise ReadError(path, (error.strerror or "cannot be read").lower()) from error


def _open(path: str, no_sound: str, problems: list[str]) -> Any | None:
    """Open the tags, or those that stand alone; a file with neither tags nor sound is an error."""
    broken = ""
    try:
        media = open_media(path)
    except ReadError as error:
        media, broken = None, error.reason
    if media is None:
        tags = bare_tags(path)
        media = _BareTags(tags) if tags else None
    if media is None and no_sound:
        raise ReadError(path, f"not audio ({no_sound})")
    if media is None and broken:
        problems.append(f"tags: {broken}")
    return media

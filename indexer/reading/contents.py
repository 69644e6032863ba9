"""Read one file that someone asks about, of whatever kind: sound with all that goes with it, a picture, or words."""

import os
from dataclasses import dataclass

from indexer.errors import ReadError
from indexer.reading.cleaning import decode
from indexer.reading.covers import LARGEST_BYTES as LARGEST_PICTURE_BYTES
from indexer.reading.covers import CoverError, make_cover
from indexer.reading.file import check_file, read_file
from indexer.reading.lyrics import LARGEST_BYTES as LARGEST_WORDS_BYTES
from indexer.reading.lyrics import parse_lyrics
from indexer.reading.workers import run_each
from indexer.track import Cover, Lyrics, Sound, Tags

PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp"))
WORDS_SUFFIXES = frozenset((".txt", ".lrc"))
SECONDS_AT_MOST = 90.0
"""Indexing gives a file 30 s for its tags and 60 s for its sound."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one file holds; None for what it lacks, all but one for a picture or a file of words."""

    tags: Tags | None = None
    lyrics: Lyrics | None = None
    cover: Cover | None = None
    sound: Sound | None = None
    problems: tuple[str, ...] = ()
    """Parts that could not be read, each in a few words; the rest stands."""


def read_guarded(path: str) -> Contents:
    """Read a file as `read_contents` does, sound and pictures in a process of their own, which may hang or crash.

    Raises ReadError for that too.
    """
    if _suffix(path) in WORDS_SUFFIXES:
        return read_contents(path)  # no decoder: nothing to be guarded from, and a second sooner
    [(_, result)] = run_each(read_contents, [path], workers=1, seconds_per_item=SECONDS_AT_MOST, niceness=0)
    if isinstance(result, ReadError):
        raise result
    return result


def read_contents(path: str) -> Contents:
    """Read .jpg, .jpeg, .png and .webp as a cover, .txt and .lrc as lyrics, anything else as sound.

    Raises ReadError when there is nothing to read: no such file, a folder, a broken or huge picture, no words, no
    sound. Sound that has tags and cannot be decoded is a line in `problems`.
    """
    check_file(path)
    suffix = _suffix(path)
    if suffix in PICTURE_SUFFIXES:
        return Contents(cover=_read_picture(path))
    if suffix in WORDS_SUFFIXES:
        return Contents(lyrics=_read_words(path, suffix))
    return _read_sound(path)


def _read_sound(path: str) -> Contents:
    from indexer.reading.audio import analyse

    reading = read_file(path, os.path.basename(path))
    try:
        sound, problems = analyse(path), reading.problems
    except ReadError as error:
        sound, problems = None, (*reading.problems, error.reason)
    return Contents(reading.tags, reading.lyrics, reading.cover, sound, problems)


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _read_picture(path: str) -> Cover:
    data = _read_bytes(path, at_most=LARGEST_PICTURE_BYTES, what="a cover")
    try:
        return make_cover(data, source=os.path.basename(path))
    except CoverError as error:
        raise ReadError(path, str(error)) from error


def _read_words(path: str, suffix: str) -> Lyrics:
    data = _read_bytes(path, at_most=LARGEST_WORDS_BYTES, what="lyrics")
    lyrics = None if b"\0" in data and not data.startswith(_UTF_16_MARKS) else parse_lyrics(decode(data), source=suffix)
    if lyrics is None:
        raise ReadError(path, "no words in it")
    return lyrics


_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _read_bytes(path: str, *, at_most: int, what: str) -> bytes:
    try:
        size = os.path.getsize(path)
        if size > at_most:
            raise ReadError(path, f"{size / 1e6:.1f} MB are too much for {what}")
        with open(path, "rb") as file:
            return file.read(at_most)
    except OSError as error:
        raise ReadError(path, (error.strerror or "cannot be read").lower()) from error

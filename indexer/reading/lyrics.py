"""Read a track's words: with times where there are any, from the file or from beside it.

LRC is "[mm:ss.xx] words", one or more stamps a line, with "[name: value]" lines about the song; of those only the
offset counts: "[offset: 500]" makes every line appear half a second sooner.
"""

import os
import re
from typing import Any

from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from indexer.reading.cleaning import clean_line, clean_lines, decode
from indexer.reading.fields import Fields
from indexer.track import Lyrics

LARGEST_BYTES = 256 * 1024
"""A .txt beside a track that is larger is no lyrics; so much is kept of an .lrc or of embedded words."""

_STAMP = re.compile(
    r"\s*\[(?:(?P<hours>\d{1,2}):(?=\d+:\d+[.,]))?(?P<minutes>\d{1,3}):(?P<seconds>\d{1,2})(?:[.:,](?P<fraction>\d{1,3}))?\]"
)
"""[mm:ss], [mm:ss.xx], [mm:ss:xx] (some writers), [hh:mm:ss.xx]."""
_WORD_STAMP = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_ABOUT = re.compile(r"\s*\[(?P<name>[a-zA-Z#_]+):(?P<value>[^\]]*)\]\s*$")
_SYLT_MILLISECONDS = 2


def read_lyrics(path: str, *, media: Any | None, fields: Fields) -> Lyrics | None:
    """Return the words of the file at `path`, or None.

    The order: an .lrc beside the file with times, embedded words with times, embedded words, an .lrc without
    times, a .txt of the same name.
    media, fields : the opened file and its fields; None and {} look beside the file only.
    """
    beside = _beside(path, ".lrc")
    if beside is not None and beside.times:
        return beside
    return _embedded(media, fields) or beside or _beside(path, ".txt")


def parse_lyrics(text: str, *, source: str) -> Lyrics | None:
    """Make the record of plain or LRC text, whichever it is; None when no words are left.

    Lines are sorted by time. A line without a stamp among lines with stamps takes the time of the line before it.
    """
    timed, plain, offset_seconds = _parse_lines(clean_lines(text, maximum=LARGEST_BYTES))
    if timed:
        timed.sort(key=lambda time_and_line: time_and_line[0])
        words = "\n".join(line for _, line in timed)
        times = tuple(max(0.0, round(time - offset_seconds, 3)) for time, _ in timed)
        return Lyrics(words, times, source) if words.strip() else None
    words = "\n".join(plain).strip("\n")
    return Lyrics(words, (), source) if words.strip() else None


def _parse_lines(text: str) -> tuple[list[tuple[float, str]], list[str], float]:
    """Return the timed lines in file order, all lines as plain text, and the offset in seconds."""
    timed: list[tuple[float, str]] = []
    plain: list[str] = []
    offset_seconds = 0.0
    for line in text.split("\n"):
        about = _ABOUT.match(line)
        stamps, words = _stamps(line)
        if about and not stamps:
            offset_seconds = _offset(about) if about["name"].lower() == "offset" else offset_seconds
            continue
        words = _WORD_STAMP.sub("", words).strip()
        plain.append(words)
        if stamps:
            timed += [(stamp, words) for stamp in stamps]
        elif timed and words:
            timed.append((timed[-1][0], words))
    return timed, plain, offset_seconds


def _stamps(line: str) -> tuple[list[float], str]:
    """Return the stamps at the head of a line, in seconds, and the rest."""
    stamps: list[float] = []
    match = _STAMP.match(line)
    while match:
        hours, minutes, seconds, fraction = match.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        stamps.append(whole + float(f"0.{fraction or 0}"))
        line = line[match.end() :]
        match = _STAMP.match(line)
    return stamps, line


def _offset(about: re.Match[str]) -> float:
    """Return an offset of milliseconds in seconds; 0 when it is no number, or longer than an hour."""
    text = about["value"].strip()
    if not re.fullmatch(r"[+-]?\d{1,7}", text):
        return 0.0
    return int(text) / 1000


def _embedded(media: Any | None, fields: Fields) -> Lyrics | None:
    """Return the embedded words, those with times before those without."""
    tags = getattr(media, "tags", None)
    found: list[Lyrics | None] = []
    if isinstance(tags, ID3):
        found += [_synchronised(frame) for name, frame in tags.items() if name.startswith("SYLT")]
        found += [parse_lyrics(str(f.text), source="USLT") for name, f in tags.items() if name.startswith("USLT")]
    source = "©lyr" if isinstance(tags, MP4Tags) else "LYRICS"
    found += [parse_lyrics(text, source=source) for text in fields.get("lyrics", ())]
    words = [lyrics for lyrics in found if lyrics]
    return next((lyrics for lyrics in words if lyrics.times), words[0] if words else None)


def _synchronised(frame: Any) -> Lyrics | None:
    """Take ID3's synchronised words; times counted in MPEG frames are dropped and the words kept."""
    pairs = sorted(((time, text) for text, time in frame.text), key=lambda pair: pair[0])
    if any("\n" in text.lstrip("\n") for _, text in pairs) or frame.type != 1:
        pairs = pairs if frame.type in (0, 1, 2) else []  # other types are chords, events, pictures
    lines = [clean_line(text) for _, text in pairs]
    if not any(lines):
        return None
    times = tuple(time / 1000 for time, _ in pairs) if frame.format == _SYLT_MILLISECONDS else ()
    return Lyrics("\n".join(lines), times, "SYLT")


def _beside(path: str, suffix: str) -> Lyrics | None:
    """Read the file of the same stem and another ending; None when there is none, or it is no lyrics by its size."""
    name = os.path.splitext(path)[0] + suffix
    try:
        if not os.path.isfile(name) or (suffix == ".txt" and os.path.getsize(name) > LARGEST_BYTES):
            return None
        with open(name, "rb") as file:
            return parse_lyrics(decode(file.read(LARGEST_BYTES)), source=suffix)
    except OSError:
        return None

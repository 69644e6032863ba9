"""Write playlist files: M3U8, PLS and XSPF, whole or not at all.

A file is written beside its place and renamed over it, so that a full disk leaves the old playlist as it was.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from indexer.errors import IndexerError
from indexer.reading.cleaning import clean_line


@dataclass(frozen=True, slots=True)
class Line:
    """One track of a playlist to be written."""

    path: bytes
    """Absolute."""
    title: str = ""
    """As shown, "artist - title"; may be any text."""
    duration_seconds: float | None = None


class PlaylistPathError(IndexerError):
    """A path that a format cannot hold (a line break inside an M3U8 or PLS)."""


def write_playlist(path: str, lines: Iterable[Line], *, name: str = "", relative: bool = True) -> None:
    """Write by the ending of `path`: .m3u, .m3u8, .pls or .xspf; no lines give a valid empty playlist.

    relative : write paths from the playlist's folder, so that both may move together; False writes them absolute.
    Raises IndexerError for another ending, PlaylistPathError, and OSError when the disk refuses.
    """
    encoders = {".m3u": m3u8, ".m3u8": m3u8, ".pls": pls, ".xspf": xspf}
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in encoders:
        raise IndexerError(f"{path}: write a playlist as .m3u8, .pls or .xspf")
    folder = os.fsencode(os.path.dirname(os.path.abspath(path))) if relative else None
    _write_whole(path, encoders[suffix](lines, name=name, relative_to=folder))


def m3u8(lines: Iterable[Line], *, name: str = "", relative_to: bytes | None = None) -> bytes:
    """Return the bytes of an extended M3U in UTF-8; names that are no UTF-8 keep their bytes."""
    parts = [b"#EXTM3U"]
    if clean_line(name):
        parts.append(b"#PLAYLIST:" + clean_line(name).encode())
    for line in lines:
        title = clean_line(line.title).encode()
        parts += [b"#EXTINF:%d,%s" % (_whole_seconds(line), title), _plain_path(line.path, relative_to)]
    return b"\n".join(parts) + b"\n"


def pls(lines: Iterable[Line], *, name: str = "", relative_to: bytes | None = None) -> bytes:
    """Return the bytes of a PLS (version 2); the format has no place for a name."""
    del name
    parts, count = [b"[playlist]"], 0
    for count, line in enumerate(lines, start=1):
        parts.append(b"File%d=%s" % (count, _plain_path(line.path, relative_to)))
        parts.append(b"Title%d=%s" % (count, clean_line(line.title).encode()))
        parts.append(b"Length%d=%d" % (count, _whole_seconds(line)))
    return b"\n".join([*parts, b"NumberOfEntries=%d" % count, b"Version=2", b""])


def xspf(lines: Iterable[Line], *, name: str = "", relative_to: bytes | None = None) -> bytes:
    """Return the bytes of an XSPF (version 1), locations percent-encoded byte by byte."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', '<playlist version="1" xmlns="http://xspf.org/ns/0/">']
    if clean_line(name):
        parts.append(f"  <title>{escape(clean_line(name))}</title>")
    parts.append("  <trackList>")
    for line in lines:
        location = quote(_placed(line.path, relative_to))
        location = location if relative_to else "file://" + location
        duration = f"<duration>{line.duration_seconds * 1000:.0f}</duration>" if line.duration_seconds else ""
        title = escape(clean_line(line.title))
        parts.append(f"    <track><location>{location}</location><title>{title}</title>{duration}</track>")
    return "\n".join([*parts, "  </trackList>", "</playlist>", ""]).encode()


def _placed(path: bytes, relative_to: bytes | None) -> bytes:
    return path if relative_to is None else os.path.relpath(path, relative_to)


def _plain_path(path: bytes, relative_to: bytes | None) -> bytes:
    """Return the path for a format of lines; one that begins like a comment gets "./"."""
    if b"\n" in path or b"\r" in path:
        raise PlaylistPathError(f"{os.fsdecode(path)!r} has a line break in its name: save as .xspf")
    placed = _placed(path, relative_to)
    return b"./" + placed if placed.startswith((b"#", b" ")) else placed


def _whole_seconds(line: Line) -> int:
    """Return the length for EXTINF; -1 says unknown."""
    return round(line.duration_seconds) if line.duration_seconds else -1


def _write_whole(path: str, data: bytes) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".playlist-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode_for(path))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode_for(path: str) -> int:
    """Return the permissions of the file that is replaced, or those a new file gets."""
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask

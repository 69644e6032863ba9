"""Read playlist files: M3U, M3U8, PLS and XSPF.

Paths are bytes, absolute, resolved from the playlist's own folder; a name that is no UTF-8 stays as it is. Nothing is
opened but the playlist itself, and whether an entry exists is for the caller to say.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from indexer.errors import ReadError
from indexer.reading.cleaning import clean_line, decode, decode_name

LARGEST_BYTES = 32 * 1024 * 1024
MOST_ENTRIES = 100_000

_URL = re.compile(rb"^[a-zA-Z][a-zA-Z0-9+.-]+://")
_DRIVE = re.compile(rb"^[a-zA-Z]:[\\/]")
_PLS_ENTRY = re.compile(rb"^\s*File(\d{1,9})\s*=\s*(.*?)\s*$", re.IGNORECASE)

Entry = bytes | str
"""An absolute path (bytes), or an address on the network (str)."""


@dataclass(frozen=True, slots=True)
class PlaylistFile:
    """A playlist as it stands in a file; `entries` are in its order, repeats kept."""

    name: str
    entries: tuple[Entry, ...] = ()


def read_playlist(path: str) -> PlaylistFile:
    """Read the playlist at `path`, its format by its ending; an empty file has no entries.

    The name is the title inside the file, else the file's stem. Entries past MOST_ENTRIES are dropped.
    Raises ReadError when the file cannot be read, is too large, or is XML that is broken or declares a document type.
    """
    data = _read(path)
    suffix = os.path.splitext(path)[1].lower()
    parse: Callable[[bytes], tuple[str, Iterator[bytes]]] = {".pls": _parse_pls, ".xspf": _parse_xspf}.get(
        suffix, _parse_m3u
    )
    folder = os.fsencode(os.path.dirname(os.path.abspath(path)))
    try:
        title, lines = parse(data)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ReadError(path, f"broken playlist: {error}") from error
    entries = [_resolve(line, folder, is_uri=suffix == ".xspf") for line in islice(lines, MOST_ENTRIES)]
    stem = decode_name(os.path.splitext(os.path.basename(path))[0])
    return PlaylistFile(clean_line(title) or clean_line(stem), tuple(entry for entry in entries if entry))


def _read(path: str) -> bytes:
    try:
        if os.path.getsize(path) > LARGEST_BYTES:
            raise ReadError(path, "too large for a playlist")
        with open(path, "rb") as file:
            return file.read(LARGEST_BYTES)
    except OSError as error:
        raise ReadError(path, (error.strerror or "cannot be read").lower()) from error


def _parse_m3u(data: bytes) -> tuple[str, Iterator[bytes]]:
    """Return the title (#PLAYLIST:) and the lines that are no comments, as bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode()
    lines = [line.strip() for line in re.split(rb"[\r\n]+", data.removeprefix(b"\xef\xbb\xbf"))]
    titles = (line[10:] for line in lines if line[:10].upper() == b"#PLAYLIST:")
    return decode(next(titles, b"")), (line for line in lines if line and not line.startswith(b"#"))


def _parse_pls(data: bytes) -> tuple[str, Iterator[bytes]]:
    """Return the values of File1=, File2=, ... in the order of their numbers."""
    matches = (_PLS_ENTRY.match(line) for line in re.split(rb"[\r\n]+", data))
    numbered = sorted(((int(match[1]), match[2]) for match in matches if match), key=lambda pair: pair[0])
    return "", (value for _, value in numbered if value)


def _parse_xspf(data: bytes) -> tuple[str, Iterator[bytes]]:
    """Return title and locations; a DOCTYPE is refused, because entities can grow without bound."""
    title: list[str] = []
    locations: list[list[str]] = []
    where: list[str] = []

    def start(name: str, _attributes: dict[str, str]) -> None:
        where.append(name.rpartition("}")[2].rpartition(":")[2])
        if where[-2:] == ["track", "location"]:
            locations.append([])

    def end(_name: str) -> None:
        where.pop()

    def text(characters: str) -> None:
        if where[-2:] == ["track", "location"]:
            locations[-1].append(characters)
        elif where == ["playlist", "title"]:
            title.append(characters)

    def refuse(*_: object) -> None:
        raise ValueError("it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refuse
    parser.Parse(data, True)
    # several locations are alternatives to one another; each is kept, the caller finds which exist
    return "".join(title), ("".join(parts).strip().encode() for parts in locations if "".join(parts).strip())


def _resolve(line: bytes, folder: bytes, *, is_uri: bool) -> Entry:
    """Return an absolute path or an address; b"" for what is neither."""
    line = line.replace(b"\0", b"")
    if line[:7].lower() == b"file://":
        path = unquote_to_bytes(line[7:].partition(b"?")[0] if is_uri else line[7:])
        return os.path.normpath(b"/" + path.removeprefix(b"localhost").lstrip(b"/"))
    if _URL.match(line) and not _DRIVE.match(line):
        return clean_line(decode(line))
    if is_uri:
        line = unquote_to_bytes(line)
    return _existing_spelling(line, folder) if line else b""


def _existing_spelling(line: bytes, folder: bytes) -> bytes:
    """Return the path as written, or as it must have been meant when only that one exists.

    Tried in turn: backslashes as slashes, percent signs as escapes, and Windows-1252 names as UTF-8.
    """
    as_slashes = line.replace(b"\\", b"/")
    first = os.path.normpath(os.path.join(folder, line))
    for meant in (line, as_slashes, unquote_to_bytes(as_slashes), decode(as_slashes).encode()):
        path = os.path.normpath(os.path.join(folder, meant))
        if os.path.lexists(path):
            return path
    return os.path.normpath(os.path.join(folder, as_slashes)) if b"/" not in line and b"\\" in line else first

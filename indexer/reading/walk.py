"""Walk a music folder: every file once, in a stable order, whatever its name's bytes are.

Real folders come first, then linked folders, then linked files, so that a file inside the tree is always found under
its real path and never again through a link. Hard links are files of their own.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

from indexer.errors import ReadError

AUDIO_SUFFIXES = frozenset(
    b"mp3 mp2 mp1 mpga flac ogg oga ogx opus spx oggflac m4a m4b mp4 m4r aac alac wav wave aif aiff aifc wma asf wv "
    b"ape mpc mp+ tta tak ofr ofs dsf dff mka webm mkv caf au snd ac3 amr".split()
)
"""Endings, lower case, that are taken for sound."""

PLAYLIST_SUFFIXES = frozenset((b"m3u", b"m3u8", b"pls", b"xspf"))
SKIPPED_FOLDERS = frozenset((b"@eaDir", b"$RECYCLE.BIN", b"lost+found", b"System Volume Information", b"__MACOSX"))
"""Folders that systems make beside music (thumbnails, bins); folders whose name begins with a dot are skipped too."""


class Found(NamedTuple):
    """One file, or one folder that could not be entered; a tuple, since a walk makes a hundred thousand a second."""

    relative: bytes
    """Path from the root, parts joined by "/"."""
    kind: str
    """"audio", "playlist", "other" or "unreadable"."""
    size: int = 0
    """Bytes."""
    mtime_ns: int = 0
    reason: str = ""
    """Why it is unreadable, else empty."""


def walk(root: Path) -> Iterator[Found]:
    """Yield every file under `root`, sorted within each folder; an empty folder yields nothing.

    Symbolic links are followed once: a folder is entered once however it is reached, so loops end. Pipes, sockets and
    devices are passed over. A folder that cannot be read is yielded as "unreadable" and the walk goes on.
    Raises ReadError when `root` itself is not there or is no folder.
    """
    top = os.fsencode(root)
    try:
        status = os.stat(top)
        os.scandir(top).close()
    except OSError as error:
        raise ReadError(str(root), (error.strerror or "cannot be read").lower()) from error
    visited = {(status.st_dev, status.st_ino)}
    folders, links = [b""], list[bytes]()
    file_links: list[bytes] = []
    while folders or links:
        if not folders:
            folders = _enter_link(top, links.pop(), visited)
            continue
        yield from _scan(top, folders, links, file_links, visited)
    yield from _linked_files(top, sorted(file_links), visited)


def kind_of(name: bytes) -> str:
    """Return "audio", "playlist" or "other" by the ending of a file's name; hidden files (".", "._") are "other"."""
    stem, _, suffix = name.lower().rpartition(b".")
    if not stem or name.startswith(b"."):
        return "other"
    return "audio" if suffix in AUDIO_SUFFIXES else "playlist" if suffix in PLAYLIST_SUFFIXES else "other"


def _scan(
    top: bytes, folders: list[bytes], links: list[bytes], file_links: list[bytes], visited: set[tuple[int, int]]
) -> Iterator[Found]:
    """Yield the files of the last of `folders`, replacing it by its own folders and noting its links."""
    folder = folders.pop()
    try:
        with os.scandir(os.path.join(top, folder)) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    inner: list[bytes] = []
    for entry in entries:
        relative = folder + b"/" + entry.name if folder else entry.name
        try:
            if entry.is_symlink():
                _note_link(entry, relative, links, file_links)
            elif entry.is_dir(follow_symlinks=False):
                if not _is_skipped(entry.name) and _visit(entry.stat(follow_symlinks=False), visited):
                    inner.append(relative)
            elif entry.is_file(follow_symlinks=False):
                yield _found(relative, entry.stat(follow_symlinks=False))
        except OSError as error:
            yield _unreadable(relative, error)
    folders.extend(reversed(inner))


def _note_link(entry: os.DirEntry[bytes], relative: bytes, links: list[bytes], file_links: list[bytes]) -> None:
    if not entry.is_dir():
        file_links.append(relative)
    elif not _is_skipped(entry.name):
        links.insert(0, relative)


def _enter_link(top: bytes, relative: bytes, visited: set[tuple[int, int]]) -> list[bytes]:
    """Return the linked folder as the next to scan, or nothing when it was visited or has gone."""
    try:
        status = os.stat(os.path.join(top, relative))
    except OSError:
        return []
    return [relative] if _visit(status, visited) else []


def _linked_files(top: bytes, links: list[bytes], visited: set[tuple[int, int]]) -> Iterator[Found]:
    """Yield the links to files whose folder was not visited, each target once."""
    targets: set[tuple[int, int]] = set()
    for relative in links:
        path = os.path.join(top, relative)
        try:
            status = os.stat(path)
            parent = os.stat(os.path.dirname(os.path.realpath(path)))
        except OSError as error:
            if kind_of(os.path.basename(relative)) == "audio":
                yield _unreadable(relative, error)
            continue
        seen_in_its_place = (parent.st_dev, parent.st_ino) in visited
        if S_ISREG(status.st_mode) and not seen_in_its_place and _visit(status, targets):
            yield _found(relative, status)


def _visit(status: os.stat_result, visited: set[tuple[int, int]]) -> bool:
    """Note a place as visited; False when it was already."""
    place = (status.st_dev, status.st_ino)
    if place in visited:
        return False
    visited.add(place)
    return True


def _is_skipped(name: bytes) -> bool:
    return name.startswith(b".") or name in SKIPPED_FOLDERS


def _found(relative: bytes, status: os.stat_result) -> Found:
    kind = kind_of(relative.rpartition(b"/")[2])
    return Found(relative, kind, status.st_size, status.st_mtime_ns)


def _unreadable(relative: bytes, error: OSError) -> Found:
    return Found(relative, "unreadable", reason=(error.strerror or "cannot be read").lower())

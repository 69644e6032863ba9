"""Compare a music folder with what the store remembers of it, without opening a file.

Identity is (root, relative path). A file whose size, modification time and neighbours (pictures, lyrics beside it) are
as remembered is unchanged whatever its inode or device. See docs/architecture.md, "Identity".
"""

import os
import time
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexerError, ReadError
from indexer.reading.presence import is_gone
from indexer.reading.walk import Found, walk
from indexer.storing.problems import failed_files, forget_reading, forget_vanished
from indexer.storing.tracks import FileState, Known, known_files, mark_missing, touch

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from indexer.storing.store import Store

SIDE_SUFFIXES = frozenset(b"jpg jpeg png webp gif bmp lrc txt".split())
_PICTURES = SIDE_SUFFIXES - {b"lrc", b"txt"}
_LOSS_SHARE = 0.2
"""Losing more than this share of a root's files at once looks like an unmounted disk, not like tidying up."""
_HOUR_NS, _SLACK_NS = 3_600_000_000_000, 2_000_000_000
"""FAT stores times in steps of 2 s and in local time: after a change of zone all files are off by whole hours."""


@dataclass(slots=True)
class Plan:
    """What a scan of one folder found to do."""

    root_id: int
    root: bytes
    prefix: bytes = b""
    """Where in the root the scanned folder lies, "" or ending in a slash."""
    new: list[FileState] = field(default_factory=list)
    changed: list[tuple[FileState, int]] = field(default_factory=list)
    """With the id of the track that the file is."""
    doubtful: list[tuple[FileState, int]] = field(default_factory=list)
    """Same size, and a time that is only off by a clock's habits or other files beside it: to be settled by reading."""
    gone: dict[bytes, Known] = field(default_factory=dict)
    """Rows whose file is not there, those that are missing already among them."""
    keeps_gone: bool = False
    """Whether what is gone stays as it is, because the folder was not there or too much is gone at once."""
    failed: set[bytes] = field(default_factory=set)
    """Files that are there and could not be read, before or in this run."""
    closed: tuple[bytes, ...] = ()
    """Folders that could not be entered, each ending in a slash; of what lies in them nothing is known."""
    walked: bool = False
    playlists: list[Found] = field(default_factory=list)
    unchanged: int = 0
    failed_before: int = 0
    """Unreadable files that have not changed since."""
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    def holds(self, path: bytes) -> bool:
        """Tell whether a row's file was found by this scan and could be read."""
        within = self.walked and path.startswith(self.prefix) and not path.startswith(self.closed)
        return within and path not in self.gone and path not in self.failed


def scan(store: "Store", folder: Path) -> Plan:
    """Walk `folder` and compare; files that came back are no longer missing afterwards.

    Raises
    ------
    IndexerError
        When the folder is not there and never was a root.

    """
    real = os.fsencode(os.path.realpath(folder))
    root_id, root, prefix = _claim_root(store, real)
    known = known_files(store.connection, root_id, below=prefix)
    plan = Plan(root_id, root, prefix)
    try:
        _compare(store, plan, walk(Path(os.fsdecode(real))), known)
    except ReadError as error:
        if not known and os.path.isdir(root):
            raise IndexerError(f"{folder} is not there: give a folder that holds music") from error
        reason = f"cannot be read ({error.reason})" if os.path.isdir(real) else "is not there"
        plan.notes.append(f"{folder} {reason}: its {len(known)} tracks are kept as they are")
        plan.keeps_gone = True
        return plan
    with store.db.atomic():
        store.connection.execute("UPDATE roots SET scanned = ? WHERE id = ?", (time.time(), root_id))
    return plan


def settle_gone(store: "Store", plan: Plan, claimed: set[int]) -> None:
    """Mark the rows whose files are gone and did not turn up elsewhere as missing, unless suspiciously many are."""
    if plan.keeps_gone:
        return
    lost = [row.id for row in plan.gone.values() if not row.missing and row.id not in claimed]
    present = store.connection.execute(
        "SELECT count(*) FROM tracks WHERE root_id = ? AND missing_since IS NULL", (plan.root_id,)
    ).fetchone()[0]
    if len(lost) > _LOSS_SHARE * present:
        plan.keeps_gone = True
        plan.notes.append(
            f"{len(lost)} of {present} files in {os.fsdecode(plan.root)} are gone at once: is the disk mounted? "
            "Nothing was changed; `fairouz-tui prune` removes them if that is meant"
        )
        return
    if lost:
        with store.writing() as connection:
            mark_missing(connection, lost)
    with store.db.atomic():
        forget_vanished(store.connection, plan.root_id, plan.root)


def some_lost(store: "Store", plans: "Sequence[Plan]") -> bool:
    """Tell whether any row outside what was scanned has lost its file: a new file may be that track.

    A folder that is not there counts: a library that was moved to another disk.
    """
    walked = [(plan.root_id, plan.prefix) for plan in plans if plan.walked]
    for root_id, root in store.connection.execute("SELECT id, path FROM roots").fetchall():
        prefixes = tuple(prefix for walked_id, prefix in walked if walked_id == root_id)
        if b"" in prefixes:
            continue
        rows = store.connection.execute("SELECT path FROM tracks WHERE root_id = ?", (root_id,))
        if any(not path.startswith(prefixes) and is_gone(os.path.join(root, path)) for (path,) in rows):
            return True
    return False


def _claim_root(store: "Store", real: bytes) -> tuple[int, bytes, bytes]:
    """Return (root id, root path, prefix within it) for a folder, making or widening roots as needed."""
    roots = [(row[0], bytes(row[1])) for row in store.connection.execute("SELECT id, path FROM roots")]
    for root_id, path in roots:
        if real == path:
            return root_id, path, b""
        if real.startswith(path.rstrip(b"/") + b"/"):
            return root_id, path, real[len(path.rstrip(b"/")) + 1 :] + b"/"
    if not os.path.isdir(real):
        raise IndexerError(f"{os.fsdecode(real)} is not a folder: give the folder that holds your music")
    with store.writing() as connection:
        root_id = int(
            connection.execute(
                "INSERT INTO roots (path, added) VALUES (?, ?) RETURNING id", (real, time.time())
            ).fetchone()[0]
        )
        for inner_id, path in roots:
            if path.startswith(real.rstrip(b"/") + b"/"):
                _absorb(connection, root_id, inner_id, path[len(real.rstrip(b"/")) + 1 :] + b"/")
    return root_id, real, b""


def _absorb(connection: "sqlite3.Connection", outer_id: int, inner_id: int, prefix: bytes) -> None:
    """Move the rows of a root that lies inside a new one into it, so that no file is there twice."""
    for table in ("tracks", "playlists", "problems"):
        connection.execute(
            f"UPDATE {table} SET root_id = ?, path = CAST(? || path AS BLOB) WHERE root_id = ?",
            (outer_id, prefix, inner_id),
        )
    connection.execute("DELETE FROM roots WHERE id = ?", (inner_id,))


def _compare(store: "Store", plan: Plan, files: "Iterable[Found]", known: dict[bytes, Known]) -> None:
    sides = _Sides()
    failed = failed_files(store.connection, plan.root_id, "read")
    sound: list[tuple[bytes, int, int]] = []  # not compared at once: links to pictures come last
    back: list[tuple[FileState, int]] = []
    closed: list[bytes] = []
    for found in files:
        if found.kind == "audio":
            sound.append((found.relative, found.size, found.mtime_ns))
        elif found.kind == "playlist":
            plan.playlists.append(found)
        elif found.kind == "unreadable":
            plan.skipped += 1
            path = plan.prefix + found.relative
            plan.notes.append(f"{os.fsdecode(os.path.join(plan.root, path))}: {found.reason}")
            closed.append(path + b"/")
        elif not sides.note(found):
            plan.skipped += 1
    for relative, size, mtime_ns in sound:
        state = FileState(plan.root_id, plan.prefix + relative, size, mtime_ns, sides(relative))
        _compare_one(plan, state, known, failed, back)
    plan.walked, plan.closed = True, tuple(closed)
    # What lies in a folder that could not be entered is not gone.
    plan.gone = {path: row for path, row in known.items() if not path.startswith(plan.closed)}
    if back:
        with store.writing() as connection:
            for state, track_id in back:
                touch(connection, track_id, mtime_ns=state.mtime_ns)
                forget_reading(connection, state)


def _compare_one(
    plan: Plan,
    state: FileState,
    known: dict[bytes, Known],
    failed: "Mapping[bytes, tuple[int, int]]",
    back: list[tuple[FileState, int]],
) -> None:
    row = known.pop(state.path, None)
    failure = failed.get(state.path) if failed else None
    if failure == (state.size, state.mtime_ns):
        plan.failed_before += 1
        plan.failed.add(state.path)
    elif row is None or row[1:4] != state[2:5]:
        _sort_in(plan, state, row)
    else:  # size, time and neighbours as they were: nearly every file of a library, at nearly every scan
        plan.unchanged += 1
        if row.missing or failure is not None:
            back.append((state, row.id))


def _sort_in(plan: Plan, state: FileState, row: Known | None) -> None:
    """Put a file that is not as it was where it belongs in the plan."""
    if row is None:
        plan.new.append(state)
    elif row.size != state.size or not _near(row.mtime_ns, state.mtime_ns):
        plan.changed.append((state, row.id))
    else:
        plan.doubtful.append((state, row.id))


def _near(a_ns: int, b_ns: int) -> bool:
    """Tell whether two times are equal but for a clock's habits: up to 2 s, or whole hours up to a day, apart."""
    hours, rest = divmod(abs(a_ns - b_ns) + _SLACK_NS, _HOUR_NS)
    return hours <= 24 and rest <= 2 * _SLACK_NS


class _Sides:
    """Digest, for an audio file, the pictures of its folder and the lyrics files of its own name."""

    def __init__(self) -> None:
        self._pictures: dict[bytes, list[bytes]] = {}
        self._texts: dict[bytes, list[bytes]] = {}
        self._digests: dict[bytes, str] = {}
        """By folder, of the pictures alone: what most files of an album share."""

    def note(self, found: Found) -> bool:
        """Take in a file that may lie beside music; False when it is none."""
        stem, _, suffix = found.relative.rpartition(b".")
        suffix = suffix.lower()
        if suffix not in SIDE_SUFFIXES:
            return False
        folder, _, name = found.relative.rpartition(b"/")
        # By name, not by path: the same neighbours whether the folder or one around it is scanned.
        mark = b"%s %d %d" % (name, found.size, found.mtime_ns)
        marks, key = (self._pictures, folder) if suffix in _PICTURES else (self._texts, stem)
        marks.setdefault(key, []).append(mark)
        return True

    def __call__(self, relative: bytes) -> str:
        folder = relative.rpartition(b"/")[0]
        texts = self._texts.get(relative.rpartition(b".")[0])
        if texts:
            return _digest([*self._pictures.get(folder, ()), *texts])
        if folder not in self._pictures:
            return ""
        if folder not in self._digests:
            self._digests[folder] = _digest(self._pictures[folder])
        return self._digests[folder]


def _digest(marks: list[bytes]) -> str:
    return blake2b(b"\n".join(sorted(marks)), digest_size=8).hexdigest()

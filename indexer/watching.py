"""Tell, as it happens, which folders of the music to look at again.

The system reports changes (inotify, FSEvents); nothing is read and no time is spent while nothing happens. A change is
told once its folder has been quiet for a second, so that a file still being copied is not read half.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.reading.walk import AUDIO_SUFFIXES, PLAYLIST_SUFFIXES
from indexer.stages.scan import SIDE_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from threading import Event

QUIET_MS = 1000
"""Without a change for this long, changes count as settled."""
LONGEST_MS = 30_000
"""A folder that never is quiet (an album being ripped) is told this often."""
TICK_MS = 1000
ABSENT_TICKS = 30
"""How often, in ticks, a folder that is not there (a disk not mounted) is looked for."""
MOST_FOLDERS = 50
"""With more folders touched than this at once, their music folder is looked at as a whole."""
RELEVANT = frozenset(suffix.decode() for suffix in AUDIO_SUFFIXES | PLAYLIST_SUFFIXES | SIDE_SUFFIXES)


def changed_folders(roots: Sequence[Path], *, polling: bool = False, stop: Event | None = None) -> Iterator[list[Path]]:
    """Yield the folders to scan: all `roots` once watching has begun, then those in which something settled.

    polling : look at every file several times a second instead, for network disks that report nothing.
    stop : ends the iteration; so does Ctrl-C, by KeyboardInterrupt.

    Raises
    ------
    IndexerError
        When none of the folders is there, or the system refuses to watch so many.

    """
    first = True
    while stop is None or not stop.is_set():
        here = [root for root in roots if root.is_dir()]
        if first and not here:
            raise IndexerError(f"none of the music folders is there ({_some(roots)}): mount the disk and run again")
        if first:
            first = False
        else:
            yield here  # a folder came or went: what happened meanwhile was not reported
        yield from _watched(here, roots, polling=polling, stop=stop)


def _watched(here: Sequence[Path], roots: Sequence[Path], *, polling: bool, stop: Event | None) -> Iterator[list[Path]]:
    """Watch the folders that are there until one of `roots` comes or goes."""
    began, quiet_ticks = False, 0
    with closing(_changes(here, polling=polling, stop=stop)) as changes:
        for paths in changes:
            if not began:
                began = True
                yield list(here)
            folders = touched(paths, here)
            if folders:
                yield folders
            quiet_ticks = 0 if folders else quiet_ticks + 1
            if (folders or quiet_ticks % ABSENT_TICKS == 0) and [r for r in roots if r.is_dir()] != list(here):
                return


def _changes(here: Sequence[Path], *, polling: bool, stop: Event | None) -> Generator[list[str], None, None]:
    """Yield settled changes, and [] every second without one."""
    import watchfiles

    watching = watchfiles.watch(
        *here,
        watch_filter=None,
        debounce=LONGEST_MS,
        step=QUIET_MS,
        rust_timeout=TICK_MS,
        yield_on_timeout=True,
        stop_event=stop,
        force_polling=polling,
        ignore_permission_denied=True,
    )
    try:
        for changes in watching:
            yield [path for _, path in changes]
    except (OSError, RuntimeError) as error:
        cure = "raise fs.inotify.max_user_watches, or add --poll"
        raise IndexerError(f"the system cannot watch {_some(here)} ({error}): {cure}") from error


def touched(paths: Sequence[str], roots: Sequence[Path]) -> list[Path]:
    """Return the folders, none inside another, that must be scanned for the changes at `paths`; [] for none.

    Files that are neither music nor pictures, lyrics or playlists beside it do not count. What is gone, or cannot be
    named in text, is looked for in the nearest folder that is there.
    """
    folders = {_nearest_folder(Path(path), roots) for path in paths if _counts(path)}
    if len(folders) > MOST_FOLDERS:
        folders = {next(root for root in roots if folder.is_relative_to(root)) for folder in folders if folder}
    found = sorted(folder for folder in folders if folder is not None)
    return [folder for folder in found if not any(other in folder.parents for other in found)]


def _counts(path: str) -> bool:
    """Tell whether a change could be one of music: by its ending, or as a folder."""
    name = os.path.basename(path)
    return name.rpartition(".")[2].lower() in RELEVANT or not os.path.isfile(path)


def _nearest_folder(path: Path, roots: Sequence[Path]) -> Path | None:
    """Return the innermost folder around `path` that is there, not above its root; None when it is in no root."""
    root = next((root for root in roots if path == root or root in path.parents), None)
    if root is None:
        return None
    while path != root and not path.is_dir():
        path = path.parent
    return path


def _some(folders: Sequence[Path]) -> str:
    named = ", ".join(str(folder) for folder in folders[:3])
    return named + (f" and {len(folders) - 3} more" if len(folders) > 3 else "")

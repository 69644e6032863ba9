"""Know the folders that are typed: complete them, say what is wrong with them, count the music in them."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LONGEST_COUNT_SECONDS = 5.0
"""A folder on a slow disk is counted no longer; what was found by then is said with a "more than"."""
TELL_SECONDS = 0.2
SONG_SECONDS = 210.0
"""What a song lasts, before any was looked at."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many audio files were found; `whole` once all of the folder was looked through."""

    files: int
    whole: bool
    seconds_to_index: float = 0.0
    """About how long the first indexing takes on a machine of two cores."""


def count_audio(folder: Path) -> Iterator[Counted]:
    """Count the audio files under a folder, telling five times a second how many there are; ends after some seconds.

    For a worker: a disk that sleeps may take seconds to answer. Raises ReadError when the folder cannot be read.
    """
    from indexer.reading.walk import walk

    began = told = time.monotonic()
    files = 0
    for found in walk(folder):
        files += found.kind == "audio"
        now = time.monotonic()
        if now - began > LONGEST_COUNT_SECONDS:
            yield Counted(files, whole=False, seconds_to_index=_seconds_to_index(files))
            return
        if now - told > TELL_SECONDS:
            told = now
            yield Counted(files, whole=False)
    yield Counted(files, whole=True, seconds_to_index=_seconds_to_index(files))


def _seconds_to_index(files: int) -> float:
    """Return what so many songs of the usual length cost, stage by stage, by the measures that indexing begins with."""
    from indexer.forecast import SECONDS_A_UNIT
    from indexer.workload import seconds_of_sound

    units = {"listening": seconds_of_sound(SONG_SECONDS), "reading words again": 0.0, "looking at covers": 1 / 12}
    return files * sum(cost * units.get(stage, 1.0) for stage, cost in SECONDS_A_UNIT.items())


def told_count(counted: Counted) -> str:
    """Return "1,234 audio files · about 6 minutes"; a folder without any says what is looked for."""
    if not counted.files:
        return "No audio files in there." if counted.whole else "Looking …"
    many = "file" if counted.files == 1 else "files"
    said = f"{'' if counted.whole else 'more than '}{counted.files:,} audio {many}"
    return f"{said} · {_about(counted.seconds_to_index)}" if counted.seconds_to_index else f"{said} …"


def _about(seconds: float) -> str:
    minutes = seconds / 60
    if minutes < 1:
        return "indexed in less than a minute"
    if minutes < 90:
        return f"indexed in about {plural_minutes(minutes)}"
    return f"indexed in about {minutes / 60:.0f} hours"


def plural_minutes(minutes: float) -> str:
    """Return "1 minute" or "12 minutes"."""
    return "1 minute" if round(minutes) == 1 else f"{minutes:.0f} minutes"


def folder_of(text: str) -> Path:
    """Return the folder that was typed, absolute, with ~ expanded; the ~ of nobody stays as it is."""
    return Path(os.path.expanduser(text.strip())).absolute()


def trouble_with(text: str) -> str:
    """Return in one line why the folder cannot be read, "" when it can."""
    if not text.strip():
        return "Type the folder that holds your music."
    folder = folder_of(text)
    if not os.path.exists(folder):
        return f"There is no {folder}: check the spelling, or mount the disk."
    if not os.path.isdir(folder):
        return f"{folder} is a file: type the folder that holds it."
    if not os.access(folder, os.R_OK | os.X_OK):
        return f"{folder} may not be read by you: change its permissions, or type another."
    return ""


def completed(value: str) -> str | None:
    """Return `value` completed to the first folder, by name, that begins like it; hidden ones only when asked for."""
    if not value:
        return None
    head, _, start = value.rpartition("/")
    parent = os.path.expanduser(head + "/") if "/" in value else os.curdir
    try:
        with os.scandir(parent) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(start) and entry.is_dir())
    except (OSError, ValueError):
        return None
    visible = [name for name in names if not name.startswith(".") or start.startswith(".")]
    return f"{head}/{visible[0]}/" if "/" in value and visible else visible[0] + "/" if visible else None

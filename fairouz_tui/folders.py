"""Know the folders that are typed: complete them, say what is wrong with them, count the music in them."""

import os
import re
import shlex
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

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
        return (
            "No audio files in there (mp3, flac, ogg, opus, m4a, wav and others are looked for)."
            if counted.whole
            else "Looking …"
        )
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
    """Return the folder that was typed, pasted or dropped onto the terminal, absolute.

    ~ and $VARIABLES are expanded; the ~ of nobody stays as it is. Quotes, backslashes and file:// are taken off unless
    a folder is called just so.
    """
    typed = _expanded(text.strip())
    return typed if os.path.exists(typed) else _expanded(_unquoted(text.strip()))


def _expanded(text: str) -> Path:
    return Path(os.path.expandvars(os.path.expanduser(text))).absolute()


def _unquoted(text: str) -> str:
    """Return what a shell would read as one word, or what an address of a file names; anything else as it is."""
    if text.startswith("file://"):
        return unquote(text.removeprefix("file://"))
    try:
        words = shlex.split(text)
    except ValueError:  # a single quote: Don't Look Back
        return text
    return words[0] if len(words) == 1 else text


def usual_music_folder() -> Path:
    """Return the desktop's music folder, which has its name in the user's language, or ~/Music where none is set."""
    named = re.search(r'^XDG_MUSIC_DIR="(.+)"', _desktop_folders(), re.MULTILINE)
    folder = _expanded(named[1]) if named else Path(os.path.expanduser("~/Music"))
    return Path(os.path.expanduser("~/Music")) if folder == Path.home() else folder


def _desktop_folders() -> str:
    configuration = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    try:
        return Path(configuration, "user-dirs.dirs").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def trouble_with(text: str) -> str:
    """Return in one line why the folder that was typed cannot be read, "" when it can."""
    return trouble_in(folder_of(text)) if text.strip() else "Type the folder that holds your music."


def trouble_in(folder: Path) -> str:
    """Return in one line why a folder cannot be read, "" when it can."""
    if not os.path.exists(folder):
        return f"There is no {folder}: check the spelling, or mount the disk."
    if not os.path.isdir(folder):
        return f"{folder} is a file: type the folder that holds it."
    if not os.access(folder, os.R_OK | os.X_OK):
        return f"{folder} may not be read by you: change its permissions, or type another."
    return ""


def caution(folder: Path) -> str:
    """Return what speaks against reading a folder that can be read, "" for most."""
    if folder == Path(folder.anchor):
        return "That is the whole computer: better a folder that holds music alone."
    if folder == Path.home():
        return "That is your whole home folder: better a folder that holds music alone."
    return ""


def taken_with(folders: Sequence[Path], folder: Path) -> list[Path]:
    """Return the folders with one more, none of them inside another: what lies in a folder is read with it."""
    if any(one == folder or one in folder.parents for one in folders):
        return [*folders]
    return [*(one for one in folders if folder not in one.parents), folder]


def completed(value: str) -> str | None:
    """Return `value` completed to the first folder, by name, that begins like it; hidden ones only when asked for.

    Where none begins just so, capitals and small letters are alike.
    """
    if value == "~":
        return "~/"
    if not value:
        return None
    head, slash, start = value.rpartition("/")
    parent = os.path.expanduser(head + slash) if slash else os.curdir
    try:
        with os.scandir(parent) as entries:
            names = [entry.name for entry in entries if _begins(entry.name, start) and entry.is_dir()]
    except (OSError, ValueError):
        return None
    visible = [name for name in names if not name.startswith(".") or start.startswith(".")]
    first = min(visible, key=lambda name: (not name.startswith(start), name), default=None)
    return None if first is None else f"{head}{slash}{first}/"


def _begins(name: str, start: str) -> bool:
    return unicodedata.normalize("NFC", name).casefold().startswith(unicodedata.normalize("NFC", start).casefold())

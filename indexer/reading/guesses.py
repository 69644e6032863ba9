"""Guess from a file's path what its tags do not say: "Artist/Album/03 Title.flac", "Artist - Title.mp3".

A guess fills only what is missing, and every filled field is named in Tags.guessed. Folders are believed when there are
two of them (artist, album) or one that names both ("Artist - Album"); a single folder may be anything.
"""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from indexer.reading.cleaning import clean_line, decode_name
from indexer.reading.credits import featured_in_title, is_placeholder, split_featured
from indexer.track import Credit, Role, Tags

_DISC = re.compile(r"^(?:cd|dis[ck]|disque|vinyl|side)\s*[-_.#]?\s*(?P<number>\d{1,2})\b.*$", re.IGNORECASE)
_NUMBERED = re.compile(r"^(?:(?P<disc>\d{1,2})[-.])?(?P<track>\d{1,3})(?P<joint>\s*[-–._)]+\s*|\s+|_)(?P<title>\S.*)$")
_DASHED = re.compile(r"\s+[-–—]\s+")
_YEARED = re.compile(
    r"^(?:[(\[]?(?P<before>(?:19|20)\d{2})[)\]]?\s*[-–.]?\s+)?"
    r"(?P<name>.+?)(?:\s*[(\[](?P<after>(?:19|20)\d{2})[)\]])?$"
)
_LOOSE = frozenset(
    (
        "unsorted", "music", "downloads", "download", "incoming", "inbox", "misc", "new", "tracks", "audio", "songs",
        "mp3", "flac", "untagged", "unknown artist", "unknown",
    )
)  # fmt: skip
"""Folders that are places, not artists or albums; so is every folder whose name begins with an underscore."""
_GUESSED = ("title", "artist", "album", "year", "track_number", "disc_number")
_NO_ALBUM = frozenset(("singles", "unknown album", "other", "loose", "misc", "tracks", "songs", "demos"))


def fill_missing(tags: Tags, relative: str) -> Tags:
    """Return `tags` with its empty fields guessed from the path below the root; the title is never empty afterwards.

    An artist is guessed as a credit too, with evidence "path".
    """
    guess = guess_from_path(relative)
    filled: dict[str, Any] = {name: getattr(guess, name) for name in guess.guessed if not getattr(tags, name)}
    has_artist = bool(tags.artist) or any(credit.role is Role.ARTIST for credit in tags.credits)
    if has_artist:
        filled.pop("artist", None)
        if "title" in filled:
            filled["title"] = _without_artist(filled["title"], tags.artist)
    credits = tags.credits + (guess.credits if "artist" in filled else ())
    return replace(tags, **filled, credits=credits, guessed=frozenset(filled))


def guess_from_path(relative: str) -> Tags:
    """Guess title and, where the path tells them, artist, album, year, track and disc; `guessed` names them."""
    folder, _, name = relative.rpartition("/")
    artist, album, year, disc, in_folder = _from_folder(folder)
    title, track, disc_in_name = _from_name(clean_line(decode_name(name)), in_folder=in_folder)
    named, separator, rest = _partition_dash(title)
    if separator and not artist:
        artist, title = named, rest
    elif separator and named.casefold() == artist.casefold():
        title = rest
    artist = "" if is_placeholder(artist) else artist
    tags = Tags(
        title=title or "untitled",
        artist=artist,
        credits=_credits(artist, title),
        album=album,
        year=year or None,
        track_number=track or None,
        disc_number=disc or disc_in_name or None,
    )
    return replace(tags, guessed=frozenset(field for field in _GUESSED if getattr(tags, field)))


@lru_cache(maxsize=64)  # the files of an album come one after another
def _from_folder(folder: str) -> tuple[str, str, int | None, int | None, bool]:
    """Return artist, album, year and disc, and whether there is a folder but for the disc's; "" is the root."""
    parts = [clean_line(decode_name(part)) for part in folder.split("/")] if folder else []
    folders, disc = _take_disc(parts)
    return *_from_folders(folders), disc, bool(folders)


def _take_disc(folders: list[str]) -> tuple[list[str], int | None]:
    """Drop a last folder such as "CD1" or "Disc 2" and return its number."""
    match = _DISC.match(folders[-1]) if folders else None
    return (folders[:-1], int(match["number"])) if match else (folders, None)


def _from_folders(folders: list[str]) -> tuple[str, str, int | None]:
    """Return artist, album and year, empty or None where the folders do not tell."""
    if not folders or any(folder.startswith("_") or folder.lower() in _LOOSE for folder in folders[-2:]):
        return "", "", None
    year, album = _take_year(folders[-1])
    named, separator, rest = _partition_dash(album)
    if len(folders) == 1:
        if not separator:
            return "", "", None
        return named, rest, year
    artist = folders[-2]
    if separator and named.casefold() == artist.casefold():
        album = rest
    if album.lower() in _NO_ALBUM:
        album = ""
    return ("" if is_placeholder(artist) else artist), album, year


def _take_year(folder: str) -> tuple[int | None, str]:
    """Divide "1999 - Album", "[1999] Album" or "Album (1999)" into year and name."""
    match = _YEARED.match(folder)
    if match is None:
        return None, folder
    year = match["before"] or match["after"]
    return (int(year) if year else None), match["name"]


def _from_name(name: str, *, in_folder: bool) -> tuple[str, int | None, int | None]:
    """Return title, track and disc of a file's name.

    A number followed by nothing but a space is a track only when it is written as one (two digits) inside a folder:
    "99 Luftballons" in the root keeps its number.
    """
    stem = name.rpartition(".")[0] or name
    if " " not in stem:
        stem = stem.replace("_", " ").strip()
    match = _NUMBERED.match(stem)
    if match is None or (match["joint"].isspace() and not (in_folder and len(match["track"]) == 2)):
        return stem, None, None
    disc = int(match["disc"]) if match["disc"] else None
    return match["title"], int(match["track"]) or None, disc


def _partition_dash(text: str) -> tuple[str, str, str]:
    match = _DASHED.search(text)
    return (text[: match.start()], match[0], text[match.end() :]) if match else (text, "", "")


def _without_artist(title: str, artist: str) -> str:
    """Drop the artist before the dash of a guessed title when the tags name the same one."""
    named, separator, rest = _partition_dash(title)
    return rest if separator and named.casefold() == artist.casefold() else title


def _credits(artist: str, title: str) -> tuple[Credit, ...]:
    if not artist:
        return ()
    main, guests = split_featured(artist)
    guests = (*guests, *featured_in_title(title))
    return (Credit(main, Role.ARTIST, "path"), *(Credit(guest, Role.FEATURED, "path") for guest in guests))

"""Read what a file says about itself, whatever its tag system, into one frozen record.

The systems: ID3 (mp3, aiff, wav, dsf, dff, tta), Vorbis comments (flac, ogg, opus, spx), MP4, ASF, APEv2 (wv, ape, mpc,
tak, ofr).
"""

import re
from collections.abc import Callable, Iterable
from math import isfinite
from typing import Any

from mutagen.id3 import ID3, TCON

from indexer.reading.cleaning import clean_line
from indexer.reading.credits import featured_in_title, split_featured
from indexer.reading.fields import MAXIMUM_VALUES, Fields, fields_of, merge
from indexer.reading.media import ape_tags, bare_tags
from indexer.track import Credit, Role, Tags

LARGEST_GAIN_DB = 60.0
"""Past this a ReplayGain value is a mistake, not a loudness."""

OPUS_REFERENCE_OFFSET_DB = 5.0
"""R128 gains aim at -23 LUFS, ReplayGain 2 at -18 (RFC 7845, section 5.2.1)."""

_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2}|2100)(?=\d{4}(?!\d)|\D|$)")
_NUMBER = re.compile(r"\d{1,5}")
_GENRE_NUMBER = re.compile(r"\(?(\d{1,3})\)?")
_GENRE_JOINT = re.compile(r"[;/,|\0]|\\\\")
_VALUE_JOINT = re.compile(r"\0|;\s+|\\\\")
_PERFORMED = re.compile(r"^(?P<name>.+?)\s*\((?P<trade>[^()]*)\)$")
_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ENSEMBLES = frozenset(("orchestra", "choir", "ensemble", "chorus", "string quartet"))
_ROLES = {
    "composer": Role.COMPOSER,
    "lyricist": Role.LYRICIST,
    "conductor": Role.CONDUCTOR,
    "ensemble": Role.ENSEMBLE,
    "remixer": Role.REMIXER,
}


def media_fields(media: Any | None, path: str) -> Fields:
    """Return the fields of an opened file, or of tags that stand alone; an untitled ID3 is completed from an APEv2."""
    tags = media.tags if media is not None else None
    fields = fields_of(tags or bare_tags(path))
    if "title" in fields or (tags and not isinstance(tags, ID3)):
        return fields
    return merge(fields, fields_of(ape_tags(path)))


def tags_from_fields(fields: Fields) -> Tags:
    """Make the record of one file from its fields; {} gives empty Tags."""
    artists = _values(fields, "artist", split=_VALUE_JOINT)
    return Tags(
        title=_first(fields, "title"),
        artist="; ".join(artists or _values(fields, "artists", split=_VALUE_JOINT)),
        credits=_credits(fields),
        album=_first(fields, "album"),
        album_artist="; ".join(_values(fields, "albumartist", split=_VALUE_JOINT)),
        genres=_genres(fields),
        year=_year([*fields.get("date", ()), *fields.get("originaldate", ())]),
        track_number=_number(fields, "track"),
        disc_number=_number(fields, "disc"),
        work=_first(fields, "work"),
        movement=_first(fields, "movement"),
        comment=_first(fields, "comment"),
        compilation=_first(fields, "compilation").lower() in ("1", "true", "yes"),
        musicbrainz_recording=_identifier(fields, "recording"),
        musicbrainz_release=_identifier(fields, "release"),
        replaygain_track_db=_gain(fields, "track"),
        replaygain_album_db=_gain(fields, "album"),
    )


def _credits(fields: Fields) -> tuple[Credit, ...]:
    """Return every name in its role, once, in the order artist, featured, album artist, the others."""
    several = _values(fields, "artists", split=_VALUE_JOINT)
    artists = several if len(several) > 1 else _values(fields, "artist", split=_VALUE_JOINT) or several
    credits = _artist_credits(artists, _identifiers(fields, "artist_id"), Role.ARTIST)
    credits += [Credit(name, Role.FEATURED, "feat.") for name in featured_in_title(_first(fields, "title"))]
    album_artists = _values(fields, "albumartist", split=_VALUE_JOINT)
    credits += _artist_credits(album_artists, _identifiers(fields, "albumartist_id"), Role.ALBUM_ARTIST)
    for field, role in _ROLES.items():
        names = [_performed(name)[0] for name in _values(fields, field, split=_VALUE_JOINT)]
        credits += [Credit(name, role, _listed(names)) for name in names]
    for value in _values(fields, "performer", split=_VALUE_JOINT):
        name, trade = _performed(value)
        credits.append(Credit(name, Role.ENSEMBLE if trade.lower() in _ENSEMBLES else Role.PERFORMER))
    return _unique(credits, key=lambda credit: (credit.role, credit.name.casefold()))


def _artist_credits(names: list[str], identifiers: list[str], role: Role) -> list[Credit]:
    """Credit each name with its guests; MusicBrainz ids are given where there is one for each name."""
    ids: list[str | None] = list(identifiers) if len(identifiers) == len(names) else [None] * len(names)
    credits: list[Credit] = []
    for name, identifier in zip(names, ids, strict=True):
        main, guests = split_featured(name)
        credits.append(Credit(main, role, _listed(names), None if guests else identifier))
        credits += [Credit(guest, Role.FEATURED, "feat.") for guest in guests]
    return credits


def _listed(names: list[str]) -> str:
    return "list" if len(names) > 1 else "tag"


def _performed(value: str) -> tuple[str, str]:
    """Divide "Name (violin)" into name and trade; without brackets the trade is empty."""
    match = _PERFORMED.match(value)
    return (match["name"], match["trade"]) if match else (value, "")


def _genres(fields: Fields) -> tuple[str, ...]:
    """Return genre names, ID3v1 numbers as names, each once whatever its case."""
    names = (_genre_name(part) for value in fields.get("genre", ()) for part in _GENRE_JOINT.split(value[:10_000]))
    return _unique([name for name in names if name], key=str.casefold)[:MAXIMUM_VALUES]


def _genre_name(part: str) -> str:
    name = re.sub(r"^(?:&|and\b)\s*", "", clean_line(part))
    match = _GENRE_NUMBER.fullmatch(name)
    if match is None:
        return name
    number = int(match[1])
    return str(TCON.GENRES[number]) if number < len(TCON.GENRES) else ""


def _values(fields: Fields, field: str, *, split: re.Pattern[str]) -> list[str]:
    """Return the clean, non-empty values of a field, each divided at `split`."""
    if field not in fields:
        return []
    parts = (part for value in fields.get(field, ()) for part in split.split(value[:40_000])[:MAXIMUM_VALUES])
    return [part for part in map(clean_line, parts) if part][:MAXIMUM_VALUES]


def _first(fields: Fields, field: str) -> str:
    if field not in fields:
        return ""
    return next((line for line in map(clean_line, fields.get(field, ())) if line), "")


def _year(dates: Iterable[str]) -> int | None:
    """Return the first year from 1000 to 2100 in a list of dates of any form."""
    found = (_YEAR.search(date[:100]) for date in dates)
    return next((int(match[1]) for match in found if match), None)


def _number(fields: Fields, field: str) -> int | None:
    """Return the number before the slash of "3/12"; "0" and words give None."""
    match = _NUMBER.search(_first(fields, field).partition("/")[0])
    return int(match[0]) or None if match else None


def _identifiers(fields: Fields, field: str) -> list[str]:
    return [found.lower() for value in fields.get(field, ()) for found in _IDENTIFIER.findall(value[:10_000])]


def _identifier(fields: Fields, field: str) -> str | None:
    return next(iter(_identifiers(fields, field)), None)


def _gain(fields: Fields, scope: str) -> float | None:
    """Return the ReplayGain of "track" or "album" in dB, from Opus's R128 (Q7.8) where that is what stands."""
    gain = _decibels(_first(fields, f"replaygain_{scope}_gain"))
    if gain is None:
        opus = _decibels(_first(fields, f"r128_{scope}_gain"))
        gain = None if opus is None else opus / 256 + OPUS_REFERENCE_OFFSET_DB
    return gain if gain is not None and abs(gain) <= LARGEST_GAIN_DB else None


def _decibels(text: str) -> float | None:
    try:
        value = float(text.lower().removesuffix("db").replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None


def _unique(values: list[Any], *, key: Callable[[Any], Any]) -> tuple[Any, ...]:
    """Keep the first of each kind."""
    first: dict[Any, Any] = {}
    for value in values:
        first.setdefault(key(value), value)
    return tuple(first.values())

"""Bring the tag systems (ID3, Vorbis comments, MP4, ASF, APEv2) to one set of field names.

The values stay as they are in the file, in order and uncleaned; tags.py makes sense of them.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mutagen.apev2 import TEXT, APEv2
from mutagen.asf import ASFTags
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

Fields = dict[str, list[str]]
"""Field name (the values of the tables below) to its values."""

MAXIMUM_VALUES = 64
"""Most values kept of a field; an orchestra's list of performers has about forty."""

_FIELDS = frozenset(
    (
        "title", "artist", "artists", "album", "albumartist", "composer", "lyricist", "performer", "conductor",
        "ensemble", "remixer", "work", "movement", "genre", "comment", "date", "originaldate", "track", "disc",
        "compilation", "recording", "release", "artist_id", "albumartist_id", "replaygain_track_gain",
        "replaygain_album_gain", "r128_track_gain", "r128_album_gain", "lyrics",
    )
)  # fmt: skip
_ALIASES = {
    **{re.sub("[^a-z0-9]", "", name): name for name in _FIELDS},
    "author": "artist",
    "albumtitle": "album",
    "ensembleartist": "albumartist",
    "writer": "lyricist",
    "textwriter": "lyricist",
    "orchestra": "ensemble",
    "choir": "ensemble",
    "band": "ensemble",
    "mixartist": "remixer",
    "modifiedby": "remixer",
    "remixedby": "remixer",
    "movementname": "movement",
    "description": "comment",
    "year": "date",
    "releasedate": "date",
    "originalyear": "originaldate",
    "originalreleaseyear": "originaldate",
    "tracknumber": "track",
    "discnumber": "disc",
    "disk": "disc",
    "partofset": "disc",
    "iscompilation": "compilation",
    "musicbrainztrackid": "recording",
    "musicbrainzrecordingid": "recording",
    "musicbrainzalbumid": "release",
    "musicbrainzreleaseid": "release",
    "musicbrainzartistid": "artist_id",
    "musicbrainzalbumartistid": "albumartist_id",
    "unsyncedlyrics": "lyrics",
    "unsynchronisedlyrics": "lyrics",
    "syncedlyrics": "lyrics",
}
_ID3 = {
    "TIT2": "title", "TPE1": "artist", "TPE2": "albumartist", "TPE3": "conductor", "TPE4": "remixer", "TALB": "album",
    "TCOM": "composer", "TEXT": "lyricist", "MVNM": "movement", "TDRC": "date", "TDRL": "date", "TDOR": "originaldate",
    "TRCK": "track", "TPOS": "disc", "TCMP": "compilation",
}  # fmt: skip
_MP4 = {
    "©nam": "title", "©ART": "artist", "aART": "albumartist", "©alb": "album", "©wrt": "composer", "©gen": "genre",
    "©cmt": "comment", "©day": "date", "©wrk": "work", "©mvn": "movement", "©lyr": "lyrics", "cpil": "compilation",
    "trkn": "track", "disk": "disc", "©con": "conductor",
}  # fmt: skip
_PLAYER_NOTES = re.compile("itun|songs-db|musicmatch|id3v1", re.IGNORECASE)
"""Descriptions of ID3 comments in which players keep numbers."""


def fields_of(tags: Any) -> Fields:
    """Return the fields of a mutagen tag object of any system; None or empty tags give {}."""
    if not tags:
        return {}
    if isinstance(tags, ID3):
        return _id3_fields(tags)
    if isinstance(tags, MP4Tags):
        return _mp4_fields(tags)
    if isinstance(tags, ASFTags):
        return named_fields((name, str(value)) for name, value in tags)
    if isinstance(tags, APEv2):
        return _ape_fields(tags)
    return named_fields(tags)  # Vorbis comments: (name, value) pairs


def named_fields(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Gather (name, value) pairs under our names: "ALBUM ARTIST", "WM/AlbumArtist" and "album_artist" are one field.

    Unknown names are dropped, values past MAXIMUM_VALUES too.
    """
    fields: Fields = {}
    for name, value in pairs:
        plain = re.sub("[^a-z0-9]", "", name.lower().removeprefix("wm/"))
        field = _ALIASES.get(plain)
        if field is not None:
            _add(fields, field, [value])
    return fields


def merge(fields: Fields, other: Mapping[str, list[str]]) -> Fields:
    """Return `fields` with those of `other` that it lacks."""
    return {**other, **fields}


def _ape_fields(tags: Any) -> Fields:
    return named_fields((name, one) for name, value in tags.items() if value.kind == TEXT for one in value)


def _id3_fields(tags: Any) -> Fields:
    frames: dict[str, list[Any]] = {}  # once: every getall() of mutagen's goes through all frames
    for frame in tags.values():
        frames.setdefault(frame.FrameID, []).append(frame)
    fields = named_fields((frame.desc, str(one)) for frame in frames.get("TXXX", ()) for one in frame.text)
    for frame_id, field in _ID3.items():
        values = [str(one) for frame in frames.get(frame_id, ()) for one in frame.text]
        if values:
            fields[field] = values[:MAXIMUM_VALUES]
    _add(fields, "genre", [genre for frame in frames.get("TCON", ()) for genre in frame.genres])
    comments = sorted(frames.get("COMM", ()), key=lambda frame: bool(frame.desc))
    _add(fields, "comment", [str(one) for f in comments if not _PLAYER_NOTES.search(f.desc) for one in f.text])
    for frame_id in ("TMCL", "TIPL", "IPLS"):
        for frame in frames.get(frame_id, ()):
            _add_people(fields, frame.people)
    for frame in frames.get("UFID", ()):
        if frame.owner == "http://musicbrainz.org":
            fields["recording"] = [frame.data.decode("ascii", "replace")]
    for frame in frames.get("RVA2", ()):
        _add(fields, f"replaygain_{frame.desc.lower()}_gain", [str(frame.gain)])
    return fields


def _add_people(fields: Fields, people: Iterable[Any]) -> None:
    """Add the pairs of a list of people: what they did, and their name."""
    trades = {"orchestra": "ensemble", "ensemble": "ensemble", "choir": "ensemble", "conductor": "conductor",
              "remixer": "remixer", "lyricist": "lyricist", "composer": "composer"}  # fmt: skip
    behind_the_desk = {"producer", "engineer", "mix", "dj-mix", "arranger", "mastering", "executive producer"}
    for pair in people:
        if len(pair) == 2 and pair[0].lower() not in behind_the_desk:
            _add(fields, trades.get(pair[0].lower(), "performer"), [f"{pair[1]} ({pair[0]})"])


def _mp4_fields(tags: Any) -> Fields:
    fields = named_fields(
        (name.rpartition(":")[2], bytes(one).decode("utf-8", "replace"))
        for name, value in tags.items()
        if name.startswith("----:")
        for one in value
    )
    for name, field in _MP4.items():
        value = tags.get(name)
        if value is not None:
            values = value if isinstance(value, list) else [value]
            fields[field] = [_mp4_text(one) for one in values[:MAXIMUM_VALUES]]
    return fields


def _mp4_text(value: Any) -> str:
    """Return a value as text: (3, 12) is "3/12", True is "1"."""
    if isinstance(value, tuple):
        return "/".join(str(number) for number in value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _add(fields: Fields, field: str, values: list[str]) -> None:
    if field in _FIELDS and values:
        fields[field] = [*fields.get(field, ()), *values][:MAXIMUM_VALUES]

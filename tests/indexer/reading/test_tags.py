"""Tags of every system, and tags that mean harm."""

from pathlib import Path
from typing import Any

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.apev2 import APEv2
from mutagen.asf import ASF
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from indexer.errors import ReadError
from indexer.reading.cleaning import clean_line, clean_lines
from indexer.reading.media import open_media
from indexer.reading.tags import media_fields, tags_from_fields
from indexer.track import Credit, Role, Tags
from tests.indexer.reading.audio_files import make_audio

RECORDING, RELEASE = "11111111-aaaa-4bbb-8ccc-000000000001", "11111111-aaaa-4bbb-8ccc-000000000002"
PERSON, OTHER = "11111111-aaaa-4bbb-8ccc-000000000003", "11111111-aaaa-4bbb-8ccc-000000000004"

VORBIS = {
    "TITLE": ["Song (feat. Guest)"],
    "ARTIST": ["A", "B"],
    "ALBUM": ["Album"],
    "ALBUMARTIST": ["Band"],
    "COMPOSER": ["Comp"],
    "LYRICIST": ["Lyr"],
    "CONDUCTOR": ["Con"],
    "PERFORMER": ["Per (violin)", "Phil (orchestra)"],
    "REMIXER": ["Rem"],
    "GENRE": ["Rock; Drum & Bass", "R&B/Soul"],
    "DATE": ["2004-06-01"],
    "TRACKNUMBER": ["3/12"],
    "DISCNUMBER": ["2"],
    "WORK": ["Work"],
    "MOVEMENTNAME": ["Move"],
    "COMPILATION": ["1"],
    "MUSICBRAINZ_TRACKID": [RECORDING],
    "MUSICBRAINZ_ALBUMID": [RELEASE],
    "MUSICBRAINZ_ARTISTID": [PERSON, OTHER],
    "REPLAYGAIN_TRACK_GAIN": ["-6.50 dB"],
}
APE_NAMES = {"ALBUMARTIST": "Album Artist", "TRACKNUMBER": "Track", "DISCNUMBER": "Disc", "DATE": "Year"}
ASF_NAMES = {
    "TITLE": "Title",
    "ARTIST": "Author",
    "ALBUM": "WM/AlbumTitle",
    "ALBUMARTIST": "WM/AlbumArtist",
    "COMPOSER": "WM/Composer",
    "LYRICIST": "WM/Writer",
    "CONDUCTOR": "WM/Conductor",
    "REMIXER": "WM/ModifiedBy",
    "GENRE": "WM/Genre",
    "DATE": "WM/Year",
    "TRACKNUMBER": "WM/TrackNumber",
    "DISCNUMBER": "WM/PartOfSet",
    "COMPILATION": "WM/IsCompilation",
    "MUSICBRAINZ_TRACKID": "MusicBrainz/Track Id",
    "MUSICBRAINZ_ALBUMID": "MusicBrainz/Album Id",
    "MUSICBRAINZ_ARTISTID": "MusicBrainz/Artist Id",
}
MP4_NAMES = {
    "TITLE": "©nam", "ARTIST": "©ART", "ALBUM": "©alb", "ALBUMARTIST": "aART", "COMPOSER": "©wrt", "GENRE": "©gen",
    "DATE": "©day", "WORK": "©wrk", "MOVEMENTNAME": "©mvn",
}  # fmt: skip
ID3_FRAMES = {
    "TITLE": "TIT2", "ARTIST": "TPE1", "ALBUM": "TALB", "ALBUMARTIST": "TPE2", "COMPOSER": "TCOM", "LYRICIST": "TEXT",
    "CONDUCTOR": "TPE3", "REMIXER": "TPE4", "GENRE": "TCON", "DATE": "TDRC", "TRACKNUMBER": "TRCK",
    "DISCNUMBER": "TPOS", "MOVEMENTNAME": "MVNM", "COMPILATION": "TCMP",
}  # fmt: skip
ID3_DESCRIPTIONS = {
    "MUSICBRAINZ_ALBUMID": "MusicBrainz Album Id",
    "MUSICBRAINZ_ARTISTID": "MusicBrainz Artist Id",
}


def read_tags(path: Path) -> Tags:
    """Read the tags alone, before anything is guessed from the path."""
    return tags_from_fields(media_fields(open_media(str(path)), str(path)))


def write_tags(path: Path) -> None:
    """Write VORBIS above in the file's own system."""
    media: Any = mutagen.File(path)
    if media.tags is None:
        media.add_tags()
    if isinstance(media.tags, ID3):
        _write_id3(media.tags)
    elif isinstance(media, MP4):
        _write_mp4(media.tags)
    else:
        names = ASF_NAMES if isinstance(media, ASF) else APE_NAMES if isinstance(media.tags, APEv2) else {}
        for name, values in VORBIS.items():
            media.tags[names.get(name, name)] = values
    media.save()


def _write_id3(tags: Any) -> None:
    for name, values in VORBIS.items():
        if name == "PERFORMER":
            tags.add(mutagen.id3.TMCL(people=[["violin", "Per"], ["orchestra", "Phil"]]))
        elif name == "MUSICBRAINZ_TRACKID":
            tags.add(mutagen.id3.UFID(owner="http://musicbrainz.org", data=values[0].encode()))
        elif name in ID3_FRAMES:
            tags.add(getattr(mutagen.id3, ID3_FRAMES[name])(encoding=3, text=values))
        else:
            tags.add(mutagen.id3.TXXX(encoding=3, desc=ID3_DESCRIPTIONS.get(name, name), text=values))


def _write_mp4(tags: Any) -> None:
    tags["trkn"], tags["disk"], tags["cpil"] = [(3, 12)], [(2, 0)], True
    for name, values in VORBIS.items():
        if name in MP4_NAMES:
            tags[MP4_NAMES[name]] = values
        elif name not in ("TRACKNUMBER", "DISCNUMBER", "COMPILATION"):
            spelled = "MusicBrainz Track Id" if name == "MUSICBRAINZ_TRACKID" else name
            tags[f"----:com.apple.iTunes:{spelled}"] = [value.encode() for value in values]


@pytest.mark.parametrize("ending", ["mp3", "aiff", "wav", "flac", "ogg", "opus", "m4a", "wma", "wv", "tta"])
def test_every_field_of_every_system(tmp_path: Path, ending: str) -> None:
    path = make_audio(tmp_path / f"song.{ending}", seconds=0.5)
    write_tags(path)
    assert read_tags(path) == Tags(
        title="Song (feat. Guest)",
        artist="A; B",
        credits=(
            Credit("A", Role.ARTIST, "list", PERSON),
            Credit("B", Role.ARTIST, "list", OTHER),
            Credit("Guest", Role.FEATURED, "feat."),
            Credit("Band", Role.ALBUM_ARTIST),
            Credit("Comp", Role.COMPOSER),
            Credit("Lyr", Role.LYRICIST),
            Credit("Con", Role.CONDUCTOR),
            *((Credit("Phil", Role.ENSEMBLE),) if ending in ("mp3", "aiff", "wav", "tta") else ()),
            Credit("Rem", Role.REMIXER),
            Credit("Per", Role.PERFORMER),
            *((Credit("Phil", Role.ENSEMBLE),) if ending not in ("mp3", "aiff", "wav", "tta") else ()),
        ),
        album="Album",
        album_artist="Band",
        genres=("Rock", "Drum & Bass", "R&B", "Soul"),
        year=2004,
        track_number=3,
        disc_number=2,
        work="Work",
        movement="Move",
        compilation=True,
        musicbrainz_recording=RECORDING,
        musicbrainz_release=RELEASE,
        replaygain_track_db=-6.5,
    )


@pytest.mark.parametrize("ending", ["mp3", "flac", "m4a", "wma", "wv"])
def test_an_untagged_file_has_empty_tags(tmp_path: Path, ending: str) -> None:
    tags = read_tags(make_audio(tmp_path / f"song.{ending}", seconds=0.5))
    assert (tags.title, tags.artist, tags.credits, tags.genres) == ("", "", (), ())


def test_an_mp3_with_ape_tags_only_is_read(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3", seconds=0.5)
    tags = APEv2()
    tags["Title"] = "Ape"
    tags.save(str(path))
    assert read_tags(path).title == "Ape"


def test_a_wrong_ending_is_seen_through(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.flac", seconds=0.5)
    write_tags(path)
    assert read_tags(path.rename(tmp_path / "song.mp3")).album == "Album"


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_tags(tmp_path / "gone.mp3")


def test_a_tag_of_ten_megabytes_is_cut(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3", seconds=0.5)
    frames = ID3()
    frames.add(mutagen.id3.TIT2(encoding=3, text="x" * 10_000_000))
    frames.add(mutagen.id3.TPE1(encoding=3, text=[f"artist {i}" for i in range(1000)]))
    frames.save(path)
    tags = read_tags(path)
    assert len(tags.title) == 10_000
    assert len([credit for credit in tags.credits if credit.role is Role.ARTIST]) == 64


@pytest.mark.parametrize(
    ("genre", "names"),
    [
        ("(17)", ("Rock",)),
        ("17", ("Rock",)),
        ("255", ()),
        ("Rock/rock|POP", ("Rock", "POP")),
        ("Folk, World, & Country", ("Folk", "World", "Country")),
        ("A\0B", ("A", "B")),
        ("80s", ("80s",)),
    ],
)
def test_genres(genre: str, names: tuple[str, ...]) -> None:
    assert tags_from_fields({"genre": [genre]}).genres == names


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("2004", 2004),
        ("20040601", 2004),
        ("1 June 1999", 1999),
        ("0000", None),
        ("99", None),
        ("3000", None),
        ("", None),
    ],
)
def test_years(date: str, year: int | None) -> None:
    assert tags_from_fields({"date": [date]}).year == year


@pytest.mark.parametrize(
    ("field", "value", "gain"),
    [
        ("replaygain_track_gain", "+3,5 dB", 3.5),
        ("replaygain_track_gain", "nan", None),
        ("replaygain_track_gain", "900 dB", None),
        ("r128_track_gain", "-256", 4.0),
    ],
)
def test_gains(field: str, value: str, gain: float | None) -> None:
    assert tags_from_fields({field: [value]}).replaygain_track_db == gain


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\x1b[31mb\r\nc\x00d\x9b", "a[31mb cd"),
        ("abc\u202egnp.exe\u2066", "abcgnp.exe"),
        ("e\u0301", "é"),
        ("CafÃ©", "Café"),
        ("Ù\x81Ù\x8aØ±Ù\x88Ø²", "فيروز"),
        ("Ñandú", "Ñandú"),
        ("a\ud800b", "a\ufffdb"),
        ("\u200fفيروز", "\u200fفيروز"),
    ],
)
def test_lines_are_cleaned(text: str, line: str) -> None:
    assert clean_line(text) == line


@given(st.text(st.characters(exclude_categories=())))
def test_clean_text_can_be_shown_and_stored(text: str) -> None:
    for clean in (clean_line(text), clean_lines(text, maximum=100).replace("\n", "")):
        clean.encode("utf-8")
        assert all(char.isprintable() or char in " \u00a0" or ord(char) > 0xA0 for char in clean)

"""The header, and the hash that tags cannot change."""

import base64
import os
from pathlib import Path
from typing import Any

import av
import mutagen
import pytest
from mutagen.apev2 import APEv2
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3, TIT2

from indexer.reading.media import open_media
from indexer.reading.stream import open_container, probe, refine
from indexer.track import Stream
from tests.indexer.reading.audio_files import ENCODINGS, make_audio

COVER = os.urandom(400_000)
"""Larger than the hashed part and than the smallest of the sounds."""

TAGGED_BY_MUTAGEN = sorted(set(ENCODINGS) - {"aac", "mka"})


def retag(path: Path, cover: bytes) -> None:
    """Write a title and a cover in the way of the file's format."""
    media: Any = mutagen.File(path)
    if media.tags is None:
        media.add_tags()
    if isinstance(media.tags, ID3):
        media.tags.add(TIT2(text="changed"))
        media.tags.add(APIC(data=cover, mime="image/jpeg", type=3))
    elif isinstance(media.tags, APEv2):
        media.tags["Title"] = "changed"
        media.tags["Cover Art (Front)"] = mutagen.apev2.APEValue(b"front.jpg\0" + cover, mutagen.apev2.BINARY)
    elif path.suffix == ".m4a":
        media.tags["©nam"], media.tags["covr"] = ["changed"], [mutagen.mp4.MP4Cover(cover)]
    elif path.suffix == ".wma":
        media.tags["Title"] = "changed"
        media.tags["WM/Picture"] = cover
    else:
        picture = Picture()
        picture.data, picture.type, picture.mime = cover, 3, "image/jpeg"
        media.tags["title"] = "changed"
        media.tags["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    media.save()


def content_hash(path: Path) -> str | None:
    return probe(str(path)).content_hash


@pytest.mark.parametrize("seconds", [0.5, 8.0])
@pytest.mark.parametrize("ending", TAGGED_BY_MUTAGEN)
def test_retagging_does_not_change_the_hash(tmp_path: Path, ending: str, seconds: float) -> None:
    path = make_audio(tmp_path / f"song.{ending}", seconds=seconds)
    before, size = content_hash(path), path.stat().st_size
    assert before
    retag(path, COVER)
    assert path.stat().st_size > size + len(COVER)
    assert content_hash(path) == before
    retag(path, COVER[:1000])
    assert content_hash(path) == before


@pytest.mark.parametrize("ending", ["mp3", "aac"])
@pytest.mark.parametrize("has_xing", [True, False])
def test_tags_at_both_ends_of_a_bare_stream_do_not_change_the_hash(tmp_path: Path, ending: str, has_xing: bool) -> None:
    path = make_audio(tmp_path / f"song.{ending}")
    if not has_xing:
        path.write_bytes(path.read_bytes().replace(b"Info", b"....").replace(b"Xing", b"...."))
    before = content_hash(path)
    ID3().save(path, v1=2)
    tags = APEv2()
    tags["Title"] = "x" * 5000
    tags.save(str(path))
    frames = ID3()
    frames.add(APIC(data=COVER, mime="image/jpeg", type=3))
    frames.save(path, v1=2)
    assert content_hash(path) == before


def test_an_id3_tag_before_a_flac_does_not_change_the_hash(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.flac")
    before = content_hash(path)
    frames = ID3()
    frames.add(TIT2(text="changed"))
    frames.save(path)
    assert path.read_bytes()[:3] == b"ID3"
    assert content_hash(path) == before


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_another_sound_has_another_hash(tmp_path: Path, ending: str) -> None:
    paths = [
        make_audio(tmp_path / f"a.{ending}", seconds=0.5),
        make_audio(tmp_path / f"b.{ending}", seconds=0.5, seed=1),
        make_audio(tmp_path / f"c.{ending}", seconds=0.6),
    ]
    assert len({content_hash(path) for path in paths} - {None}) == 3


def test_the_length_counts_where_the_first_packets_are_the_same(tmp_path: Path) -> None:
    paths = [make_audio(tmp_path / f"{seconds}.wav", seconds=seconds) for seconds in (4.0, 5.0)]
    first, second = (content_hash(path) for path in paths)
    assert first != second


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_headers(tmp_path: Path, ending: str) -> None:
    path = str(make_audio(tmp_path / f"song.{ending}"))
    stream = refine(probe(path).stream, open_media(path))
    assert stream.duration_seconds == pytest.approx(1.0, abs=0.06)
    assert (stream.sample_rate, stream.channels) == (48_000, 2 if ending == "ogg" else 1)
    assert stream.codec
    assert stream.bitrate
    assert stream.bitrate > 30_000


def test_what_is_no_sound_has_no_hash_and_no_header(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"no sound at all" * 100)
    assert content_hash(path) is None
    assert probe(str(path)).problem
    assert probe(str(path)).stream == Stream()


def test_a_playlist_in_disguise_opens_nothing(tmp_path: Path) -> None:
    target = make_audio(tmp_path / "real.mp3")
    disguised = tmp_path / "song.mp3"
    disguised.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{target}\n#EXT-X-ENDLIST\n")
    assert content_hash(disguised) is None


def test_names_that_are_no_utf8_can_be_opened(tmp_path: Path) -> None:
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.wav"))
    Path(path).write_bytes(make_audio(tmp_path / "x.wav").read_bytes())
    assert content_hash(Path(path)) == content_hash(tmp_path / "x.wav")


def test_a_dsf_is_hashed_up_to_its_tag(tmp_path: Path) -> None:
    path = tmp_path / "song.dsf"
    path.write_bytes(dsf_of_silence())
    before = content_hash(path)
    assert before
    retag(path, COVER)
    assert path.stat().st_size > len(COVER)
    assert content_hash(path) == before


def dsf_of_silence() -> bytes:
    """Make one block of one-bit silence by the DSF specification; no encoder for it exists in PyAV."""
    block = b"\x69" * 4096
    numbers = b"".join(n.to_bytes(4, "little") for n in (1, 0, 1, 1, 2_822_400, 1))
    form = (
        b"fmt " + (52).to_bytes(8, "little") + numbers + (32_768).to_bytes(8, "little") + (4096).to_bytes(4, "little")
    )
    sound = form + bytes(4) + b"data" + (12 + len(block)).to_bytes(8, "little") + block
    return b"DSD " + (28).to_bytes(8, "little") + (28 + len(sound)).to_bytes(8, "little") + bytes(8) + sound


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_the_format_named_beforehand_is_the_one_found(tmp_path: Path, ending: str) -> None:
    """Only mp3 is named, whatever the file is called, and nothing else is taken for it."""
    path = make_audio(tmp_path / f"a.{ending}").rename(tmp_path / "a.other")
    with av.open(str(path)) as found, open_container(str(path)) as named:
        assert named.format.name == found.format.name
        assert named.duration == found.duration
        assert [packet.size for packet in named.demux()] == [packet.size for packet in found.demux()]


def test_what_begins_like_mp3_and_is_none_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"\xff\xfb" + b"no frame" * 500)
    assert probe(str(path)).problem
    assert probe(str(path)).stream == Stream()

"""One file read whole, and files from which nothing can be read."""

import os
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen.id3 import ID3, TIT2

from indexer.errors import ReadError
from indexer.reading.file import read_file
from indexer.reading.stream import probe
from tests.indexer.reading.audio_files import ENCODINGS, make_audio, picture


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_every_format_gives_a_reading(tmp_path: Path, ending: str) -> None:
    path = make_audio(tmp_path / f"02 Song.{ending}", seconds=0.5)
    (tmp_path / "cover.jpg").write_bytes(picture())
    (tmp_path / (path.stem + ".lrc")).write_text("[00:01]word")
    reading = read_file(str(path), f"Someone/Album/{path.name}")
    assert reading.problems == ()
    assert (reading.tags.artist, reading.tags.album, reading.tags.track_number) == ("Someone", "Album", 2)
    assert reading.content_hash == probe(str(path)).content_hash
    assert reading.stream.duration_seconds == pytest.approx(0.5, abs=0.1)
    assert reading.cover is not None
    assert reading.lyrics is not None


def test_tags_that_only_the_container_knows_are_taken(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    name = b"INAM" + (8).to_bytes(4, "little") + "Caf\u00e9 1\0".encode("latin-1")[:8].ljust(8, b"\0")
    chunk = b"LIST" + (4 + len(name)).to_bytes(4, "little") + b"INFO" + name
    data = path.read_bytes() + chunk
    path.write_bytes(data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:])
    assert read_file(str(path), "song.wav").tags.title.startswith("Caf")


def test_tags_without_sound_are_a_reading_without_a_hash(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    tags = ID3()
    tags.add(TIT2(encoding=3, text="Title"))
    tags.save(path)
    reading = read_file(str(path), "song.mp3")
    assert reading.tags.title == "Title"
    assert reading.content_hash is None
    assert reading.problems == ()


def test_a_broken_cover_is_a_problem_and_the_rest_stands(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3", seconds=0.5)
    (tmp_path / "cover.jpg").write_bytes(b"no picture")
    reading = read_file(str(path), "song.mp3")
    assert reading.content_hash
    assert reading.problems == ("cover.jpg: not a picture",)


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_cut_short_at_any_place_it_is_read_or_refused(tmp_path: Path, ending: str) -> None:
    whole = make_audio(tmp_path / f"song.{ending}", seconds=0.5).read_bytes()
    path = tmp_path / f"cut.{ending}"
    outcomes: set[bool | str] = set()
    for size in (1, 10, 60, 200, 500, 1500, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        try:
            outcomes.add(bool(read_file(str(path), path.name).tags.title))
        except ReadError as error:
            outcomes.add(error.reason)
    assert True in outcomes
    assert len(outcomes) > 1
    assert not any("\n" in str(outcome) for outcome in outcomes)


def test_what_is_no_music_is_refused_with_a_reason(tmp_path: Path) -> None:
    cases = {
        "empty.mp3": (b"", "empty file"),
        "text.flac": (b"words " * 50, "not audio"),
        "x.ogg": (b"\0", "not audio"),
    }
    for name, (data, reason) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ReadError, match=reason):
            read_file(str(tmp_path / name), name)
    with pytest.raises(ReadError, match="no such file"):
        read_file(str(tmp_path / "gone.mp3"), "gone.mp3")
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(ReadError, match="not a file"):
        read_file(str(tmp_path / "pipe.mp3"), "pipe.mp3")


def test_a_name_that_is_no_utf8(tmp_path: Path) -> None:
    path = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"caf\xe9.flac"))
    Path(path).write_bytes(make_audio(tmp_path / "x.flac", seconds=0.5).read_bytes())
    media: Any = mutagen.File(path)
    media["artist"] = "A"
    media.save()
    reading = read_file(path, os.path.basename(path))
    assert (reading.tags.title, reading.tags.artist, reading.problems) == ("café", "A", ())

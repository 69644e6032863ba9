"""Words: LRC, embedded, beside the file."""

from pathlib import Path
from typing import Any

import mutagen
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutagen.id3 import ID3, SYLT, USLT

from indexer.reading.fields import fields_of
from indexer.reading.lyrics import LARGEST_BYTES, parse_lyrics, read_lyrics
from indexer.reading.media import open_media
from indexer.track import Lyrics
from tests.indexer.reading.audio_files import make_audio


def words(path: Path) -> Lyrics | None:
    media = open_media(str(path))
    return read_lyrics(str(path), media=media, fields=fields_of(media.tags) if media else {})


def test_lrc_lines_are_sorted_repeated_and_bare_of_word_stamps() -> None:
    text = "[ar:Someone]\n[00:10.50][01:00]chorus\n[00:05:25]<00:05.25>first <00:06.00>line\n[00:20]\n"
    assert parse_lyrics(text, source=".lrc") == Lyrics("first line\nchorus\n\nchorus", (5.25, 10.5, 20.0, 60.0), ".lrc")


@pytest.mark.parametrize(("offset", "times"), [("500", (9.5,)), ("-500", (10.5,)), ("+20000", (0.0,)), ("x", (10.0,))])
def test_a_positive_offset_makes_lines_sooner(offset: str, times: tuple[float, ...]) -> None:
    lyrics = parse_lyrics(f"[00:10.00]word\n[offset:{offset}]", source=".lrc")
    assert lyrics is not None
    assert lyrics.times == times


def test_a_line_without_a_stamp_goes_with_the_line_before() -> None:
    assert parse_lyrics("[00:02]b\nmore\n[00:01]a", source="") == Lyrics("a\nb\nmore", (1.0, 2.0, 2.0))


@pytest.mark.parametrize("text", ["", "  \n\n", "[ar:Someone]\n[ti:Song]", "[00:01]\n[00:02]"])
def test_no_words_are_no_lyrics(text: str) -> None:
    assert parse_lyrics(text, source="") is None


def test_a_section_name_in_plain_words_stays() -> None:
    assert parse_lyrics("[Chorus]\nla la", source="") == Lyrics("[Chorus]\nla la")


def test_id3_words_with_times_win_over_plain_ones(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3", seconds=0.5)
    tags = ID3()
    tags.add(USLT(encoding=3, lang="eng", text="plain\r\nwords"))
    tags.save(path)
    assert words(path) == Lyrics("plain\nwords", (), "USLT")
    tags.add(SYLT(encoding=3, lang="eng", format=2, type=1, text=[("two", 2000), ("one", 1000)]))
    tags.save(path)
    assert words(path) == Lyrics("one\ntwo", (1.0, 2.0), "SYLT")


@pytest.mark.parametrize(
    ("ending", "key", "source"),
    [
        ("flac", "LYRICS", "LYRICS"),
        ("ogg", "UNSYNCEDLYRICS", "LYRICS"),
        ("m4a", "©lyr", "©lyr"),
        ("wma", "WM/Lyrics", "LYRICS"),
        ("wv", "Lyrics", "LYRICS"),
    ],
)
def test_embedded_words_of_other_systems(tmp_path: Path, ending: str, key: str, source: str) -> None:
    path = make_audio(tmp_path / f"song.{ending}", seconds=0.5)
    media: Any = mutagen.File(path)
    if media.tags is None:
        media.add_tags()
    media.tags[key] = ["[00:01.00]timed"]
    media.save()
    assert words(path) == Lyrics("timed", (1.0,), source)


def test_the_order_of_sources(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.flac", seconds=0.5)
    assert words(path) is None
    (tmp_path / "song.txt").write_text("from txt")
    assert words(path) == Lyrics("from txt", (), ".txt")
    (tmp_path / "song.lrc").write_text("from plain lrc")
    assert words(path) == Lyrics("from plain lrc", (), ".lrc")
    media: Any = mutagen.File(path)
    media["lyrics"] = "embedded"
    media.save()
    assert words(path) == Lyrics("embedded", (), "LYRICS")
    (tmp_path / "song.lrc").write_text("[00:01]from lrc")
    assert words(path) == Lyrics("from lrc", (1.0,), ".lrc")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    (tmp_path / "song.lrc").write_bytes("[00:01]Für Élise".encode(encoding))
    assert words(path) == Lyrics("Für Élise", (1.0,), ".lrc")


def test_a_text_too_large_for_words_is_passed_over(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    (tmp_path / "song.txt").write_text("x" * (LARGEST_BYTES + 1))
    assert words(path) is None


def test_an_lrc_too_large_for_words_is_cut(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    (tmp_path / "song.lrc").write_text("[00:01]one\n[00:02]two\n" + "[00:03]more\n" * LARGEST_BYTES)
    found = words(path)
    assert found is not None
    assert found.text.startswith("one\ntwo\nmore\n")
    assert len(found.text) < LARGEST_BYTES


LINES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)


@given(st.lists(st.tuples(st.integers(0, 5999), st.integers(0, 99), LINES), min_size=1, max_size=20))
def test_written_lrc_is_read_back(lines: list[tuple[int, int, str]]) -> None:
    text = "\n".join(f"[{s // 60:02}:{s % 60:02}.{hundredths:02}]{line}" for s, hundredths, line in lines)
    lyrics = parse_lyrics(text, source="")
    assert lyrics is not None
    expected = sorted(((s + hundredths / 100, line) for s, hundredths, line in lines), key=lambda pair: pair[0])
    assert list(lyrics.times) == pytest.approx([time for time, _ in expected])
    assert len(lyrics.text.split("\n")) == len(lines)


@given(st.text(st.sampled_from("[]:.<>0123456789 \nabcoffset-+"), max_size=200))
def test_any_text_has_as_many_times_as_lines_or_none(text: str) -> None:
    lyrics = parse_lyrics(text, source="")
    if lyrics is not None:
        assert lyrics.text.strip()
        assert len(lyrics.times) in (0, len(lyrics.text.split("\n")))
        assert list(lyrics.times) == sorted(lyrics.times)

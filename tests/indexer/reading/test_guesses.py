"""What a path tells of an untagged file."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.reading.file import read_file
from indexer.reading.guesses import fill_missing, guess_from_path
from indexer.track import Credit, Role, Tags
from tests.indexer.reading.audio_files import make_audio


@pytest.mark.parametrize(
    ("path", "artist", "album", "track", "title"),
    [
        ("Björk/Homogenic/02 Jóga.flac", "Björk", "Homogenic", 2, "Jóga"),
        ("music/Björk/1997 - Homogenic/02. Jóga.flac", "Björk", "Homogenic", 2, "Jóga"),
        ("Björk/Homogenic (1997)/CD1/1-02 - Jóga.flac", "Björk", "Homogenic", 2, "Jóga"),
        ("Björk/Björk - Homogenic/Björk - Jóga.flac", "Björk", "Homogenic", None, "Jóga"),
        ("Björk - Homogenic/03 Unravel.mp3", "Björk", "Homogenic", 3, "Unravel"),
        ("Björk - Jóga.mp3", "Björk", "", None, "Jóga"),
        ("bjork_-_joga.mp3", "bjork", "", None, "joga"),
        ("flat/Jóga.mp3", "", "", None, "Jóga"),
        ("_unsorted/pack/start1-jt.ogg", "", "", None, "start1-jt"),
        ("Various Artists/Hits/03 - Björk - Jóga.mp3", "Björk", "Hits", 3, "Jóga"),
        ("Björk/Singles/Jóga.mp3", "Björk", "", None, "Jóga"),
        ("99 Luftballons.mp3", "", "", None, "99 Luftballons"),
        ("07.mp3", "", "", None, "07"),
        (".mp3", "", "", None, ".mp3"),
    ],
)
def test_paths(path: str, artist: str, album: str, track: int | None, title: str) -> None:
    guess = guess_from_path(path)
    assert (guess.artist, guess.album, guess.track_number, guess.title) == (artist, album, track, title)


def test_disc_and_year() -> None:
    guess = guess_from_path("A/1999 - B/Disc 2/01 C.mp3")
    assert (guess.year, guess.disc_number) == (1999, 2)
    assert guess.guessed == {"title", "artist", "album", "year", "track_number", "disc_number"}


def test_only_what_is_missing_is_filled_and_named() -> None:
    tags = Tags(title="Real", artist="Someone", credits=(Credit("Someone", Role.ARTIST),))
    filled = fill_missing(tags, "Björk/Homogenic/02 Jóga.flac")
    assert (filled.title, filled.artist, filled.album, filled.track_number) == ("Real", "Someone", "Homogenic", 2)
    assert filled.guessed == {"album", "track_number"}
    assert filled.credits == tags.credits


def test_a_guessed_artist_is_a_credit_by_path() -> None:
    filled = fill_missing(Tags(), "A feat. B - Song.mp3")
    assert filled.credits == (Credit("A", Role.ARTIST, "path"), Credit("B", Role.FEATURED, "path"))


def test_a_file_name_that_is_no_utf8_is_read_as_windows_1252() -> None:
    assert guess_from_path("caf\udce9.mp3").title == "café"


def test_an_untagged_file_gets_its_guesses(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "01 Song.wv")
    reading = read_file(str(path), "Someone/Album/01 Song.wv")
    assert (reading.tags.artist, reading.tags.album, reading.tags.title) == ("Someone", "Album", "Song")
    assert {"artist", "album", "title"} <= reading.tags.guessed


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_any_path_has_a_title(path: str) -> None:
    assert guess_from_path(path).title

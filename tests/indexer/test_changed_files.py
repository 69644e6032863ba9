"""What counts as a change of a file and what it costs: tags, sound, clocks, and the files beside it."""

import os
import shutil

import pytest

from tests.indexer.reading.audio_files import make_audio, picture
from tests.indexer.small_music import (
    BRICK,
    CLAY,
    DAWN,
    FILES,
    LISTENING,
    LONE,
    MOSS,
    READING,
    RUST,
    Music,
    retag,
    shift,
)


@pytest.mark.parametrize("name", [DAWN, "Ada/Blue/03 Dusk.flac", MOSS])
def test_retag_in_place_decodes_no_sound(music: Music, name: str) -> None:
    track = music.id(name)
    audio = music.vectors(track)["audio"]
    retag(music.folder / name, title="Renamed", artist="Dora")
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    assert music.id(name) == track
    assert music.vectors(track)["audio"] == audio
    assert music.ask("SELECT title, artist FROM tracks WHERE id = ?", track) == [("Renamed", "Dora")]


def test_other_sound_in_place_is_heard_again(music: Music) -> None:
    track = music.id(LONE)
    audio = music.vectors(track)["audio"]
    make_audio(music.folder / LONE, seconds=2.5, seed=99)
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 1
    assert music.id(LONE) == track
    assert music.vectors(track)["audio"] != audio


def test_other_inodes_are_not_looked_at(music: Music) -> None:
    for name in FILES:
        other = (music.folder / name).with_name("other")
        shutil.copy2(music.folder / name, other)
        assert other.stat().st_ino != (music.folder / name).stat().st_ino
        other.replace(music.folder / name)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert set(run.stages) == {"scanning"}


@pytest.mark.parametrize("seconds", [1.5, -2.0, 3600, -7200.5, 86400])
def test_clock_habits_are_no_change(music: Music, seconds: float) -> None:
    """A disk of another time zone shifts every file, pictures and lyrics too."""
    for path in music.folder.rglob("*"):
        if path.is_file():
            shift(path, seconds)
    vectors = music.ask("SELECT * FROM vectors ORDER BY track_id, modality")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.stages[LISTENING] == 0
    assert music.ask("SELECT * FROM vectors ORDER BY track_id, modality") == vectors
    assert set(music.index().stages) == {"scanning"}


@pytest.mark.parametrize("field", ["title", "composer", "discnumber"])
def test_retag_within_two_seconds_of_the_same_size_is_seen(music: Music, field: str) -> None:
    path = music.folder / DAWN
    retag(path, **{field: "11"})
    music.index()
    before = path.stat()
    retag(path, **{field: "12"})
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))
    assert path.stat().st_size == before.st_size
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0
    track = music.id(DAWN)
    now = music.ask(
        "SELECT title, disc_number, (SELECT name FROM credits WHERE track_id = id AND role = 'composer') FROM tracks "
        "WHERE id = ?",
        track,
    )
    assert now == [
        {"title": ("12", None, None), "composer": ("Dawn", None, "12"), "discnumber": ("Dawn", 12, None)}[field]
    ]


def test_time_off_by_minutes_is_a_change(music: Music) -> None:
    shift(music.folder / DAWN, 300)
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0


def test_lyrics_beside_a_file_are_noticed(music: Music) -> None:
    words = music.folder / "Bo/Red/01 Rust.lrc"
    track = music.id(RUST)
    assert "lyrics" not in music.vectors(track)
    words.write_text("[00:00.50]rust on the iron gate\n[00:01.00]rust on the rail\n")
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    first = music.vectors(track)["lyrics"]
    words.write_text("[00:00.50]an altogether different song about the winter sea\n")
    assert music.index().figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert music.vectors(track)["lyrics"] != first
    words.unlink()
    assert music.index().figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert "lyrics" not in music.vectors(track)
    assert music.ask("SELECT count(*) FROM lyrics_index WHERE rowid = ?", track) == [(0,)]


def test_cover_beside_files_is_noticed(music: Music) -> None:
    cover = music.folder / "Bo/Red/cover.jpg"
    tracks = [music.id(name) for name in (RUST, CLAY, BRICK)]
    cover.write_bytes(picture(colour="red"))
    run = music.index()
    assert run.figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert run.stages[LISTENING] == 0
    red = [music.vectors(track)["cover"] for track in tracks]
    assert len(set(red)) == 1
    cover.write_bytes(picture(colour="green", width=50))
    assert music.index().figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert all(music.vectors(track)["cover"] != red[0] for track in tracks)
    cover.unlink()
    assert music.index().figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert all("cover" not in music.vectors(track) for track in tracks)

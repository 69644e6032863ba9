"""Files that cannot be read or heard: counted, kept, remembered without being opened, and tried again when asked."""

from pathlib import Path

from mutagen.id3 import ID3, TIT2, TPE1, Encoding

from tests.indexer.reading.audio_files import make_audio
from tests.indexer.small_music import CLAY, FILES, LISTENING, READING, Music, shift


def make_silent(path: Path) -> Path:
    """Write tags on something that is no sound."""
    tags = ID3()
    tags.add(TIT2(encoding=Encoding.UTF8, text="Only Words"))
    tags.add(TPE1(encoding=Encoding.UTF8, text="Nobody Else"))
    path.write_bytes(b"")
    tags.save(path)
    return path


def test_unreadable_file_fails_and_is_remembered(music: Music) -> None:
    (music.folder / "Cy/noise.mp3").write_bytes(b"this is no sound at all" * 40)
    (music.folder / "Cy/empty.ogg").touch()
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "failed": 2}
    assert set(music.problems("read")) == {"Cy/noise.mp3", "Cy/empty.ogg"}
    assert len(music.ids()) == len(FILES)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "failed": 2}
    assert set(run.stages) == {"scanning"}


def test_retry_opens_what_failed_and_nothing_else(music: Music) -> None:
    (music.folder / "Cy/noise.mp3").write_bytes(b"this is no sound at all" * 40)
    music.index()
    run = music.index(retry=True)
    assert run.figures == {"unchanged": len(FILES), "failed": 1}
    assert run.stages[READING] == 1


def test_changed_file_is_tried_again_by_itself(music: Music) -> None:
    (music.folder / "Cy/noise.flac").write_bytes(b"this is no sound at all" * 40)
    music.index()
    make_audio(music.folder / "Cy/noise.flac", seconds=2.0, seed=60)
    assert music.index().figures == {"new": 1, "unchanged": len(FILES)}
    assert music.problems("read") == {}


def test_known_file_that_breaks_keeps_its_row_and_is_remembered(music: Music) -> None:
    track, good = music.id(CLAY), (music.folder / CLAY).read_bytes()
    time = (music.folder / CLAY).stat().st_mtime_ns
    (music.folder / CLAY).write_bytes(b"overwritten" * 9)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "failed": 1}
    assert music.ask("SELECT title FROM tracks WHERE id = ?", track) == [("Clay",)]
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "failed": 1}
    assert set(run.stages) == {"scanning"}
    (music.folder / CLAY).write_bytes(good)
    shift(music.folder / CLAY, (time - (music.folder / CLAY).stat().st_mtime_ns) / 1e9)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert music.problems("read") == {}
    assert music.id(CLAY) == track


def test_file_without_sound_fails_with_its_row_kept(music: Music) -> None:
    make_silent(music.folder / "Cy/words.mp3")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "failed": 1}
    assert run.stages[LISTENING] == 1
    track = music.id("Cy/words.mp3")
    assert music.ask("SELECT title, artist FROM tracks WHERE id = ?", track) == [("Only Words", "Nobody Else")]
    assert "audio" not in music.vectors(track)
    assert set(music.problems("sound")) == {"Cy/words.mp3"}
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "failed": 1}
    assert set(run.stages) == {"scanning"}
    run = music.index(retry=True)
    assert run.figures == {"unchanged": len(FILES), "failed": 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (0, 1)


def test_counts_hold_where_the_silent_file_is_not_seen(music: Music) -> None:
    make_silent(music.folder / "Cy/words.mp3")
    music.index()
    assert music.index(music.folder / "Ada").figures == {"unchanged": 5}
    music.folder.rename(music.folder.with_name("unplugged"))
    assert music.index().figures == {}


def test_problems_go_with_their_files(music: Music) -> None:
    make_silent(music.folder / "Cy/words.mp3")
    (music.folder / "Cy/noise.mp3").write_bytes(b"this is no sound at all" * 40)
    music.index()
    (music.folder / "Cy/words.mp3").unlink()
    (music.folder / "Cy/noise.mp3").unlink()
    assert music.index().figures == {"unchanged": len(FILES), "missing": 1}
    assert music.problems("read") == {}
    # The row is still there, and so is what is known of it.
    assert set(music.problems("sound")) == {"Cy/words.mp3"}

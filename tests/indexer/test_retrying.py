"""Files that failed are tried again one by one, and nothing else is opened."""

from collections import Counter
from pathlib import Path

from indexer.progress import Counts
from indexer.retrying import retry
from tests.indexer.reading.audio_files import make_audio
from tests.indexer.small_music import FILES, LISTENING, READING, Music
from tests.indexer.test_failed_files import make_silent


def tried(music: Music, *files: Path) -> tuple[Counts, Counter[str]]:
    counts = Counts()
    moments = Counter(progress.stage for progress in retry(music.library, files, counts=counts, workers=1))
    return counts, moments


def test_a_mended_file_is_read_and_another_failed_one_is_left_alone(music: Music) -> None:
    mended, other = music.folder / "Cy/noise.flac", music.folder / "Cy/other.mp3"
    for file in (mended, other):
        file.write_bytes(b"this is no sound at all" * 40)
    make_silent(music.folder / "Cy/words.mp3")
    music.index()
    make_audio(mended, seconds=2.0, seed=60)
    make_audio(music.folder / "Cy/new.flac", seconds=2.0, seed=61)
    counts, moments = tried(music, mended)
    assert (counts.seen, counts.changed, counts.failed) == (1, 1, 0)
    assert (moments[READING], moments[LISTENING]) == (1, 1)
    assert "audio" in music.vectors(music.id("Cy/noise.flac"))
    assert set(music.problems("read")) == {"Cy/other.mp3"}
    assert set(music.problems("sound")) == {"Cy/words.mp3"}
    assert str(music.folder / "Cy/new.flac") not in music.ids()
    assert music.ask("SELECT kind, state FROM jobs ORDER BY id DESC LIMIT 1") == [("retry", "done")]
    run = music.index()
    assert run.figures == {"new": 1, "unchanged": len(FILES) + 1, "failed": 2}


def test_all_failed_files_are_tried_and_those_that_fail_again_stay_listed(music: Music) -> None:
    (music.folder / "Cy/noise.mp3").write_bytes(b"this is no sound at all" * 40)
    (music.folder / "Cy/gone.mp3").write_bytes(b"nor is this" * 40)
    make_silent(music.folder / "Cy/words.mp3")
    music.index()
    (music.folder / "Cy/gone.mp3").unlink()
    counts, moments = tried(music)
    assert (counts.seen, counts.changed, counts.failed) == (3, 0, 3)
    assert (moments[READING], moments[LISTENING]) == (1, 1)
    assert set(music.problems("read")) == {"Cy/noise.mp3", "Cy/gone.mp3"}
    assert set(music.problems("sound")) == {"Cy/words.mp3"}
    assert set(music.index().stages) == {"scanning"}, "what was done is not done again"


def test_a_file_that_did_not_fail_is_not_touched(music: Music) -> None:
    music.index()
    counts, moments = tried(music, music.folder / FILES[0])
    assert (counts.seen, counts.failed) == (0, 0)
    assert set(moments) == {"scanning"}

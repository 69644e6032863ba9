"""Files and folders that are gone or cannot be entered: missing, believed or doubted, and back again."""

import shutil
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from tests.indexer.small_music import (
    CLAY,
    FILES,
    LISTENING,
    LONE,
    READING,
    Music,
)


def test_vanished_file_is_missing_and_comes_back(music: Music, tmp_path: Path) -> None:
    track, vectors = music.id(CLAY), music.vectors(music.id(CLAY))
    shutil.move(music.folder / CLAY, tmp_path / "away.flac")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "missing": 1}
    assert music.missing() == {CLAY}
    assert music.vectors(track) == vectors
    assert len(music.places(track)) == 1
    shutil.move(tmp_path / "away.flac", music.folder / CLAY)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (0, 0)
    assert music.missing() == set()
    assert music.id(CLAY) == track
    assert music.vectors(track, but=("graph",)) == {name: v for name, v in vectors.items() if name != "graph"}


def test_missing_file_that_comes_back_elsewhere_is_the_same_track(music: Music, tmp_path: Path) -> None:
    track = music.id(CLAY)
    shutil.move(music.folder / CLAY, tmp_path / "away.flac")
    music.index()
    shutil.move(tmp_path / "away.flac", music.folder / "Cy/back.flac")
    run = music.index()
    assert run.figures == {"moved": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0
    assert music.id("Cy/back.flac") == track
    assert music.missing() == set()


def test_absent_root_changes_nothing_and_is_told(music: Music) -> None:
    before = music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")
    music.folder.rename(music.folder.with_name("unplugged"))
    run = music.index()
    assert run.figures == {}
    assert run.counts.notes == [f"{music.folder} is not there: its {len(FILES)} tracks are kept as they are"]
    assert set(run.stages) == {"scanning"}
    assert (music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")) == before
    assert music.ask("SELECT note FROM roots") == [(run.counts.notes[0],)]
    music.folder.with_name("unplugged").rename(music.folder)
    assert music.index().figures == {"unchanged": len(FILES)}


@pytest.mark.parametrize("left", [0, 7])
def test_many_losses_at_once_change_nothing_and_are_told(music: Music, left: int) -> None:
    """With 0 left, the empty folder on which a disk is mounted otherwise."""
    before = music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")
    aside = music.folder.with_name("aside")
    shutil.copytree(music.folder, aside)
    for name in [*FILES[left:], "lists/evening.m3u8"]:
        (music.folder / name).unlink()
    run = music.index()
    assert run.figures == ({"unchanged": left} if left else {})
    (note,) = run.counts.notes
    assert note.startswith(f"{len(FILES) - left} of {len(FILES)} files in {music.folder} are gone at once")
    assert (music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")) == before
    shutil.rmtree(music.folder)
    aside.rename(music.folder)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.counts.notes == []
    assert run.stages[LISTENING] == 0


def test_losses_of_a_fifth_are_believed(music: Music) -> None:
    for name in FILES[:2]:
        (music.folder / name).unlink()
    assert music.index().figures == {"unchanged": len(FILES) - 2, "missing": 2}


def test_absent_part_of_a_root_is_kept(music: Music) -> None:
    (music.folder / LONE).unlink()
    (music.folder / "Cy").rmdir()
    run = music.index(music.folder / "Cy")
    assert run.counts.notes == [f"{music.folder / 'Cy'} is not there: its 1 tracks are kept as they are"]
    assert music.missing() == set()


def test_folder_that_cannot_be_entered_loses_nothing(music: Music) -> None:
    """A link in a circle is a folder that nobody can enter, whatever their rights."""
    shutil.rmtree(music.folder / "Cy")
    (music.folder / "Cy").symlink_to("Cy")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "skipped": 1}
    assert music.missing() == set()
    (music.folder / "Cy").unlink()
    assert music.index().figures == {"unchanged": len(FILES) - 1, "missing": 1}
    assert music.missing() == {LONE}


def test_new_folder_that_is_not_there_is_refused(music: Music, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="is not a folder"):
        music.index(tmp_path / "nowhere")
    assert len(music.ask("SELECT id FROM roots")) == 1

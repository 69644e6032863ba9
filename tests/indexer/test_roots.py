"""Folders around, inside and linked into one another: no track is counted twice, no root lost."""

import os
import shutil
from pathlib import Path

import pytest

from tests.indexer.reading.audio_files import make_audio
from tests.indexer.small_music import (
    DAWN,
    FILES,
    LONE,
    READING,
    RUST,
    Music,
    retag,
)


def test_folder_around_a_root_takes_it_in(indexed_music: Music, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    shutil.copytree(indexed_music.folder, folder)
    music = Music(folder, tmp_path / "library")
    assert music.index(folder / "Ada").figures == {"new": 5}
    before = music.ids()
    run = music.index()
    assert run.figures == {"new": len(FILES) - 5, "unchanged": 5}
    assert run.stages[READING] == len(FILES) - 5
    assert {path: track for path, track in music.ids().items() if path in before} == before
    assert len(music.ids()) == len(FILES)
    assert music.ask("SELECT path FROM roots") == [(os.fsencode(folder),)]
    assert set(music.index().stages) == {"scanning"}


def test_folder_inside_a_root_is_a_part_of_it(music: Music) -> None:
    retag(music.folder / RUST, title="Inside")
    retag(music.folder / LONE, title="Outside")
    run = music.index(music.folder / "Bo")
    assert run.figures == {"changed": 1, "unchanged": 3}
    run = music.index(music.folder / "Ada")
    assert run.figures == {"unchanged": 5}
    assert set(run.stages) == {"scanning"}
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert len(music.ids()) == len(FILES)
    assert len(music.ask("SELECT id FROM roots")) == 1


@pytest.mark.parametrize("inner_first", [True, False])
def test_folders_in_one_another_are_counted_once(indexed_music: Music, tmp_path: Path, inner_first: bool) -> None:
    folder = tmp_path / "music"
    shutil.copytree(indexed_music.folder, folder)
    (tmp_path / "link").symlink_to(folder)
    music = Music(folder, tmp_path / "library")
    folders = [folder / "lists", folder, tmp_path / "link", folder / "Ada/Blue"]
    run = music.index(*(folders if inner_first else folders[::-1]))
    assert run.figures == {"new": len(FILES)}
    assert len(music.ask("SELECT id FROM roots")) == 1


def test_symlinks_that_loop_or_repeat_list_nothing_twice(music: Music, tmp_path: Path) -> None:
    (music.folder / "Ada/up").symlink_to(music.folder)
    (music.folder / "Bo/again").symlink_to(music.folder / "Ada")
    (music.folder / "Bo/self").symlink_to("self")
    (music.folder / "Bo/twin.mp3").symlink_to(music.folder / DAWN)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "skipped": 1}
    assert run.counts.notes == [f"{music.folder}/Bo/self: too many levels of symbolic links"]
    outside = tmp_path / "outside"
    outside.mkdir()
    make_audio(outside / "far.mp3", seconds=2.0, seed=50)
    (music.folder / "far").symlink_to(outside)
    (outside / "back").symlink_to(music.folder)
    assert music.index().figures == {"new": 1, "unchanged": len(FILES), "skipped": 1}
    assert music.id("far/far.mp3")

"""What an unmounted disk, a returning file, a stopped swap or a bad option must not cost."""

import os
import shutil
import sqlite3
import zlib
from pathlib import Path

import mutagen
import pytest

from indexer.errors import IndexerError
from indexer.pipeline import index
from indexer.progress import Counts
from indexer.pruning import prunable, prune
from tests.indexer.reading.audio_files import make_audio
from tests.indexer.small_music import CLAY, DAWN, LONE, NOON, Music


def make_song(path: Path, *, album: str = "") -> None:
    """Write a tagged file whose sound no other file of these tests has."""
    make_audio(path, seed=zlib.crc32(path.name.encode()))
    tags = mutagen.File(path, easy=True)
    tags.update({"title": path.stem, "artist": "Ada", **({"album": album} if album else {})})
    tags.save()


def test_folder_name_that_is_no_text(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path / "music") + b"/alb\xff"))
    folder.mkdir(parents=True)
    for name in ("a.mp3", "b.mp3", "c.mp3"):
        make_song(folder / name, album="Blue")
    music = Music(folder.parent, tmp_path / "library")
    assert music.index().figures == {"new": 3}
    assert music.ask("SELECT count(*) FROM nodes WHERE kind = 'album'") == [(1,)]
    (folder / "a.mp3").unlink()
    (folder / "b.mp3").unlink()
    run = music.index()
    assert "gone at once" in run.counts.notes[0]


def test_tracks_not_yet_heard_when_the_disk_went_are_heard_when_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "music"
    folder.mkdir()
    make_song(folder / "a.mp3")
    music = Music(folder, tmp_path / "library")
    stages = index(music.library, [folder], workers=1)
    for progress in stages:
        if progress.stage == "graph":
            break
    stages.close()
    folder.rename(tmp_path / "elsewhere")
    music.index()
    (tmp_path / "elsewhere").rename(folder)
    assert music.index().figures == {"unchanged": 1}
    assert music.ask("SELECT modality FROM vectors WHERE modality = 'audio'") == [("audio",)]
    assert music.ask("SELECT * FROM problems") == []


def test_prune_keeps_a_file_that_came_back(music: Music, tmp_path: Path) -> None:
    shutil.move(music.folder / LONE, tmp_path / "away.mp3")
    found = prunable(music.library)
    assert len(found) == 1
    shutil.move(tmp_path / "away.mp3", music.folder / LONE)
    assert prune(music.library, found) == 0
    assert music.ask("SELECT count(*) FROM tracks") == [(10,)]


def test_ids_of_pruned_tracks_are_not_given_again(music: Music) -> None:
    (last,) = music.ask("SELECT max(id) FROM tracks")[0]
    (path,) = music.ask("SELECT path FROM tracks WHERE id = ?", last)[0]
    (music.folder / os.fsdecode(path)).unlink()
    assert prune(music.library, prunable(music.library)) == 1
    make_song(music.folder / "new.mp3")
    music.index()
    assert music.ask("SELECT id > ? FROM tracks WHERE title = 'new'", last) == [(1,)]


def test_a_space_is_swapped_with_its_blocks_or_not_at_all(music: Music) -> None:
    before = music.ask("SELECT id FROM spaces WHERE active"), music.ask("SELECT track_id, block FROM blocks")
    with sqlite3.connect(music.library / "library.db") as connection:
        connection.execute("UPDATE spaces SET file = 'lost.safetensors' WHERE active")
        connection.execute("DELETE FROM facts WHERE name = 'embedded_version'")
        stop = "SELECT RAISE(ABORT, 'stopped')"
        connection.execute(f"CREATE TRIGGER stop BEFORE INSERT ON staged_blocks BEGIN {stop}; END")
        connection.execute("DELETE FROM vectors WHERE modality = 'tags' AND track_id = 1")
    connection.close()
    with pytest.raises(IndexerError):
        music.index()
    after = music.ask("SELECT id FROM spaces WHERE active"), music.ask("SELECT track_id, block FROM blocks")
    assert after == before


def test_vectors_of_missing_tracks_do_not_choose_the_encoder(music: Music) -> None:
    with sqlite3.connect(music.library / "library.db") as connection:
        connection.execute("UPDATE vectors SET encoder = 'old@1' WHERE modality = 'audio'")
    connection.close()
    (music.folder / DAWN).unlink()
    (music.folder / CLAY).unlink()
    run = music.index()
    assert run.figures == {"unchanged": 8, "missing": 2}
    present = music.ask(
        "SELECT count(*) FROM blocks b JOIN tracks t ON t.id = b.track_id WHERE t.missing_since IS NULL AND b.mask & 1"
    )
    assert present == [(8,)]


def test_sound_failed_file_that_cannot_be_read_later_counts_once(music: Music) -> None:
    whole = (music.folder / NOON).read_bytes()
    (music.folder / NOON).write_bytes(whole[:600] + bytes(5000))
    first = music.index().figures
    (music.folder / NOON).write_bytes(b"")
    assert music.index().figures == {"unchanged": 9, "failed": 1}
    assert first["failed"] == 1


def test_bad_cover_model_is_one_error_and_not_remembered(music: Music, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="--cover-model none"):
        list(index(music.library, [music.folder], counts=Counts(), workers=1, cover_model=tmp_path / "nowhere"))
    assert music.index().figures == {"unchanged": 10}
    list(index(music.library, [music.folder], workers=1, cover_model=Path("none")))
    assert music.ask("SELECT value FROM facts WHERE name = 'cover_model'") in ([], [(None,)])


def test_a_mistyped_folder_inside_a_known_one_is_an_error(music: Music) -> None:
    with pytest.raises(IndexerError, match="is not there"):
        music.index(music.folder / "typo")
    assert music.index().figures == {"unchanged": 10}

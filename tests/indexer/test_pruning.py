"""Pruning: the only thing that deletes, and only what has no file under a folder that is there."""

import os
import shutil
from pathlib import Path

import pytest

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.pipeline import index
from indexer.pruning import forget_folder, prunable, prune, tracks_of_folder
from indexer.storing.store import Store
from tests.indexer.small_music import CLAY, DAWN, DUSK, FILES, MOSS, NOON, Music


def test_nothing_is_prunable_while_every_file_is_there(music: Music) -> None:
    assert prunable(music.library) == []
    assert prune(music.library, []) == 0


def test_pruned_tracks_leave_no_trace(music: Music) -> None:
    gone = [music.id(name) for name in (DAWN, MOSS)]
    music.tell("INSERT INTO plays (track_id, at) VALUES (?, 1)", gone[0])
    (music.folder / DAWN).unlink()
    (music.folder / MOSS).unlink()
    music.index()
    assert prunable(music.library) == sorted(gone)
    assert prune(music.library, gone) == 2
    for table in ("tracks", "word_index", "substring_index"):
        assert music.ask(f"SELECT count(*) FROM {table}") == [(len(FILES) - 2,)]
    for table in ("credits", "sounds", "vectors", "blocks", "plays"):
        assert music.ask(f"SELECT count(*) FROM {table} WHERE track_id IN (?, ?)", *gone) == [(0,)]
    assert music.ask("SELECT count(*) FROM edges WHERE source IN (?, ?)", *gone) == [(0,)]
    # The words belonged to a pruned track alone; the cover is still that of its neighbours.
    assert music.ask("SELECT count(*) FROM lyrics") == [(0,)]
    assert music.ask("SELECT count(*) FROM covers") == [(1,)]
    assert music.ask("SELECT e.position, e.track_id FROM playlist_entries e ORDER BY 1") == [
        (0, None),
        (1, music.id(CLAY)),
        (2, None),
    ]
    assert music.ask("PRAGMA foreign_key_check") == []
    assert prunable(music.library) == []
    assert music.index().figures == {"unchanged": len(FILES) - 2}


def test_suspicious_losses_are_pruned_when_asked(music: Music) -> None:
    for name in (DAWN, NOON, DUSK, MOSS):
        (music.folder / name).unlink()
    music.index()
    assert music.missing() == set()
    assert len(prunable(music.library)) == 4
    prune(music.library, prunable(music.library))
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 4}
    assert run.counts.notes == []


def test_absent_folder_is_not_pruned(music: Music) -> None:
    music.folder.rename(music.folder.with_name("unplugged"))
    assert prunable(music.library) == []


def test_pruning_waits_for_no_indexer(music: Music) -> None:
    with Store(music.library) as store, store.indexing(), pytest.raises(IndexerError, match="another run"):
        prune(music.library, [music.id(DAWN)])
    assert len(music.ids()) == len(FILES)


def test_explorers_notice_the_pruning(music: Music) -> None:
    before = dict(music.ask("SELECT name, value FROM facts"))
    (music.folder / DAWN).unlink()
    music.index()
    prune(music.library, prunable(music.library))
    after = dict(music.ask("SELECT name, value FROM facts"))
    assert after["blocks_version"] > before["blocks_version"]
    assert after["version"] > before["version"]


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_is_forgotten_with_all_it_brought(music: Music, tmp_path: Path, there: bool) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(music.folder / DAWN, other / "kept.mp3")
    with pytest.raises(IndexerError, match="roots"):
        tracks_of_folder(music.library, other)
    for _ in index(music.library, [other]):
        pass
    if not there:
        music.folder.rename(tmp_path / "unplugged")
    assert tracks_of_folder(music.library, music.folder) == len(FILES)
    assert forget_folder(music.library, music.folder) == len(FILES)
    assert [bytes(path) for (path,) in music.ask("SELECT path FROM roots")] == [os.fsencode(other)]
    for table in ("tracks", "word_index", "substring_index"):
        assert music.ask(f"SELECT count(*) FROM {table}") == [(1,)]
    for table in ("playlists", "playlist_entries", "problems"):
        assert music.ask(f"SELECT count(*) FROM {table}") == [(0,)]
    assert music.ask("PRAGMA foreign_key_check") == []
    names, ties = (music.ask(f"SELECT {what} ORDER BY 1, 2") for what in ("kind, key FROM nodes", "* FROM tied"))
    assert names
    for _ in index(music.library, []):
        pass
    assert music.ask("SELECT kind, key FROM nodes ORDER BY 1, 2") == names
    assert music.ask("SELECT * FROM tied ORDER BY 1, 2") == ties
    assert Catalogue(music.library).summary()["tracks"] == 1
    with pytest.raises(IndexerError, match="roots"):
        forget_folder(music.library, music.folder)

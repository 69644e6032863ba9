"""Changes in real folders, reported by the real system."""

import os
import shutil
import threading
import time
from pathlib import Path
from queue import Empty, Queue

import pytest

from indexer.errors import IndexerError
from indexer.watching import MOST_FOLDERS, changed_folders, touched


class Watch:
    """changed_folders in a thread, its answers in a queue."""

    def __init__(self, *roots: Path, polling: bool = False) -> None:
        self.stop = threading.Event()
        self.told: Queue[list[Path]] = Queue()
        self.thread = threading.Thread(target=self._run, args=(roots, polling), daemon=True)
        self.thread.start()

    def _run(self, roots: tuple[Path, ...], polling: bool) -> None:
        for folders in changed_folders(roots, polling=polling, stop=self.stop):
            self.told.put(folders)

    def next(self, seconds: float = 60) -> list[Path]:
        return self.told.get(timeout=seconds)

    def close(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def music(tmp_path: Path) -> Path:
    root = tmp_path / "music"
    (root / "a").mkdir(parents=True)
    (root / "a" / "1.mp3").write_bytes(b"one")
    return root


@pytest.mark.parametrize("polling", [False, True])
def test_tells_where_files_came_changed_and_went(music: Path, polling: bool) -> None:
    watch = Watch(music, polling=polling)
    try:
        assert watch.next() == [music], "the first answer is everything, once watching has begun"
        (music / "b").mkdir()
        (music / "b" / "2.flac").write_bytes(b"two")
        assert watch.next()[0] in (music, music / "b")
        (music / "a" / "1.mp3").write_bytes(b"one, longer")
        assert _until(watch, music / "a")
        shutil.rmtree(music / "a")
        assert _until(watch, music), "a folder that is gone is looked for from the one around it"
    finally:
        watch.close()


def _until(watch: Watch, folder: Path) -> bool:
    """Wait for an answer that covers `folder`; events of one change may come in two answers."""
    return any(told == folder or told in folder.parents for _ in range(5) for told in watch.next())


def test_says_nothing_of_what_is_not_music(music: Path) -> None:
    watch = Watch(music)
    try:
        watch.next()
        (music / "a" / "notes.docx").write_bytes(b"x")
        (music / "a" / "1.mp3.part").write_bytes(b"x")
        with pytest.raises(Empty):
            watch.next(4)
    finally:
        watch.close()


def test_waits_for_a_file_that_is_still_being_copied(music: Path) -> None:
    watch = Watch(music)
    try:
        watch.next()
        with (music / "a" / "3.ogg").open("wb") as file:
            for _ in range(12):
                file.write(b"x" * 1000)
                file.flush()
                os.fsync(file.fileno())
                time.sleep(0.25)
            written = time.monotonic()
        watch.next()
        assert time.monotonic() >= written
    finally:
        watch.close()


def test_a_folder_that_is_not_there_is_an_error_only_when_all_are(music: Path, tmp_path: Path) -> None:
    absent = tmp_path / "disk"
    watch = Watch(music, absent)
    try:
        assert watch.next() == [music]
        absent.mkdir()
        (music / "a" / "4.mp3").write_bytes(b"x")  # any change is a moment to look for absent folders too
        assert _until(watch, music / "a")
        assert _until(watch, absent)
    finally:
        watch.close()
    with pytest.raises(IndexerError, match="none of the music folders is there"):
        next(changed_folders([tmp_path / "nowhere"]))


def test_touched_folders_hold_no_other_and_stay_in_their_root(music: Path) -> None:
    (music / "a" / "deep").mkdir()
    paths = [str(music / "a" / "x.mp3"), str(music / "a" / "deep" / "cover.JPG"), "/elsewhere/y.mp3"]
    assert touched(paths, [music]) == [music / "a"]
    assert touched([str(music / "gone" / "further" / "x.mp3")], [music]) == [music]
    assert touched([str(music)], [music]) == [music]
    assert touched([], [music]) == []


def test_very_many_touched_folders_become_their_root(music: Path) -> None:
    paths = []
    for number in range(MOST_FOLDERS + 1):
        (music / f"album {number}").mkdir()
        paths.append(str(music / f"album {number}" / "1.mp3"))
    assert touched(paths[:-1], [music]) == sorted(music / f"album {n}" for n in range(MOST_FOLDERS))
    assert touched(paths, [music]) == [music]

"""`index --watch`, run as a program beside a folder in which things happen."""

import fcntl
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mutagen
import pytest

from fairouz_tui import cli
from indexer.catalogue import Catalogue
from tests.indexer.reading.audio_files import make_audio

LONGEST_WAIT_SECONDS = 90.0


class Follower:
    """The running program; every line it prints is one run."""

    def __init__(self, folder: Path, library: Path) -> None:
        command = [sys.executable, "-m", "fairouz_tui", "index", str(folder), "--watch", "--json"]
        self.process = subprocess.Popen(
            [*command, "--library", str(library)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], LONGEST_WAIT_SECONDS)
        assert ready, "nothing was said"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read().decode() if self.process.stderr else ""
        counts: dict[str, Any] = json.loads(line)
        return counts

    def until(self, **figures: int) -> dict[str, Any]:
        """Read lines up to one with these counts: the events of one change may come in two answers."""
        for _ in range(4):
            counts = self.line()
            if figures.items() <= counts.items():
                return counts
        raise AssertionError(f"no run with {figures}")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    for artist in ("Ada", "Bo"):
        (folder / artist).mkdir(parents=True)
    for number in range(6):
        make_audio(folder / "Ada" / f"{number}.mp3", seed=number)
    return folder


def test_what_happens_in_the_folder_is_in_the_library_soon(music: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    with (library / "index.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        follower = Follower(music, library)
        assert follower.process.stderr is not None
        said = follower.process.stderr.readline().decode()
        assert said == "fairouz-tui: another run is indexing this library; wait for it or stop it first; waiting\n"
    try:
        _live_through(follower, music, library)
    finally:
        follower.process.kill()
        follower.process.communicate()


def _live_through(follower: Follower, music: Path, library: Path) -> None:
    assert follower.line()["new"] == 6
    catalogue = Catalogue(library)
    assert catalogue.count() == 6

    time.sleep(2)
    spent = _cpu_seconds(follower.process.pid)
    time.sleep(5)
    assert _cpu_seconds(follower.process.pid) - spent < 0.25, "nothing is done while nothing happens"

    make_audio(music / "Bo" / "added.flac", seed=9)
    assert follower.until(new=1)["folders"] in ([str(music)], [str(music / "Bo")])
    assert catalogue.count() == 7

    tags = mutagen.File(music / "Ada" / "0.mp3", easy=True)
    tags["title"] = "Renamed"
    tags.save()
    follower.until(changed=1)
    assert [hit.track.title for hit in catalogue.suggest("renamed").hits] == ["Renamed"]

    added = catalogue.find_path(str(music / "Bo" / "added.flac"))
    shutil.move(music / "Bo" / "added.flac", music / "Ada" / "moved.flac")
    follower.until(moved=1)
    assert catalogue.find_path(str(music / "Ada" / "moved.flac")) == added

    (music / "Ada" / "1.mp3").unlink()
    follower.until(missing=1)
    assert catalogue.count() == 6

    follower.process.send_signal(signal.SIGINT)
    assert follower.process.wait(30) == 130


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_watching_needs_a_folder_and_polling_needs_watching(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["index", "--watch", "--library", str(tmp_path)]) == 1
    assert "run `fairouz-tui index FOLDER --watch`" in capsys.readouterr().err
    assert cli.run(["index", "--poll", "--library", str(tmp_path)]) == 2
    assert "goes with --watch" in capsys.readouterr().err

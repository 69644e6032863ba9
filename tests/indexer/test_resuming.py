"""Runs that are killed, interrupted, refused or out of space: nothing is lost, and the next run ends the same."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.storing.store import Store
from tests.indexer.small_music import FILES, Music, state_of


@pytest.fixture
def unread(indexed_music: Music, tmp_path: Path) -> Music:
    """Return a copy of the music folder, where the session's library knows it, with no library of its own yet."""
    return Music(indexed_music.folder, tmp_path / "library")


DEAF = ("sh", "-c", 'trap "" INT; exec "$@"', "sh")
"""Starts a program as scripts start those in the background: Ctrl-C is ignored."""


def start(music: Music, *options: str, by: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
    """Start the program on the music folder in a session of its own."""
    command = [*by, sys.executable, "-m", "fairouz_tui", "index", str(music.folder), "--library", str(music.library)]
    return subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(running: "subprocess.Popen[str]", stage: str, moments: int) -> None:
    """Read the run's progress up to so many moments of a stage."""
    assert running.stdout is not None
    for line in running.stdout:
        moments -= json.loads(line)["stage"] == stage
        if not moments:
            return
    raise AssertionError(f"the run ended before {stage}")


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in listed] + [grand for child in listed for grand in children_of(int(child))]


def is_alive(process: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def rest(processes: list[int]) -> list[int]:
    """Return which processes are still there after ten seconds, or [] as soon as none is."""
    for _ in range(100):
        if not (left := [process for process in processes if is_alive(process)]):
            return []
        time.sleep(0.1)
    return left


def contents(music: Music) -> dict[str, Any]:
    """Return what a library holds but for ids, times of day and its numbers."""
    node = (
        "coalesce((SELECT kind || ':' || name FROM nodes WHERE id = {0}), "
        "(SELECT 'track:' || title FROM tracks WHERE id = {0}))"
    )
    source, target = node.format("source"), node.format("target")
    return {
        "tracks": music.ask(
            "SELECT path, size, mtime_ns, content_hash, side_hash, title, artist, album, genre, year, "
            "duration_seconds, cover_hash, lyrics_hash, guessed, missing_since FROM tracks ORDER BY path"
        ),
        "credits": music.ask(
            "SELECT t.path, c.name, c.role FROM credits c JOIN tracks t ON t.id = track_id ORDER BY 1, 3"
        ),
        "words": music.ask("SELECT w.* FROM word_index w JOIN tracks t ON t.id = w.rowid ORDER BY t.path"),
        "sounds": [
            (path, *row)
            for path, _, *row in music.ask(
                "SELECT t.path, s.* FROM sounds s JOIN tracks t ON t.id = track_id ORDER BY 1"
            )
        ],
        "inputs": music.ask(
            "SELECT t.path, v.modality, v.encoder, v.input_hash FROM vectors v JOIN tracks t ON t.id = v.track_id "
            "WHERE v.modality NOT IN ('graph', 'playlists') ORDER BY 1, 2"
        ),
        "edges": music.ask(f"SELECT {source}, {target}, kind, weight, provenance FROM edges ORDER BY 1, 2, 3"),
        "entries": music.ask(
            "SELECT p.name, e.position, e.path, t.path FROM playlist_entries e "
            "JOIN playlists p ON p.id = e.playlist_id LEFT JOIN tracks t ON t.id = e.track_id ORDER BY 1, 2"
        ),
        "problems": music.ask("SELECT path, stage, reason FROM problems ORDER BY path, stage"),
        "spaces": music.ask("SELECT name, active FROM spaces ORDER BY id"),
    }


def numbers(music: Music) -> dict[tuple[bytes, str], "np.ndarray[Any, Any]"]:
    """Return vectors, blocks and hub terms by path."""
    rows = music.ask(
        "SELECT t.path, v.modality, v.vector FROM vectors v JOIN tracks t ON t.id = v.track_id UNION ALL "
        "SELECT t.path, 'block', b.block FROM blocks b JOIN tracks t ON t.id = b.track_id"
    )
    found = {(path, name): np.frombuffer(data, np.float16).astype(np.float64) for path, name, data in rows}
    hubs = music.ask("SELECT t.path, b.hub FROM blocks b JOIN tracks t ON t.id = b.track_id")
    return found | {(path, "hub"): np.array([hub]) for path, hub in hubs}


def assert_same(music: Music, unbroken: Music) -> None:
    """Compare two libraries; texts that were encoded in other company may differ in the last bit of float16."""
    assert contents(music) == contents(unbroken)
    mine, theirs = numbers(music), numbers(unbroken)
    assert mine.keys() == theirs.keys()
    for key, vector in theirs.items():
        np.testing.assert_allclose(mine[key], vector, rtol=0, atol=2e-3, err_msg=str(key))
    assert music.ask("PRAGMA integrity_check") == [("ok",)]
    assert music.ask("SELECT state FROM jobs ORDER BY id DESC LIMIT 1") == [("done",)]


@pytest.mark.parametrize(
    ("stage", "moments"),
    [("scanning", 1), ("reading tags", 4), ("listening", 3), ("relations", 1), ("joint space", 2)],
)
def test_killed_run_is_taken_up_again(unread: Music, indexed_music: Music, stage: str, moments: int) -> None:
    running = start(unread, "--progress-json")
    wait_for(running, stage, moments)
    workers = children_of(running.pid)
    running.kill()
    assert running.wait(10) == -signal.SIGKILL
    assert rest(workers) == []
    figures = unread.index().figures
    assert figures.keys() <= {"new", "unchanged"}
    assert sum(figures.values()) == len(FILES)
    assert_same(unread, indexed_music)
    assert set(unread.index().stages) == {"scanning"}


@pytest.mark.parametrize(
    ("stage", "to_all", "by"),
    [("reading tags", True, ()), ("listening", True, ()), ("listening", False, ()), ("listening", False, DEAF)],
)
def test_interrupted_run_ends_clean(
    unread: Music, indexed_music: Music, stage: str, to_all: bool, by: tuple[str, ...]
) -> None:
    """A terminal interrupts the whole group; `kill -INT` and a screen the program alone."""
    running = start(unread, "--progress-json", by=by)
    wait_for(running, stage, 2)
    workers = children_of(running.pid)
    (os.killpg if to_all else os.kill)(running.pid, signal.SIGINT)
    _, complaint = running.communicate(timeout=20)
    assert running.returncode == 130
    assert complaint == "fairouz-tui: interrupted; what was done is kept\n"
    assert rest(workers) == []
    assert unread.ask("SELECT state FROM jobs") == [("interrupted",)]
    unread.index()
    assert_same(unread, indexed_music)


def test_closing_the_run_keeps_what_was_done(unread: Music, indexed_music: Music) -> None:
    from indexer.pipeline import index

    moments = index(unread.library, [unread.folder], workers=1)
    for progress in moments:
        if progress.stage == "listening":
            break
    moments.close()
    assert unread.ask("SELECT state FROM jobs") == [("interrupted",)]
    assert len(unread.ids()) == len(FILES)
    cancelled = list(index(unread.library, [unread.folder], workers=1, cancelled=lambda: True))
    assert len(cancelled) == 1
    assert unread.ask("SELECT state FROM jobs ORDER BY id") == [("interrupted",), ("interrupted",)]
    unread.index()
    assert_same(unread, indexed_music)


def test_second_indexer_is_refused_in_one_line(music: Music) -> None:
    with Store(music.library) as store, store.indexing():
        with pytest.raises(IndexerError, match=r"another run \(process \d+\) is indexing this library"):
            music.index()
        running = start(music)
        _, complaint = running.communicate(timeout=60)
    assert running.returncode == 1
    named = f"another run (process {os.getpid()}) is indexing this library"
    assert complaint == f"fairouz-tui: {named}; wait for it or stop it first\n"
    assert music.index().figures == {"unchanged": len(FILES)}


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from fairouz_tui.cli import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.parametrize("room", [0, 100_000, 400_000])
def test_disk_without_room_is_one_line_and_loses_nothing(unread: Music, indexed_music: Music, room: int) -> None:
    """A limit on the size of files stands for the full disk: it needs no rights, and writing fails alike."""
    command = [sys.executable, "-c", LIMITED, str(room), "index", str(unread.folder), "--library", str(unread.library)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("fairouz-tui: ")
    assert done.stderr.count("\n") == 1
    assert "disk" in done.stderr
    before = state_of(unread.folder)
    unread.index()
    assert_same(unread, indexed_music)
    assert state_of(unread.folder) == before

"""The start of the explorer: what opens it, what its first frame shows, and what it does not wait for."""

import fcntl
import gc
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.opening import opens_explorer
from indexer.catalogue import Catalogue
from tests.fairouz_tui.driving import explore, until
from tests.fairouz_tui.shelf import shelve

PATIENCE_SECONDS = 60.0


@pytest.mark.parametrize(
    ("arguments", "opens"),
    [
        ([], True),
        (["--library", "music library"], True),
        (["--library=/a/b"], True),
        (["--library"], False),
        (["--library", "--version"], False),
        (["--library", "-x"], False),
        (["--library=/a", "stats"], False),
        (["--library", "/a", "stats"], False),
        (["--version"], False),
        (["--help"], False),
        (["search", "oud"], False),
        (["--libraryX=/a"], False),
        (["stats"], False),
    ],
)
def test_only_a_line_without_a_command_opens_the_explorer(arguments: list[str], opens: bool) -> None:
    assert opens_explorer(arguments) is opens


@pytest.mark.parametrize("arguments", [[], ["--library", "none"], ["--library=none"]])
def test_without_a_terminal_one_line_says_what_to_do(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "fairouz_tui", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("fairouz-tui: the explorer needs a terminal")
    assert done.stderr.count("\n") == 1


class Process:
    """The explorer on a pseudo-terminal of its own."""

    def __init__(self, library: Path) -> None:
        self.written = b""
        self._id, self.terminal = pty.fork()
        if self._id == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
            # Sizes in the environment, as parallel test runs set them, would count more than the terminal's.
            kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            surroundings = {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            command = [sys.executable, "-m", "fairouz_tui", "--library", str(library)]
            os.execve(sys.executable, command, surroundings)

    def read_until(self, words: str) -> bytes:
        """Return everything written up to `words`."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while words.encode() not in self.written:
            assert time.monotonic() < deadline, f"{words!r} did not come: {self.written[-2000:]!r}"
            readable, _, _ = select.select([self.terminal], [], [], 1.0)
            self.written += os.read(self.terminal, 1 << 16) if readable else b""
        return self.written[: self.written.index(words.encode())]

    def close(self) -> int:
        """End it and return how it ended."""
        with suppress(ProcessLookupError):
            os.kill(self._id, signal.SIGKILL)
        os.close(self.terminal)
        return os.waitpid(self._id, 0)[1]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    process = Process(shelve(tmp_path))
    yield process
    process.close()


def test_the_first_frame_with_anything_shows_the_rows_and_every_pane(process: Process, tmp_path: Path) -> None:
    titles = [row.title for row in Catalogue(tmp_path).window(0, 8)]
    # A frame is written from its first line to its last, and the last ends so: what is not before it came later.
    frame = process.read_until("Quit").decode("utf-8", "replace")
    assert all(title[:8] in frame for title in titles)
    assert "8 tracks" in frame
    assert "Library · 1 of 8" in frame
    assert "words, artist:name" in frame
    assert "Playlist" in frame
    assert "Search" in frame
    assert frame.count("words, artist:name") == 1


def test_a_key_typed_before_anything_is_there_is_not_lost(tmp_path: Path) -> None:
    process = Process(shelve(tmp_path))
    os.write(process.terminal, b"?")
    try:
        assert b"Traceback" not in process.read_until("Find tracks like this one")
    finally:
        process.close()


async def test_the_first_rows_are_those_around_the_cursor_of_the_last_run(library: Path) -> None:
    (library / "state.json").write_text(
        '{"format": 1, "query": "", "trail": [], "library_cursor": 30, "playlist": [], "playlist_name": "", '
        '"faders": {}, "sort": "title", "track_id": null}'
    )
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        assert screen.results.cursor == 30
        assert screen.results.current == Catalogue(library).window(30, 1, order="title")[0]
        first, after = screen.results.in_sight
        assert first <= 30 < after


async def test_the_search_for_garbage_is_put_off_until_the_first_frame_and_no_longer(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    gc.disable()
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await explore(pilot)
            await until(pilot, gc.isenabled)
    finally:
        gc.enable()
        gc.unfreeze()


async def test_the_library_is_asked_for_its_counts_once_however_long_that_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    summary = Catalogue.summary

    def slow(self: Catalogue) -> dict[str, object]:
        asked.append(time.monotonic())
        time.sleep(2.5)
        return summary(self)

    monkeypatch.setattr(Catalogue, "summary", slow)
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        assert len(screen.results) == 8
        await until(pilot, lambda: "modalities" in screen.top_line.summary)
    assert len(asked) == 1

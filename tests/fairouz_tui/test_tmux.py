"""One round in a real terminal: search, more like this, why, add, save, all by keys sent to tmux."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PATIENCE_SECONDS = 60.0


class Terminal:
    """A tmux server of our own with one window that runs the explorer."""

    def __init__(self, library: Path, *, columns: int = 120, lines: int = 40) -> None:
        self._name = f"fairouz-test-{os.getpid()}-{library.parent.name}"
        environment = "-u COLUMNS -u LINES TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8"
        command = f"env {environment} {sys.executable} -m fairouz_tui --library {shlex.quote(str(library))}"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines), command)

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-u", "-L", self._name, *arguments], capture_output=True, text=True, timeout=20)
        return done.stdout

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)
            time.sleep(0.05)

    def shows(self, text: str) -> str:
        """Wait until `text` stands on the screen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in (shown := self.screen()):
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{shown}"
            time.sleep(0.1)
        return shown

    def shows_no_more(self, text: str) -> None:
        """Wait until `text` is gone from the screen."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text in self.screen():
            assert time.monotonic() < deadline, f"{text!r} does not go"
            time.sleep(0.1)

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def terminal(library: Path) -> Iterator[Terminal]:
    terminal = Terminal(library)
    yield terminal
    terminal.close()


def test_the_whole_round(terminal: Terminal, tmp_path: Path) -> None:
    terminal.shows("36 tracks")
    terminal.shows("Dunya & Rafiq")
    terminal.press("/")
    terminal.shows("By meaning")  # letters typed before the line has the keys are keys of the list
    terminal.press(*"harbour")
    terminal.shows("“harbour” · 1 of")
    terminal.press("Enter")
    terminal.shows("“harbour” · 1 of 36")
    terminal.press("m")
    terminal.shows("Like Harbour Song")
    terminal.press("e")
    terminal.shows("score")
    terminal.press("a", "a")
    terminal.shows("Playlist · 2 tracks")
    saved = tmp_path / "round.m3u8"
    terminal.press("C-s")
    terminal.shows("Save the playlist")
    terminal.press("C-u")
    terminal.shows_no_more("playlist.m3u8")  # a binding is run after the letters that follow it in a hurry
    terminal.press(*str(saved))
    terminal.press("Enter")
    terminal.shows("2 tracks saved")
    assert saved.read_text("utf-8").startswith("#EXTM3U")
    terminal.tmux("resize-window", "-x", "70", "-y", "20")
    terminal.press("Escape")
    terminal.shows("library › “harbour” › Harbour Song")
    terminal.press("BSpace")
    terminal.shows("“harbour” · 1 of 36")
    terminal.press("q")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while terminal.screen():
        assert time.monotonic() < deadline, terminal.screen()
        time.sleep(0.1)


def test_the_first_run(indexed_demo: Path, tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    for file in sorted((indexed_demo / "music").rglob("*.mp3"))[:4]:
        shutil.copy(file, music)
    terminal = Terminal(tmp_path / "library", columns=90, lines=24)
    try:
        terminal.shows("Where is your music?")
        terminal.press("C-u", *str(tmp_path / "gone"))
        terminal.press("Enter")
        terminal.shows("There is no")
        terminal.press("C-u")
        terminal.shows_no_more("/gone")
        terminal.press(*str(music))
        terminal.press("Enter")
        terminal.shows("4 tracks")
        terminal.press("/")
        terminal.shows("By meaning")
        terminal.press("a")
        terminal.shows("“a” · 1 of")
        terminal.press("Escape")
        terminal.shows_no_more("By meaning")  # the two keys in a hurry are one to a terminal: alt and backspace
        terminal.press("BSpace")
        terminal.shows("Library · 1 of 4")
        terminal.shows("4 modalities")
        terminal.press("q")
    finally:
        terminal.close()

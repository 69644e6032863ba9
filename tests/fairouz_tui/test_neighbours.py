"""A second explorer on one library, in a real process of its own, and a playlist that another program changes."""

import itertools
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.instance import LOCK
from fairouz_tui.outside import Outside
from fairouz_tui.paths import state_path
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.state import load_state
from indexer.storing.lock import INDEXING, HeldError, held, holder, take
from tests.fairouz_tui.driving import explore, notices, until

PATIENCE_SECONDS = 60.0
_numbers = itertools.count()


class Windows:
    """A tmux server of our own with a window for each explorer."""

    def __init__(self, *libraries: Path) -> None:
        self._name = f"fairouz-two-{os.getpid()}-{next(_numbers)}"  # a server that ends is still there a moment
        for index, library in enumerate(libraries):
            environment = "-u COLUMNS -u LINES TERM=xterm-256color COLORTERM=truecolor LANG=C.UTF-8"
            command = f"env {environment} {sys.executable} -m fairouz_tui --library {shlex.quote(str(library))}"
            new = ["new-window", "-d"] if index else ["new-session", "-d", "-x", "120", "-y", "30"]
            self.tmux("-f", "/dev/null", *new, command)
            self.shows("tracks", window=index)

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-u", "-L", self._name, *arguments], capture_output=True, text=True, timeout=20)
        return done.stdout

    def press(self, *keys: str, window: int) -> None:
        for key in keys:
            self.tmux("send-keys", "-t", f":{window}", key)
            time.sleep(0.05)

    def shows(self, text: str, *, window: int) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in (shown := self.tmux("capture-pane", "-p", "-t", f":{window}")):
            assert time.monotonic() < deadline, f"{text!r} did not come in {window}:\n{shown}"
            time.sleep(0.1)
        return shown

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def windows(library: Path) -> Iterator[Windows]:
    windows = Windows(library, library)
    yield windows
    windows.close()


def test_the_second_explorer_says_so_and_destroys_nothing(windows: Windows, library: Path) -> None:
    first = holder(library / LOCK)
    assert first
    windows.shows(f"{first})", window=1)  # the line may break before it
    windows.press("a", "a", window=0)
    windows.shows("Playlist · 2 tracks", window=0)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(load_state(state_path(library)).playlist) != 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    kept = load_state(state_path(library)).playlist
    windows.press("G", "a", window=1)
    windows.shows("Playlist · 1 track", window=1)
    windows.press("q", window=1)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while windows.tmux("list-windows").count("\n") > 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert load_state(state_path(library)).playlist == kept
    windows.shows("Playlist · 2 tracks", window=0)


def test_while_one_explorer_indexes_the_other_says_which(windows: Windows, library: Path) -> None:
    with held(library / INDEXING):
        windows.press("u", window=0)
        windows.shows(f"{os.getpid()})", window=0)  # the line may break before it
        windows.press("I", window=1)
        windows.shows(f"process {os.getpid()} is indexing this library", window=1)
        windows.press("u", window=1)
        windows.shows("it there.", window=1)
    windows.shows("The last run", window=1)
    windows.press("u", window=1)
    windows.shows("this run · done", window=1)


HOLDS = "import sys; from pathlib import Path; from indexer.storing.lock import take; lock = take(Path(sys.argv[1]));"


def test_a_lock_knows_its_holder_and_is_free_when_it_is_killed(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    assert holder(lock) is None
    code = HOLDS + "print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert holder(lock) == other.pid
    with pytest.raises(HeldError) as refused:
        take(lock)
    assert refused.value.process == other.pid
    other.kill()
    other.communicate()
    assert holder(lock) is None
    with held(lock):
        assert holder(lock) == os.getpid()
    assert holder(lock) is None


def test_a_change_is_news_once_and_stays_a_change_until_it_is_seen(tmp_path: Path) -> None:
    outside, file = Outside(), tmp_path / "list.m3u8"
    assert not outside.changed(file)
    file.write_text("one")
    assert not outside.news(file)
    file.write_text("one and two")
    assert outside.changed(file)
    assert outside.news(file)
    assert not outside.news(file)
    assert outside.changed(file)
    outside.saw(file)
    assert not outside.changed(file)
    file.unlink()
    assert not outside.news(file)


async def test_a_playlist_changed_outside_is_noticed_and_asked_about(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        await pilot.press("enter")
        await until(pilot, lambda: screen.playlist_file is not None and app.screen is screen)
        file = screen.playlist_file
        assert file is not None
        await pilot.press("a", "ctrl+s", "enter")
        await until(pilot, lambda: app.screen is screen and len(file.read_text("utf-8").splitlines()) > 3)  # unasked
        file.write_text("#EXTM3U\nanother.mp3\n")
        await until(pilot, lambda: any("changed by another program" in notice for notice in notices(pilot)))
        await pilot.press("ctrl+s", "enter")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen) and "changed by another program" in said(app))
        assert file.read_text() == "#EXTM3U\nanother.mp3\n"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert "another.mp3" not in file.read_text("utf-8")
        assert not app.outside.changed(file)
        await pilot.press("q")  # which writes the state down
    assert json.loads(state_path(library).read_text())["playlist_name"] == str(file)


def said(app: FairouzApp) -> str:
    return str(app.screen.query_one("#said", Static).content)

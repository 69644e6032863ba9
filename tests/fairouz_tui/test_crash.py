"""An error that nobody foresaw: the terminal as it was, two plain lines, a log, exit code 1."""

import asyncio
import itertools
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.crash import KEPT_LOGS, log_text, told_crash, write_log
from fairouz_tui.crashing import CRASH_VARIABLE
from tests.fairouz_tui.shelf import shelve

PATIENCE_SECONDS = 60.0
_numbers = itertools.count()


class Shell:
    """A tmux server of our own with a shell in it."""

    def __init__(self) -> None:
        self._name = f"fairouz-crash-{os.getpid()}-{next(_numbers)}"  # a server that ends is still there a moment
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "30", "env PS1='$ ' sh")

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-u", "-L", self._name, *arguments], capture_output=True, text=True, timeout=20)
        return done.stdout

    def shows(self, text: str) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in (shown := self.tmux("capture-pane", "-pJ")):
            assert time.monotonic() < deadline, f"{text!r} did not come:\n{shown}"
            time.sleep(0.1)
        return shown


@pytest.fixture
def shell() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    shell.tmux("kill-server")


def test_a_crash_leaves_a_usable_terminal_and_two_lines(shell: Shell, tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    command = f"{CRASH_VARIABLE}=1 {sys.executable} -m fairouz_tui --library {shlex.quote(str(library))}"
    shell.tmux("send-keys", f"TERM=xterm-256color {command} 2>&1; echo code=$?", "Enter")
    shown = shell.shows("code=1")
    shell.tmux("send-keys", "echo back $((40 + 2))", "Enter")
    shell.shows("back 42")
    said = shown.replace("\n", "")
    assert "the explorer ended because of an error in it: RuntimeError: FAIROUZ_CRASH is set" in said
    assert "Your library and your music are unharmed; what to report stands in " in said
    assert "Traceback" not in said
    assert "╭" not in said
    assert shell.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}").split() == [
        "0",
        "1",
        "0",
    ]
    (log,) = (library / "crashes").glob("crash-*.log")
    assert str(log) in said
    assert "RuntimeError: FAIROUZ_CRASH is set" in log.read_text("utf-8")
    assert "Traceback (most recent call last)" in log.read_text("utf-8")


def failed_with(text: str) -> Exception:
    try:
        raise ValueError(text)
    except ValueError as error:
        return error


def test_a_log_holds_no_control_characters_of_a_name(tmp_path: Path) -> None:
    error = failed_with("\x1b[31mred\u202e \udcff " + "x" * 10_000)
    log = write_log(error, library=tmp_path)
    assert log is not None
    text = log.read_text("utf-8")
    assert "\\u001b[31mred\\u202e \\udcff" in text
    assert all(one.isprintable() for line in text.split("\n") for one in line)
    assert max(map(len, text.split("\n"))) < 3000
    first, second = told_crash(error, library=tmp_path).split("\n")
    assert all(one.isprintable() for one in first + second)
    assert len(first) < 300


def test_the_last_logs_are_kept(tmp_path: Path) -> None:
    (tmp_path / "crashes").mkdir()
    for number in range(8):
        (tmp_path / "crashes" / f"crash-2026010{number}-120000-1.log").touch()
    log = write_log(failed_with("now"), library=tmp_path)
    kept = sorted((tmp_path / "crashes").iterdir())
    assert len(kept) == KEPT_LOGS
    assert kept[-1] == log


def test_a_library_that_is_not_there_is_not_made_for_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    log = write_log(failed_with("now"), library=tmp_path / "none")
    assert not (tmp_path / "none").exists()
    assert log is not None
    assert "ValueError: now" in log_text(failed_with("now"))


async def crashing(app: FairouzApp) -> None:
    async with app.run_test() as pilot:

        def fail() -> None:
            raise RuntimeError("in a handler")

        app.call_later(fail)
        while app.crash is None:
            await asyncio.sleep(0.01)
        await pilot.pause()


async def test_a_crash_ends_what_was_started(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FairouzApp(library)
    let_go: list[bool] = []
    monkeypatch.setattr(app, "let_go", lambda: let_go.append(True))
    with pytest.raises(RuntimeError, match="in a handler"):
        await crashing(app)
    assert let_go == [True]
    assert app.return_code == 1

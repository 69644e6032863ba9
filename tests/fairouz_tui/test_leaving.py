"""Leaving from outside: by signals, without a terminal, and while something computes."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairouz_tui.leaving import LEAVING_SECONDS
from fairouz_tui.paths import state_path
from fairouz_tui.state import load_state
from tests.fairouz_tui.pseudo_terminal import PATIENCE_SECONDS, PseudoTerminal
from tests.fairouz_tui.shelf import shelve

Opened = Callable[..., PseudoTerminal]
COMPUTES_SECONDS = 30.0
COMPUTES = f"""
import pathlib, time
from fairouz_tui.open_library import OpenLibrary
def answer(self, step, *, faders):
    (self.path / "computes").touch()
    time.sleep({COMPUTES_SECONDS})
OpenLibrary.answer = answer
"""


CRASHES = f"""
import time
from fairouz_tui.app import FairouzApp
def begin(self):
    self.run_worker(lambda: compute(self.library.path), thread=True, exit_on_error=False)
def compute(path):
    (path / "computes").touch()
    time.sleep({COMPUTES_SECONDS})
def fail(self):
    raise RuntimeError("a mistake")
FairouzApp.on_ready, FairouzApp.action_help = begin, fail
"""
"""A thread is at work, and the key of the help is a mistake."""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return shelve(tmp_path / "library")


@pytest.fixture
def opened(shelf: Path, tmp_path: Path) -> Iterator[Opened]:
    made: list[PseudoTerminal] = []

    def open_(**options: object) -> PseudoTerminal:
        terminal = PseudoTerminal(shelf, environment={"FAIROUZ_HOME": str(tmp_path)}, **options)  # type: ignore[arg-type]
        made.append(terminal)
        terminal.shows("Li Beirut", "Playlist")
        return terminal

    yield open_
    for terminal in made:
        terminal.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_and_the_state_as_the_key_does(
    opened: Opened, shelf: Path, number: signal.Signals
) -> None:
    terminal = opened()
    terminal.press("a")
    terminal.shows("Playlist · 1 track")
    terminal.signal(number)
    code, _ = terminal.ends()
    assert code == 128 + number
    assert terminal.is_as_before()
    assert len(load_state(state_path(shelf)).playlist) == 1


def test_a_terminal_that_is_gone_without_a_signal_is_left(opened: Opened, shelf: Path) -> None:
    terminal = opened(ignored=[signal.SIGHUP])
    terminal.press("a")
    terminal.shows("Playlist · 1 track")
    terminal.hang_up()
    code, _ = terminal.ends()
    assert code == 128 + signal.SIGHUP
    assert len(load_state(state_path(shelf)).playlist) == 1


def test_a_terminal_that_takes_nothing_does_not_hold_the_end_up(opened: Opened) -> None:
    terminal = opened()
    for _ in range(60):  # each turns the screen about, until what nobody reads fills all that lies between
        terminal.press("?\x1b")
        time.sleep(0.02)
    terminal.signal(signal.SIGTERM)
    code, seconds = terminal.ends(reading=False)
    assert code == 128 + signal.SIGTERM
    assert seconds < LEAVING_SECONDS + PATIENCE_SECONDS / 4


def wait_until_it_computes(shelf: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (shelf / "computes").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_who_leaves_does_not_wait_for_what_is_computed(opened: Opened, shelf: Path) -> None:
    terminal = opened(code=COMPUTES)
    terminal.press("m")
    wait_until_it_computes(shelf)
    terminal.press("q")
    code, seconds = terminal.ends()
    assert code == 0
    assert seconds < COMPUTES_SECONDS / 3
    assert terminal.is_as_before()


def test_who_crashes_does_not_wait_for_what_is_computed(opened: Opened, shelf: Path) -> None:
    terminal = opened(code=CRASHES)
    wait_until_it_computes(shelf)
    terminal.press("?")
    code, seconds = terminal.ends()
    assert code == 1
    assert seconds < COMPUTES_SECONDS / 3
    terminal.shows("RuntimeError: a mistake")


def test_who_made_it_deaf_to_a_signal_keeps_it_so(opened: Opened) -> None:
    terminal = opened(ignored=[signal.SIGINT])
    terminal.signal(signal.SIGINT)
    terminal.press("a")
    terminal.shows("Playlist · 1 track")
    terminal.press("q")
    assert terminal.ends()[0] == 0

"""One round in a real terminal: search, more like this, why, add, save, all by keys sent to tmux."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fairouz_tui.terminal import Terminal


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
    terminal.resize(70, 20)
    terminal.press("Escape")
    terminal.shows("library › “harbour” › Harbour Song")
    terminal.press("BSpace")
    terminal.shows("“harbour” · 1 of 36")
    terminal.quit()


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

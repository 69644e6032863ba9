"""The explorer in real terminals: every screen by keys alone, a slow link, few colours, sizes that change, copying."""

import base64
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.binding import Binding

from fairouz_tui.errors import AppError
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore_keys import EXPLORE_KEYS
from fairouz_tui.screens.visits import screen_class
from tests.fairouz_tui import slow_link
from tests.fairouz_tui.terminal import FULL_COLOURS, Terminal

SIZES = [(120, 40), (90, 30), (60, 16)]
DELAY_MILLISECONDS = 200
LEFTOVER = re.compile(r"\x1b|\[\?|\$y|\[<|;\d+[RcnMm]|\d+;\d+;\d+")
"""What a terminal's answers and the mouse's reports look like when they are taken for keys, or shown."""


def visited() -> Iterator[tuple[str, str, str]]:
    """Yield the key, the name and the title of every screen that is visited from Explore."""
    for binding in EXPLORE_KEYS:
        assert isinstance(binding, Binding)
        name = re.fullmatch(r"visit\('(\w+)'\)", binding.action)
        try:
            title = screen_class(name[1]).TITLE_TEXT if name else ""
        except AppError:
            continue
        if name and title:
            yield binding.key.split(",")[0], name[1], title


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    started: list[Terminal] = []
    yield started
    for terminal in started:
        terminal.close()


def memories(library: Path) -> dict[str, object]:
    return dict(json.loads(state_path(library).read_text())["memories"])


def visit_all(terminal: Terminal, *, moving: bool) -> None:
    """Open every screen from Explore and come back, each by its key; with `moving`, move about in it."""
    for key, _, title in visited():
        terminal.press(key)
        terminal.shows(f"▸ {title}")
        if moving:
            terminal.press("j", "j", "k")
        terminal.until(lambda _: is_still(terminal), "the screen does not come to rest")
        terminal.press("Escape")
        terminal.shows("“harbour” ·")


def is_still(terminal: Terminal) -> bool:
    """Return whether the screen stays as it is for some looks."""
    first = terminal.screen()
    return all(terminal.screen() == first for _ in range(8))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_each_screen_is_used_by_keys_and_kept_for_the_next_run(
    library: Path, terminals: list[Terminal], size: tuple[int, int]
) -> None:
    columns, lines = size
    terminals.append(first := Terminal(library, columns=columns, lines=lines))
    first.shows("36 tracks", "Library · 1 of 36")
    first.press("/")
    first.type("harbour\r")
    first.shows("“harbour” · 1 of 36")
    first.press("a")  # and on to the next row
    first.shows("“harbour” · 2 of 36", "+ ")
    visit_all(first, moving=True)
    first.quit()
    kept = memories(library)
    terminals.append(second := Terminal(library, columns=columns, lines=lines))
    second.shows("“harbour” · 2 of 36", "+ ")
    visit_all(second, moving=False)
    second.press("2")
    second.shows("Playlist · 1 track")
    second.quit()
    assert memories(library) == kept


def test_behind_a_slow_link_no_key_is_lost_and_none_comes_by_itself(library: Path, terminals: list[Terminal]) -> None:
    through = [sys.executable, slow_link.__file__, str(DELAY_MILLISECONDS)]
    terminals.append(terminal := Terminal(library, columns=90, lines=30, through=through))
    terminal.shows("Library · 1 of 36")
    terminal.type("/harbour")
    shown = terminal.shows("“harbour” · 1 of")
    assert re.search(r"/ ?harbour\s", shown), shown
    terminal.type("\r")
    terminal.shows("“harbour” · 1 of 36")
    terminal.type("jjjjjkk")
    shown = terminal.shows("“harbour” · 4 of 36")
    assert not LEFTOVER.search(shown), shown
    terminal.press("/", "C-u")
    terminal.shows_no_more("/ harbour")
    terminal.type("rain")
    shown = terminal.shows("“rain” · 1 of")
    assert re.search(r"/ ?rain\s", shown), shown
    terminal.press("Escape")
    terminal.resize(120, 40)
    shown = terminal.until(lambda shown: "About" in shown and "“rain”" in shown, "the third pane does not come")
    assert not LEFTOVER.search(shown), shown
    terminal.quit()


@pytest.mark.parametrize("term", ["xterm", "linux", "vt100"])
def test_with_few_colours_nothing_stray_is_shown(
    library: Path, tmp_path: Path, terminals: list[Terminal], term: str
) -> None:
    record = tmp_path / "written"
    terminals.append(terminal := Terminal(library, columns=90, lines=30, environment={"TERM": term}, record=record))
    terminal.shows("Library · 1 of 36")
    terminal.press("j", "j")
    terminal.shows("Library · 3 of 36")
    terminal.type("/harbour\r")
    shown = terminal.shows("“harbour” · 1 of 36")
    assert re.search(r"/ ?harbour\s", shown), shown
    assert not LEFTOVER.search(shown), shown
    terminal.quit()
    assert b"8;2;" not in record.read_bytes()


def test_resizing_and_copying(library: Path, tmp_path: Path, terminals: list[Terminal]) -> None:
    record = tmp_path / "written"
    terminals.append(terminal := Terminal(library, columns=60, lines=16, environment=FULL_COLOURS, record=record))
    terminal.shows("Library · 1 of 36")
    terminal.resize(300, 80)
    terminal.shows("Library · 1 of 36", "About")
    terminal.press("j")
    terminal.shows("Library · 2 of 36")
    terminal.resize(50, 12)
    terminal.shows("fairouz needs at least 60 × 16 cells")
    terminal.resize(60, 16)
    shown = terminal.shows("Library · 2 of 36")
    assert all(len(line) <= 60 for line in shown.split("\n"))
    terminal.press("y")
    terminal.shows("Copied")
    copied = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", record.read_bytes())
    assert base64.b64decode(copied[-1]).decode() in paths(library)
    terminal.quit()


def paths(library: Path) -> list[str]:
    """Return the paths of all tracks."""
    query = "SELECT CAST(r.path AS TEXT) || '/' || CAST(t.path AS TEXT) FROM tracks t JOIN roots r ON r.id = t.root_id"
    with sqlite3.connect(library / "library.db") as connection:
        return [row[0] for row in connection.execute(query)]

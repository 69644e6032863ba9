"""Tags that hold anything at all change nothing on the screen but their own cells, and send the terminal nothing."""

import re
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Answered
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.visits import visit
from fairouz_tui.steps import Kind, Step
from indexer.catalogue import Catalogue
from indexer.exploring.answer import Answer, Hit
from tests.fairouz_tui.driving import explore, pane_text, until
from tests.fairouz_tui.hostility import (
    ALL_AT_ONCE,
    HOSTILE,
    Cell,
    assert_only_tags_differ,
    harmless,
    is_safe,
    library_of,
    path_of,
    still,
)
from tests.fairouz_tui.shelf import Entry, shelve
from tests.fairouz_tui.terminal import Terminal, controls
from tests.fairouz_tui.test_terminals import visited

SENT = [
    b"\x1b[6969",
    b"\x1b]0;",
    b"owned\x07",
    b"\x1bP1",
    b"\xc2\x9b",
    b"\xc2\x85",
    b"\x05",
    b"\x0e",
    b"\x7f",
    b"\x08",
] + [character.encode() for character in "\u202e\u2066\u2067\u2069\u200f\u061c\u200b\u200d\u2060\ufeff\u2028\ufe0f"]
"""What may not reach a terminal."""


async def pictures(library: Path) -> dict[str, list[list[Cell]]]:
    """Return the cells of Explore where the first track stands in the list, both panes, the trail and a notice."""
    app = FairouzApp(library)
    shown: dict[str, list[list[Cell]]] = {}
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.animation_level = "none"
        screen = await explore(pilot)
        await pilot.press("a", "g")
        await until(pilot, lambda: screen.why.border_title == "About")
        shown["library"] = await still(pilot)
        rows = Catalogue(library).rows([1, 2, 3])
        parts = {"audio": 0.3, "graph": 0.1}
        hits = tuple(Hit(row, 0.4 - 0.1 * at, 90.0, parts) for at, row in enumerate(rows))
        step = Step(Kind.TRACK, track=rows[0])
        screen.post_message(Answered(screen._ask, step, Answer("", 4.2, hits)))
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        shown["answer"] = await still(pilot)
        screen.say(f"Copied {rows[0].title}")
        shown["notice"] = await still(pilot)
    return shown


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_tag_changes_nothing_but_its_own_cells(tmp_path: Path, name: str) -> None:
    text = HOSTILE[name]
    hostile = await pictures(library_of(tmp_path / "hostile", text, path=path_of(text), lyrics=text))
    lyrics = "\n".join(map(harmless, text.splitlines()))
    plain = await pictures(library_of(tmp_path / "plain", harmless(text), path=harmless(path_of(text)), lyrics=lyrics))
    for picture, lines in plain.items():
        assert_only_tags_differ(lines, hostile[picture], picture)


async def test_no_other_screen_lets_a_tag_out_of_its_cells(tmp_path: Path) -> None:
    library = library_of(tmp_path, ALL_AT_ONCE, path=path_of(ALL_AT_ONCE))
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.animation_level = "none"
        screen = await explore(pilot)
        assert isinstance(screen, ExploreScreen)
        await pilot.press("g")
        for name in visited_names():
            app.push_screen(visit(name, screen))
            await until(pilot, lambda: app.screen is not screen)
            for line in await still(pilot):
                assert len(line) == 120, name
                assert is_safe("".join(sign for sign, _ in line)), name
            app.pop_screen()
            await until(pilot, lambda: app.screen is screen)


def visited_names() -> list[str]:
    """Return the names of the screens that are visited from Explore."""
    return [name for _, name, _ in visited()]


async def test_hostile_tags_stay_text_everywhere(tmp_path: Path) -> None:
    hostile = "[bold red]x[/bold red] \x1b[31m [@click=app.quit]y[/] \u202egnp"
    library = shelve(tmp_path, (Entry(hostile, hostile, hostile, lyrics=hostile), Entry("b", "c", "d")))
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: "[bold red]x[/bold red]" in pane_text(screen))
        await pilot.press("a", "g", "y", "slash", *"bold")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and len(screen.results) == 1)
        shown = app.export_screenshot()
        assert "[bold&#160;red]" in shown or "[bold red]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def test_nothing_of_a_tag_reaches_the_terminal_as_a_command(tmp_path: Path) -> None:
    written = {}
    for kind, text in (("hostile", ALL_AT_ONCE), ("plain", "A plain title")):
        record = tmp_path / f"{kind}.bytes"
        terminal = Terminal(library_of(tmp_path / kind, text, path=path_of(text)), record=record)
        try:
            terminal.shows("Library · 1 of 3", "About")
            terminal.press("a")
            terminal.shows("Playlist · 1 track")
            terminal.press("k", "y")
            terminal.shows("Copied")
            for key, _, title in visited():
                terminal.press(key)
                terminal.shows(f"▸ {title}")
                terminal.press("j", "Escape")
                terminal.shows("Library · ")
            terminal.quit()
        finally:
            terminal.close()
        written[kind] = record.read_bytes()
    without_copying = re.sub(rb"\x1b\]52;c;[^\x07\x1b]*(\x07|\x1b\\)", b"", written["hostile"])
    assert not [sent for sent in SENT if sent in without_copying]
    assert controls(written["hostile"]) <= controls(written["plain"])

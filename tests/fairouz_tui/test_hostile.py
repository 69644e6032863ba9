"""Tags that hold anything at all change nothing on the screen but their own cells, and send the terminal nothing."""

import asyncio
import re
import unicodedata
from pathlib import Path

import pytest
from rich.cells import get_character_cell_size
from rich.style import Style
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Answered
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.visits import visit
from fairouz_tui.show import one_line
from fairouz_tui.state import State, save_state
from fairouz_tui.steps import Kind, Step
from indexer.catalogue import Catalogue
from indexer.exploring.answer import Answer, Hit
from indexer.graph import rebuild_graph
from indexer.storing.store import Store
from models.modality import Modality
from tests.fairouz_tui.driving import explore, until
from tests.fairouz_tui.shelf import Entry, shelve
from tests.fairouz_tui.terminal import Terminal, controls
from tests.fairouz_tui.test_terminals import visited

NARROW, WIDE = "ʘ", "龘"
"""Stand for what takes one cell, and two: no text of the explorer has them."""
ZERO_WIDTH_NON_JOINER = "\u200c"
HOSTILE = {
    "markup": "[bold red]x[/bold red] [@click=app.quit]y[/] [/nothing] \\[z]",
    "escapes": "a\x1b[31mred\x1b[6969H\x1b]0;owned\x07\x1bP1;1q\x1b\\b\x9b31mc",
    "controls": "a\x00b\x05c\x07d\x08e\x0ef\x7fg\x85h",
    "directions": "a\u202eb\u2066c\u2067d\u2069e\u200ff\u061cg",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg",
    "long": "word and " * 1_200,
    "emoji": "👩\u200d👩\u200d👧 🇱🇧 👍🏽 ❤\ufe0f 🏴\U000e0067\U000e007f x",
    "stacks": "z\u0300\u0301\u0302\u0303" * 3 + "a" + "\u0336" * 200 + "lgo",
    "lines": "one\ntwo\r\nthree\u2028four\x0bfive\tsix",
    "right to left": "نسّم علينا الهوى שלום abc",
    "unassigned": "a\ud800b\U000e1000c\ue000d".encode("utf-8", "replace").decode(),
}
ALL_AT_ONCE = " ".join(text[:40] for text in HOSTILE.values())
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
Cell = tuple[str, Style | None]


def harmless(text: str) -> str:
    """Return a text that is as wide, and breaks where this one does."""
    signs = {0: "", 1: NARROW, 2: WIDE}
    return "".join(" " if one == " " else signs[get_character_cell_size(one)] for one in one_line(text))


def path_of(text: str) -> str:
    """Return a file's name that holds what a file's name may."""
    return text[:60].replace("\0", "").replace("/", "") + ".mp3"


def library_of(folder: Path, text: str, *, path: str, lyrics: str = "words") -> Path:
    """Write three tracks of which the first has `text` in every tag; shown by length, which no tag changes."""
    has = (Modality.AUDIO, Modality.TAGS, Modality.LYRICS, Modality.GRAPH)
    entries = (
        Entry(text, text, text, 1970, 100.0, lyrics, has),
        Entry("Second", "Someone", "Album", 1980, 200.0, "words", has),
        Entry("Third", "Someone", "Album", 1990, 300.0),
    )
    shelve(folder, entries)
    with Store(folder) as store:
        with store.writing() as connection:
            connection.execute("UPDATE tracks SET path = ? WHERE id = 1", (path.encode("utf-8", "replace"),))
        rebuild_graph(store)
    save_state(state_path(folder), state=State(sort="duration"))
    return folder


def cells(app: FairouzApp) -> list[list[Cell]]:
    """Return every cell of the screen: its sign with what is combined with it, and how it is drawn."""
    return [line_cells(list(strip)) for strip in app.screen._compositor.render_strips()]


def line_cells(segments: list[tuple[str, Style | None, object]]) -> list[Cell]:
    line: list[Cell] = []
    for text, style, _ in segments:
        drawn = style.clear_meta_and_links() if style else style  # of a selection, which counts letters: not seen
        for character in text:
            width = get_character_cell_size(character)
            if width == 0 and line:
                line[-1] = (line[-1][0] + character, line[-1][1])
            line += [(character, drawn)] * width
    return line


def is_safe(text: str) -> bool:
    """Return whether a text moves nothing: no control, no direction, nothing unseen but the joiner of spelling."""
    return all(
        unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Zl", "Zp") or one == ZERO_WIDTH_NON_JOINER for one in text
    )


async def still(pilot: Pilot[None]) -> list[list[Cell]]:
    """Return the cells once nothing is asked any more and they stay as they are."""
    app = pilot.app
    assert isinstance(app, FairouzApp)
    seen: list[list[Cell]] = []
    for _ in range(200):
        await asyncio.sleep(0.06)
        await pilot.pause()
        now = cells(app)
        if now == seen and all(worker.is_finished for worker in app.workers):
            break
        seen = now
    return seen


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
        for at, (wanted, found) in enumerate(zip(lines, hostile[picture], strict=True)):
            assert len(found) == len(wanted) == 120
            assert is_safe("".join(sign for sign, _ in found))
            for column, (one, other) in enumerate(zip(wanted, found, strict=True)):
                where = f"{picture}, line {at}, column {column}"
                assert one[1] == other[1], where
                assert one[0] in (NARROW, WIDE) or one[0] == other[0], where


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

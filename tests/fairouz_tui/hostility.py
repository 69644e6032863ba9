"""Libraries whose tags hold anything at all, harmless ones of the same widths, and the cells that a screen draws."""

import asyncio
import unicodedata
from pathlib import Path

from rich.cells import get_character_cell_size
from rich.style import Style
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.paths import state_path
from fairouz_tui.show import one_line
from fairouz_tui.state import State, save_state
from indexer.graph import rebuild_graph
from indexer.storing.store import Store
from models.modality import Modality
from tests.fairouz_tui.shelf import Entry, shelve

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
Cell = tuple[str, Style | None]


def harmless(text: str) -> str:
    """Return a text that is as wide, and breaks where this one does."""
    signs = {0: "", 1: NARROW, 2: WIDE}
    return "".join(" " if one == " " else signs[get_character_cell_size(one)] for one in one_line(text))


def path_of(text: str) -> str:
    """Return a file's name that holds what a file's name may."""
    return text[:60].replace("\0", "").replace("/", "") + ".mp3"


def library_of(
    folder: Path, text: str, *, path: str, lyrics: str = "words", artist: str | None = None, album: str | None = None
) -> Path:
    """Write three tracks of which the first has `text` in every tag; shown by length, which no tag changes."""
    has = (Modality.AUDIO, Modality.TAGS, Modality.LYRICS, Modality.GRAPH)
    entries = (
        Entry(text, text if artist is None else artist, text if album is None else album, 1970, 100.0, lyrics, has),
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
            line += [(character, _blank(drawn) if character == " " else drawn)] * width
    return line


def _blank(style: Style | None) -> Style | None:
    """Return what can be seen of an empty cell's style: what it would be written in is not."""
    if style is None or style.underline or style.strike or style.reverse:
        return style
    return Style(bgcolor=style.bgcolor)


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


def assert_only_tags_differ(plain: list[list[Cell]], hostile: list[list[Cell]], picture: str) -> None:
    """Fail where a hostile library is drawn otherwise than the harmless one, but for the signs of its tags."""
    for at, (wanted, found) in enumerate(zip(plain, hostile, strict=True)):
        assert len(found) == len(wanted) == 120
        assert is_safe("".join(sign for sign, _ in found))
        for column, (one, other) in enumerate(zip(wanted, found, strict=True)):
            where = f"{picture}, line {at}, column {column}"
            assert one[1] == other[1], where
            assert one[0] in (NARROW, WIDE) or one[0] == other[0], where

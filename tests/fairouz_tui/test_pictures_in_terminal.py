"""Pictures in a real terminal: its own graphics where they are set, and never a question to it."""

import re
from pathlib import Path

import pytest

from tests.fairouz_tui.terminal import FULL_COLOURS, Terminal

QUESTIONS = (b"\x1b[c", b"\x1b[0c", b"\x1b[16t", b"\x1b[14t", b"a=q")
"""What textual-image would ask at import: the attributes of the terminal, the size of a cell, Kitty's graphics."""


@pytest.mark.parametrize(
    ("images", "sign"), [("kitty", rb"\x1b_Gi=\d+,m=1,f=100,q=2;"), ("sixel", rb"\x1bP[0-9;]*q"), ("half", None)]
)
def test_the_card_draws_its_cover_and_asks_the_terminal_nothing(
    library: Path, tmp_path: Path, images: str, sign: bytes | None
) -> None:
    (tmp_path / "config.toml").write_text(f'images = "{images}"\n')
    record = tmp_path / "written"
    environment = {**FULL_COLOURS, "FAIROUZ_HOME": str(tmp_path)}
    terminal = Terminal(library, columns=90, lines=30, environment=environment, record=record)
    try:
        terminal.shows("36 tracks", "Layali")
        terminal.press("c")
        terminal.shows("Layali - Dunya & Rafiq", "Lyrics")
        if sign is not None:
            terminal.until(lambda _: re.search(sign, record.read_bytes()), "no picture was written")
        else:
            terminal.shows("▀▀▀▀▀▀▀▀")
        terminal.press("n", "n", "Escape")
        terminal.shows("36 tracks")
        terminal.quit()
    finally:
        terminal.close()
    written = record.read_bytes()
    assert not [question for question in QUESTIONS if question in written]
    if sign is None:
        assert b"\x1b_G" not in written
        assert b"\x1bP" not in written

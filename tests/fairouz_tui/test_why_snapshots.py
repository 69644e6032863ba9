"""Pictures of the panes of an explanation and of the card. After a change that is meant: pytest --snapshot-update."""

from pathlib import Path
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Explained
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.picture import picture_of
from fairouz_tui.reasons.page import TABS, View
from fairouz_tui.screens.card import CardScreen
from fairouz_tui.theme import FAIROUZ
from fairouz_tui.widgets.explanation import ExplanationPane
from tests.fairouz_tui.driving import explore, rest, until
from tests.fairouz_tui.shelf import picture, shelve
from tests.fairouz_tui.test_why_pages import SOUND, explanation

SIZES = [(120, 40), (90, 30), (60, 16)]
ANALYSED = [
    {"name": "brightness_hz", "value": 1240.0, "text": "1240 Hz", "confidence": 1.0},
    {"name": "highlight_seconds", "value": 72.0, "text": "1:12", "confidence": 0.7},
    {"name": "key", "value": 21.0, "text": "A minor", "confidence": 0.83},
    {"name": "loudness_lufs", "value": -14.2, "text": "-14.2 LUFS", "confidence": 1.0},
]


class PaneApp(App[None]):
    """The right pane alone, as wide as it is beside the lists."""

    CSS = "Screen { background: $background; } ExplanationPane { border: round $border-blurred; }"

    def __init__(self, library: Path) -> None:
        super().__init__()
        self.register_theme(FAIROUZ)
        self.theme = FAIROUZ.name
        self.animation_level = "none"
        self.library = OpenLibrary(library)

    def compose(self) -> ComposeResult:
        yield ExplanationPane(self.library)


@pytest.mark.parametrize("width", [46, 76])
@pytest.mark.parametrize("tab", [*TABS, "radar"])
def test_panes(snap_compare: Any, tmp_path: Path, tab: str, width: int) -> None:
    async def show(pilot: Pilot[None]) -> None:
        pane = pilot.app.query_one(ExplanationPane)
        known = explanation()
        pane._sounds._known = {known.a.path: SOUND, known.b.path: "no such file"}
        covers = (picture_of(picture(1), columns=16), picture_of(picture(2), columns=16))
        pane.post_message(Explained(0, known, covers))
        if tab == "radar":
            pane.view = View(radar=True, matrix=True)
        else:
            pane.open(tab)
        await until(pilot, lambda: pane._explained is not None)
        await rest(pilot)

    assert snap_compare(PaneApp(shelve(tmp_path)), terminal_size=(width, 40), run_before=show)


@pytest.mark.parametrize("words", [False, True], ids=["facts", "words"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_card(snap_compare: Any, tmp_path: Path, size: tuple[int, int], words: bool) -> None:
    async def show(pilot: Pilot[None]) -> None:
        screen = await explore(pilot)
        pilot.app.animation_level = "none"
        (row,) = screen.library.open().rows([2])
        screen.visit("card", track=row)
        await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen) and pilot.app.screen._card)
        card = pilot.app.screen
        assert isinstance(card, CardScreen)
        assert card._card is not None
        await rest(pilot)
        card._card |= {"attributes": ANALYSED, "sample_rate": 44100, "channels": 2, "bitrate": 192000}
        card._versions = screen.library.open().rows([1])
        card._show(home=True)
        if words:
            await pilot.press("tab")
            lines = [f"Li Beirut, line {number}" for number in range(1, 41)]
            card.lyrics.show_lyrics("\n".join(lines), [float(number) for number in range(40)])
            card._sung_seconds = lambda: 20.5  # type: ignore[method-assign]  # nothing plays here
            card._look()
        await rest(pilot)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=show)

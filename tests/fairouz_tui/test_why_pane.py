"""The right pane with a tab for each modality, in the real Explore screen on the demo's library."""

import base64
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from textual.content import Content
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.messages import Explained
from fairouz_tui.reasons.page import TABS
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.widgets.tab_strip import TabStrip
from tests.fairouz_tui.driving import explore, until

WIDE = (120, 40)


def text_of(screen: ExploreScreen) -> str:
    content = screen.why.query_one(Static).content
    assert isinstance(content, Content)
    return content.plain


async def explained(pilot: Pilot[None], a: str, b: str) -> ExploreScreen:
    """Return Explore with the reasons of a marked track and the one under the cursor, whole."""
    screen = await explore(pilot)
    titles = [row.title for row in screen.library.open().window(0, 100)]
    screen.results.cursor = titles.index(a)
    await pilot.press("x", "e")
    screen.results.cursor = titles.index(b)
    await until(pilot, lambda: (known := screen.why._explained) is not None and known.whole)
    return screen


async def test_every_tab_by_the_keys_and_the_mouse(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        strip = screen.why.query_one(TabStrip)
        assert strip.display
        assert "score" in text_of(screen)
        await pilot.press("3")
        said = {}
        for tab in (*TABS[1:], TABS[0]):
            await pilot.press("l" if tab in ("audio", "tags") else "right")
            assert strip.open_tab == tab
            said[tab] = text_of(screen)
        assert len(set(said.values())) == len(TABS)
        assert "Marisol Vey" in said["graph"]
        assert "Evening walk" in said["playlists"]
        assert "Both say" in said["tags"]
        await pilot.press("h")
        assert strip.open_tab == "playlists"
        await pilot.press("left")
        assert strip.open_tab == "graph"
        cells = {tab: start for tab, _, start in strip.labels()}
        await pilot.click(TabStrip, offset=(cells["cover"] + 2, 0))
        assert strip.open_tab == "cover"
        await pilot.press("1", "right_square_bracket")
        assert strip.open_tab == "graph"
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert strip.open_tab == "tags"


async def test_keys_that_come_at_once_each_find_the_pane_of_the_one_before(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        assert app._driver is not None
        for key in ("tab", "tab", "r"):
            app._driver.send_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: screen.why.view.radar)
        assert screen.why.has_focus


async def test_the_tab_stays_open_while_the_cursor_moves(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("x", "e", "j")
        await until(pilot, lambda: screen.why.query_one(TabStrip).display)
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: "Both say" in text_of(screen))
        before = text_of(screen)
        await pilot.press("j")
        await until(pilot, lambda: text_of(screen) != before)
        assert "Both say" in text_of(screen)
        await pilot.press("i")
        await until(pilot, lambda: not screen.why.query_one(TabStrip).display)
        assert "file" in text_of(screen)


async def test_the_overview_as_a_radar_and_what_it_is_made_of(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        bars = text_of(screen)
        score = re.search(r"^score +(\S+)$", bars, re.MULTILINE)
        assert score is not None
        await pilot.press("3", "r")
        assert any("\u2801" <= letter <= "\u28ff" for letter in text_of(screen))
        assert re.search(rf"^score +{re.escape(score[1])}$", text_of(screen), re.MULTILINE)
        await pilot.press("w")
        assert f"they add up to {score[1]}" in text_of(screen)
        await pilot.press("w", "l", "r")
        assert text_of(screen) == bars


async def test_both_sounds_are_pictured_and_a_file_that_is_gone_says_so(library: Path, tmp_path: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        screen.why.open("audio")
        await until(pilot, lambda: text_of(screen).count("0-11 kHz") == 2)
        known = screen.why._explained
        assert known is not None
        first, second = known.explanation.a, known.explanation.b
        assert screen.why._sounds.get(first) != screen.why._sounds.get(second)
        gone = replace(known.explanation, b=replace(second, path=str(tmp_path / "gone.mp3")))
        screen.why._dismiss()
        screen.why.post_message(Explained(screen.why._ask, gone))
        await until(pilot, lambda: "no such file" in " ".join(text_of(screen).split()).lower())
        assert text_of(screen).count("0-11 kHz") == 1


@pytest.mark.parametrize("images", ["kitty", "sixel"])
async def test_graphics_of_the_terminal_are_sent_without_a_question(library: Path, images: str) -> None:
    app = FairouzApp(library, config=Config(images=images))
    async with app.run_test(size=WIDE) as pilot:
        sent: list[str] = []
        assert app._driver is not None
        app._driver.write = sent.append  # type: ignore[method-assign, assignment]  # what a terminal would be given
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        screen.why.open("cover")
        await until(pilot, lambda: len(screen.why.query(".picture")) == 2)
        first = screen.why.query(".picture").first()
        await until(pilot, lambda: first.size.width > 16 and (images == "sixel" or "U=1" in "".join(sent)))
        assert "▀" not in text_of(screen)
        written = "".join(sent)
        assert "\x1b[c" not in written
        assert "\x1b[16t" not in written
        if images == "kitty":
            number, _ = re.findall(r"\x1b_Gi=(\d+),(m=\d),f=100", written)[0]
            data = "".join(re.findall(rf"\x1b_Gi={number},m=\d,f=100,q=2;([^\x1b]*)\x1b", written))
            picture = Image.open(BytesIO(base64.b64decode(data)))
            assert picture.size[0] == picture.size[1] > 100
        screen.why.say("Why", "Nothing")
        await until(pilot, lambda: not screen.why.query(".picture"))


async def test_off_draws_no_picture(library: Path) -> None:
    app = FairouzApp(library, config=Config(images="off"))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explained(pilot, "Two Lamps", "Lake, Unlit")
        screen.why.open("cover")
        await pilot.pause()
        assert "▀" not in text_of(screen)
        assert not screen.why.query(".picture")


async def test_neighbours_in_a_playlist_are_explained(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "2", "G", "e")
        first, second = screen.playlist.tracks
        await until(pilot, lambda: (known := screen.why._explained) is not None and known.whole)
        known = screen.why._explained
        assert known is not None
        assert (known.explanation.a.id, known.explanation.b.id) == (first.id, second.id)

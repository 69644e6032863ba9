"""Neighbours by every modality side by side: filled by the real library, walked by keys, agreement marked."""

from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from fairouz_tui.agreement import COLUMNS, JOINT, marks
from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.modalities import ColumnRead, ModalitiesScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.column_tabs import ColumnTabs
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.catalogue import Catalogue
from indexer.explorer import Explorer
from indexer.exploring.answer import Hit
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import FEW, Entry, shelve

WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)


def app_on(library: Path) -> FairouzApp:
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))


async def compared(pilot: Pilot[None], *keys: str) -> ModalitiesScreen:
    """Open the screen on the track that the keys lead to in Explore, and return it when all columns are there."""
    await explore(pilot)
    await pilot.press(*keys, "t")
    await until(pilot, lambda: isinstance(pilot.app.screen, ModalitiesScreen) and filled(pilot.app.screen))
    screen = pilot.app.screen
    assert isinstance(screen, ModalitiesScreen)
    return screen


def filled(screen: object) -> bool:
    return isinstance(screen, ModalitiesScreen) and set(screen.lists) == set(COLUMNS)


def in_sight(screen: ModalitiesScreen) -> list[str]:
    return [name for name in COLUMNS if screen.column(name).display]


def about(screen: ModalitiesScreen) -> str:
    content = screen.query_one("#modalities-about", Static).content
    assert isinstance(content, Content)
    return content.plain


async def test_columns_hold_what_the_library_answers(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot, "j")
        assert screen.track is not None
        explorer = Explorer(library)
        for name in ("audio", "tags", "graph"):
            hits = explorer.similar(screen.track.id, count=30, modality=name).hits
            assert screen.lists[name] == tuple(hit.track.id for hit in hits)
        assert screen.lists[JOINT] == tuple(hit.track.id for hit in explorer.similar(screen.track.id, count=30).hits)
        letters = marks(screen.lists)
        joint, audio = screen.column(JOINT), screen.column("audio")
        both = len(set(screen.lists[JOINT]) & set(screen.lists["audio"]))
        assert both > 0
        assert f"A{both}" in joint.header(40)
        assert f"J{both}" in audio.header(40)
        first = joint.hits[0].track
        assert joint.render_line(1).text.startswith(f"{letters[first.id]} {first.title[:6]}")
        assert f"{JOINT} 1." in about(screen)
        for name in COLUMNS:
            if not screen.lists[name]:
                assert screen.column(name).empty_text != "Comparing …"
        assert any(screen.column(name)._same == first.id for name in COLUMNS if name != JOINT)


async def test_columns_are_walked_by_keys_and_by_mouse(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot)
        assert in_sight(screen) == [JOINT, "audio", "lyrics", "tags"]
        assert screen.at == JOINT
        chosen = screen.chosen
        await pilot.press("l")
        assert screen.at == "audio"
        assert screen.focused is screen.column("audio")
        assert chosen is not None
        if chosen.id in screen.lists["audio"]:
            assert screen.chosen == chosen
        await pilot.press("right", "tab", "tab")
        assert screen.at == "cover"
        assert in_sight(screen) == ["audio", "lyrics", "tags", "cover"]
        await pilot.press("h", "left", "shift+tab", "shift+tab", "h")
        assert screen.at == "playlists"
        assert in_sight(screen) == ["tags", "cover", "graph", "playlists"]
        await pilot.click(screen.column("tags"), offset=(5, 3))
        await until(pilot, lambda: screen.at == "tags")
        labels = list(screen.query_one(ColumnTabs).labels().items())
        before = sum(len(text) for name, text in labels[: list(COLUMNS).index("graph")])
        await pilot.click(ColumnTabs, offset=(before + 3, 0))
        await until(pilot, lambda: screen.at == "graph")
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: in_sight(screen) == ["graph"])
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        assert (await compared(pilot)).at == "graph"


async def test_a_neighbour_becomes_the_centre_and_back(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot)
        began = screen.centre
        await pilot.press("backspace")
        assert "first track that was compared" in notices(pilot)[-1]
        await pilot.press("l", "j", "j")
        chosen = screen.chosen
        await pilot.press("n")
        await until(pilot, lambda: screen.centre == chosen and filled(screen))
        assert chosen is not None
        assert chosen.id not in screen.lists[JOINT]
        await pilot.press("backspace")
        await until(pilot, lambda: screen.centre == began and filled(screen))
        assert screen.chosen == chosen
        await pilot.press("enter")
        explorer = app.screen_stack[-2]
        assert isinstance(explorer, ExploreScreen)
        await until(pilot, lambda: notices(pilot) and "Plays" in notices(pilot)[-1])
        await until(pilot, lambda: explorer.query_one(NowPlaying).track is not None or len(notices(pilot)) > 2)
        await pilot.press("a")
        assert chosen.id in explorer.listed
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and app.screen.here.kind is Kind.TRACK)
        assert explorer.here.track == chosen


async def test_what_cannot_be_compared_says_why(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot, "G")
        assert all(not ids for ids in screen.lists.values())
        assert "no cover" in " ".join(screen.column("cover").empty_text.split())
        assert "index" in screen.column(JOINT).empty_text
        await pilot.press("n")
        assert "no other track in this column" in notices(pilot)[-1]
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


async def test_an_empty_library_says_what_to_press(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path, ()))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, ModalitiesScreen))
        screen = app.screen
        assert isinstance(screen, ModalitiesScreen)
        await until(pilot, lambda: "no track to compare" in " ".join(screen.column(JOINT).empty_text.split()))
        await pilot.press("enter", "n", "m", "a", "l", "j", "backspace", "escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


SHOWN = {JOINT: (2, 3, 5, 7, 8), "audio": (5, 2, 6, 4), "lyrics": (3,), "tags": (8, 2, 7, 5), "graph": (3, 2)}
ENTRIES = (*FEW, *(Entry(f"Track {number}", f"Artist {number % 3}", "An album") for number in range(4)))


@pytest.mark.parametrize("size", [WIDE, MEDIUM, NARROW], ids=lambda size: f"{size[0]}x{size[1]}")
def test_modalities_look(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        pilot.app.animation_level = "none"
        screen = await compared(pilot)
        rows = {row.id: row for row in Catalogue(tmp_path).rows(range(1, len(ENTRIES) + 1))}
        for name in COLUMNS:
            hits = [Hit(rows[i], 0.9 - 0.1 * n, 97.0 - 9 * n, {}) for n, i in enumerate(SHOWN.get(name, ()))]
            screen.post_message(ColumnRead(screen._ask, name, hits))
        await until(pilot, lambda: {name: ids for name, ids in screen.lists.items() if ids} == SHOWN)
        await pilot.press("l", "j")
        await pilot.pause(0.3)

    assert snap_compare(app_on(shelve(tmp_path, ENTRIES)), terminal_size=size, run_before=show)

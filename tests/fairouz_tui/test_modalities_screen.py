"""Neighbours by every modality side by side: filled by the real library, walked by keys, agreement marked."""

from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from fairouz_tui.agreement import COLUMNS, JOINT
from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.modalities import ColumnRead, ModalitiesScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.column_tabs import ColumnTabs
from fairouz_tui.widgets.neighbour_table import NeighbourTable
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.catalogue import Catalogue
from indexer.explorer import Explorer
from indexer.exploring.answer import Hit
from tests.fairouz_tui.driving import explore, notices, on_top, rest, told, until
from tests.fairouz_tui.shelf import FEW, Entry, shelve
from tests.indexer.exploring.more_takes import add_takes

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
    return list(screen.table.shown)


def said(screen: ModalitiesScreen, name: str) -> str:
    return screen.table.columns[name].said


def lines(screen: ModalitiesScreen, *numbers: int) -> list[str]:
    return [screen.table.render_line(number).text for number in numbers]


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
        title, heads, first = lines(screen, 0, 1, 2)
        assert title.split("│")[0].split() == ["All:", "everything", "together"]
        assert "Audio: sounds alike" in title
        assert heads.split("│")[0].split() == ["in", "Title", "Artist", "Near", "%"]
        best = screen.table.columns[JOINT].hits[0]
        count = sum(best.track.id in ids for ids in screen.lists.values())
        assert count > 1
        assert first.startswith(f" 1 {count}  {best.track.title[:6]}")
        assert first.split("│")[0].rstrip().endswith(f"{best.percentile:.0f} %")
        told = about(screen)
        assert f"in {count} columns: All 1st, near {best.percentile:.0f} %" in told
        assert best.track.title in told
        for name in COLUMNS:
            assert said(screen, name) != "Comparing …"
            if not screen.lists[name]:
                assert name not in in_sight(screen)
                assert "has" in told
            elif name != JOINT and best.track.id not in screen.lists[name]:
                assert COLUMNS[name] in told.partition("not among the 30 nearest: ")[2]


async def test_columns_are_walked_by_keys_and_by_mouse(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot)
        assert in_sight(screen) == [JOINT, "audio", "tags"], "the first track has no lyrics"
        assert screen.at == JOINT
        chosen = screen.chosen
        await pilot.press("l")
        assert screen.at == "audio"
        assert screen.focused is screen.table
        assert chosen is not None
        if chosen.id in screen.lists["audio"]:
            assert screen.chosen == chosen
        await pilot.press("right")
        assert screen.at == "lyrics"
        assert in_sight(screen) == [JOINT, "audio", "lyrics"]
        assert "no lyrics" in said(screen, "lyrics")
        await pilot.press("tab", "tab")
        assert screen.at == "cover"
        assert "cover" in in_sight(screen)
        await pilot.press("h", "left", "shift+tab", "shift+tab", "h")
        assert screen.at == "playlists"
        span = screen.table.spans(screen.table.scrollable_content_region.width)[in_sight(screen)[0]]
        clicked = in_sight(screen)[0]
        await pilot.click(NeighbourTable, offset=(span.start + 3, 5))
        await until(pilot, lambda: screen.at == clicked)
        assert screen.table.cursor == 2
        assert screen.chosen == screen.table.columns[clicked].hits[2].track
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
        await told(pilot, "first track that was compared")
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
        assert "no cover" in said(screen, "cover")
        assert "index" in said(screen, JOINT)
        await pilot.press("n")
        await told(pilot, "no other track in this column")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


async def test_an_empty_library_says_what_to_press(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path, ()))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        await pilot.press("t")
        screen = await on_top(pilot, ModalitiesScreen)
        await until(pilot, lambda: "no track to compare" in said(screen, JOINT))
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
        await rest(pilot)

    assert snap_compare(app_on(shelve(tmp_path, ENTRIES)), terminal_size=size, run_before=show)


async def test_versions_share_a_row_and_stand_in_the_columns_as_one(library: Path, tmp_path: Path) -> None:
    takes = {"live.mp3": {"title": "{title} (Live at Home)"}, "new.mp3": {"title": "{title} - 2011 Remaster"}}
    source = add_takes(library, tmp_path / "more", takes)
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await compared(pilot, "j", "j", "j", "j")
        # The neighbours of another track, among which all three are one.
        assert screen.track is not None
        assert screen.track.title != source.title
        for name in ("audio", JOINT):
            hits = screen.table.columns[name].hits
            own = [hit for hit in hits if hit.track.title.startswith(source.title)]
            assert len(own) <= 1
        audio = screen.table.columns["audio"].hits
        place = next(place for place, hit in enumerate(audio) if hit.track.title.startswith(source.title))
        assert len(audio[place].versions) == 2
        await pilot.press("l")
        screen.table.cursor = place
        await pilot.pause()
        assert "+2" in screen.table.render_line(2 + place - screen.table.scroll_offset.y).text
        assert "also " in about(screen)
        assert "2011 Remaster" in about(screen) + audio[place].track.title
        heads = {hit.track.id for column in screen.table.columns.values() for hit in column.hits if hit.versions}
        assert len({screen.table.recording(head) for head in heads}) == 1
        standing = sum(screen.table.recording(source.id) in ids for ids in screen.lists.values())
        assert f"in {standing} columns" in about(screen)

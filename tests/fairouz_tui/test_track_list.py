import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from fairouz_tui.theme import FAIROUZ
from fairouz_tui.widgets.playlist_pane import PlaylistPane
from fairouz_tui.widgets.track_list import PAGE_ROWS, PAGES_KEPT, TrackList, columns_for
from indexer.catalogue import Catalogue
from indexer.exploring.answer import Hit, TrackRow
from tests.fairouz_tui.shelf import FEW, Entry, shelve

if TYPE_CHECKING:
    from textual.strip import Strip

HUGE = 100_000


class ListApp(App[None]):
    def __init__(self, library: Path | None = None) -> None:
        super().__init__()
        self.register_theme(FAIROUZ)
        self.theme = FAIROUZ.name
        self.catalogue = Catalogue(library) if library else None
        self.wanted: list[int] = []

    def compose(self) -> ComposeResult:
        yield TrackList(id="results")

    @property
    def tracks(self) -> TrackList:
        return self.query_one(TrackList)

    def on_track_list_page_wanted(self, message: TrackList.PageWanted) -> None:
        self.wanted.append(message.offset)
        rows = self.catalogue.window(message.offset, PAGE_ROWS) if self.catalogue else made(message.offset)
        self.tracks.put_page(message.generation, message.offset, rows)


def made(offset: int) -> list[TrackRow]:
    return [row(number) for number in range(offset, offset + PAGE_ROWS)]


def row(number: int, **fields: object) -> TrackRow:
    values: dict[str, object] = {"title": f"Title {number}", "artist": f"Artist {number}", "album": "Album"}
    return TrackRow(id=number, path=f"/music/{number}.mp3", **{**values, **fields})  # type: ignore[arg-type]


def lines(tracks: TrackList | PlaylistPane) -> list[str]:
    return [tracks.render_line(y).text for y in range(tracks.scrollable_content_region.height)]


async def settle(pilot: Pilot[None]) -> None:
    """Let a list ask for its page, be given it and draw it."""
    for _ in range(3):
        await pilot.pause(0.03)


async def test_library_rows_come_by_pages(tmp_path: Path) -> None:
    entries = tuple(Entry(f"Song {number:04}", "Artist", "Album") for number in range(450))
    app = ListApp(shelve(tmp_path, entries))
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_library(450)
        await settle(pilot)
        assert "Song 0000" in lines(app.tracks)[1]
        assert app.wanted == [0]
        await pilot.press("G")
        await settle(pilot)
        assert app.tracks.cursor == 449
        assert "Song 0449" in lines(app.tracks)[-1]
        assert app.wanted == [0, 400]
        current = app.tracks.current
        assert current is not None
        assert current.title == "Song 0449"


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (["j", "j", "down"], 3),
        (["j", "k", "up"], 0),
        (["G"], HUGE - 1),
        (["end"], HUGE - 1),
        (["G", "g"], 0),
        (["end", "home"], 0),
        (["ctrl+d"], 12),
        (["pagedown"], 23),
        (["pagedown", "pageup"], 0),
        (["ctrl+d", "ctrl+u"], 0),
        (["G", "j"], HUGE - 1),
    ],
)
async def test_keys_move_the_cursor_and_keep_it_in_sight(keys: list[str], cursor: int) -> None:
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_library(HUGE)
        await pilot.press(*keys)
        await settle(pilot)
        assert app.tracks.cursor == cursor
        first, after = app.tracks.in_sight
        assert first <= cursor < after


async def test_a_hundred_thousand_rows_cost_no_more_than_a_screen() -> None:
    app = ListApp()
    async with app.run_test(size=(120, 40)) as pilot:
        began = time.process_time()
        app.tracks.show_library(HUGE)
        for _ in range(20):
            await pilot.press("pagedown")
        app.tracks.action_last()
        await settle(pilot)
        assert time.process_time() - began < 3
        assert len(app.wanted) <= 8
        for offset in range(0, PAGE_ROWS * PAGES_KEPT * 2, PAGE_ROWS):
            app.tracks.put_page(app.tracks.generation, offset, [])
        assert len(app.tracks._pages) <= PAGES_KEPT


class CountingList(TrackList):
    drawn = 0

    def render_line(self, y: int) -> "Strip":
        self.drawn += 1
        return super().render_line(y)


class CountingApp(ListApp):
    def compose(self) -> ComposeResult:
        yield CountingList(id="results")


async def test_a_cursor_key_draws_two_lines_and_the_title_none() -> None:
    app = CountingApp()
    async with app.run_test(size=(120, 40)) as pilot:
        tracks = app.query_one(CountingList)
        tracks.styles.border = ("round", "white")
        tracks.show_library(HUGE)
        await settle(pilot)
        tracks.drawn = 0
        await pilot.press("j")
        tracks.put_title("2 of 100,000")
        await settle(pilot)
        assert tracks.drawn == 2
        assert tracks.border_title == "2 of 100,000"
        tracks.drawn = 0
        await pilot.press("pagedown")
        await settle(pilot)
        assert tracks.drawn <= tracks.size.height


async def test_a_late_page_of_an_earlier_list_is_dropped() -> None:
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_library(10)
        stale = app.tracks.generation
        app.tracks.show_hits([Hit(row(7))])
        app.tracks.put_page(stale, 0, made(0))
        await settle(pilot)
        assert app.tracks.current == row(7)
        assert len(app.tracks) == 1


async def test_a_growing_library_keeps_its_rows_until_newer_ones_come() -> None:
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_library(10)
        await settle(pilot)
        app.tracks.show_library(12, fresh=False)
        assert app.tracks.row_at(3) == row(3)
        app.tracks.show_library(12)
        assert app.tracks.row_at(3) is None
        await settle(pilot)
        assert app.tracks.row_at(3) == row(3)


async def test_the_mouse_chooses_and_scrolls() -> None:
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_library(HUGE)
        await pilot.click(TrackList, offset=(5, 4))
        await settle(pilot)
        assert app.tracks.cursor == 3
        await pilot.click(TrackList, offset=(5, 0))
        assert app.tracks.cursor == 3


async def test_every_line_has_the_width_of_the_list_whatever_the_tags_say(tmp_path: Path) -> None:
    hostile = (
        *FEW,
        Entry("[bold red]not red[/]", "\x1b[31mred\x1b[0m", "a\nb\rc"),
        Entry("\u202egnp.cod", "\u2067x\u2069", "\u200f"),
        Entry("Z" + "\u0301\u0353\u0338" * 30, "👩\u200d👩\u200d👧 🇱🇧", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢"),
        Entry("x" * 100_000, "漢" * 1000, "ﷺ" * 100),
        Entry("", "", ""),
    )
    app = ListApp(shelve(tmp_path, hostile))
    for size in ((120, 40), (80, 24), (60, 16), (24, 8)):
        async with app.run_test(size=size) as pilot:
            app.tracks.show_library(len(hostile))
            await settle(pilot)
            width = app.tracks.scrollable_content_region.width
            strips: list[Strip] = [app.tracks.render_line(y) for y in range(app.tracks.size.height)]
            assert {strip.cell_length for strip in strips} == {width}
            assert {cell_len(strip.text) for strip in strips} == {width}
            assert not set("".join(strip.text for strip in strips)) & set("\x1b\n\r\t\u202e\u2067\u200d\u200f")
        app = ListApp(tmp_path)


async def test_parts_of_a_score_are_drawn_beside_it() -> None:
    hits = [
        Hit(row(1), 0.5, 99.2, {"audio": 0.4, "lyrics": 0.1, "hub": -0.02, "tags": 0.02}),
        Hit(row(2), 0.3, None, {"audio": 0.2, "cover": -0.1, "graph": 0.001, "words": 0.2}),
    ]
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_hits(hits)
        await settle(pilot)
        head, first, second = lines(app.tracks)[:3]
        assert head.rstrip().endswith("Near % A L T C G P")
        assert first.rstrip().endswith("    99 █ ▂ ▁")
        assert second.rstrip().endswith(".30 ▄     - ·")
        assert app.tracks.current_hit == hits[0]


async def test_marks_say_what_plays_is_marked_and_is_listed() -> None:
    app = ListApp()
    async with app.run_test(size=(100, 24)) as pilot:
        app.tracks.show_hits([Hit(row(number, missing=number == 4)) for number in range(1, 5)])
        app.tracks.playing, app.tracks.marked, app.tracks.listed = 1, (2,), frozenset({3})
        await settle(pilot)
        assert [line[0] for line in lines(app.tracks)[1:5]] == ["▶", "✕", "+", " "]


async def test_an_empty_list_says_what_to_do() -> None:
    app = ListApp()
    async with app.run_test(size=(60, 16)) as pilot:
        app.tracks.empty_text = "Press u"
        app.tracks.show_hits([])
        await pilot.press("j", "G", "pagedown", "g")
        await settle(pilot)
        assert any("Press u" in line for line in lines(app.tracks))
        assert app.tracks.current is None
        assert app.tracks.current_hit is None


@pytest.mark.parametrize("scored", [True, False])
@pytest.mark.parametrize("width", [20, 46, 58, 66, 80, 118, 300])
def test_columns_fill_the_width(width: int, scored: bool) -> None:
    plan = columns_for(width, scored=scored)
    cells = [plan.title, plan.artist, plan.album, plan.score, plan.year, plan.length, plan.parts]
    shown = [cell for cell in cells if cell]
    assert 2 + sum(shown) + len(shown) - 1 <= max(width, 24)
    assert plan.title >= plan.artist > 0

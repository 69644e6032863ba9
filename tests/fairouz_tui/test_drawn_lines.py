"""Scrolling moves drawn lines: the screen is as if all of it were drawn again, for three lines drawn."""

from random import Random

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region

from fairouz_tui.theme import FAIROUZ
from fairouz_tui.widgets.track_list import TrackList
from indexer.exploring.answer import Hit, TrackRow

KEYS = ("j", "j", "j", "j", "k", "k", "pagedown", "pageup", "ctrl+d", "ctrl+u", "G", "g")


class CountingList(TrackList):
    """A list that counts the rows it draws."""

    drawn = 0

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        self.drawn += 1
        return super().line(index, width, style)


class ListApp(App[None]):
    CSS = "CountingList { border: round white; }"

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(FAIROUZ)
        self.theme = FAIROUZ.name

    def compose(self) -> ComposeResult:
        yield Vertical(CountingList(id="results"))

    @property
    def tracks(self) -> CountingList:
        return self.query_one(CountingList)


def hits(count: int) -> list[Hit]:
    return [
        Hit(TrackRow(id=n, path=f"/m/{n}.mp3", title=f"Title {n}", artist="Ä", album=""), 0.5) for n in range(count)
    ]


def shown(tracks: TrackList) -> list[list[Segment]]:
    size = tracks.outer_size
    return [list(strip) for strip in tracks.render_lines(Region(0, 0, size.width, size.height))]


@pytest.mark.parametrize("count", [1, 12, 2_000])
async def test_a_scrolled_list_looks_like_one_drawn_anew(count: int) -> None:
    app = ListApp()
    async with app.run_test(size=(80, 20)) as pilot:
        tracks = app.tracks
        tracks.titled = lambda: f"{tracks.cursor + 1} of {count}"
        tracks.show_hits(hits(count))
        await pilot.pause()
        random = Random(count)
        for _ in range(30):
            await pilot.press(random.choice(KEYS))
            if random.random() < 0.1:
                tracks.marked = (tracks.cursor,)
                tracks.refresh()
            if random.random() < 0.1:
                await pilot.resize_terminal(random.randrange(60, 100), random.randrange(8, 24))
            by_moving, bar = (
                shown(tracks),
                tracks.vertical_scrollbar.render_lines(tracks.vertical_scrollbar.size.region),
            )
            tracks.refresh()
            tracks.vertical_scrollbar.refresh()
            assert by_moving == shown(tracks), f"cursor {tracks.cursor}"
            assert bar == tracks.vertical_scrollbar.render_lines(tracks.vertical_scrollbar.size.region)
            assert f"{tracks.cursor + 1} of {count}" in "".join(segment.text for segment in by_moving[0])


async def test_a_scroll_draws_the_new_row_and_the_two_under_the_cursor() -> None:
    app = ListApp()
    async with app.run_test(size=(80, 30)) as pilot:
        tracks = app.tracks
        tracks.show_hits(hits(500))
        await pilot.press("ctrl+d", "ctrl+d", "ctrl+d")
        while tracks.in_sight[1] - 1 != tracks.cursor:
            await pilot.press("j")
        await pilot.pause(0.05)
        tracks.drawn = 0
        first = tracks.in_sight[0]
        for _ in range(10):
            await pilot.press("j")
            await pilot.pause(0.02)
        assert tracks.in_sight[0] == first + 10
        assert 10 <= tracks.drawn <= 20

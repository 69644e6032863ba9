"""The card of a track: all that is known, words that follow the song, the list gone through from here."""

from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.card import CardScreen
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.whole_card import bytes_text, whole_card
from fairouz_tui.widgets.lyrics_pane import LyricsPane
from fairouz_tui.widgets.now_playing import NowPlaying
from tests.fairouz_tui.driving import explore, told, until
from tests.fairouz_tui.shelf import Entry, shelve

WIDE, NARROW = (120, 40), (60, 16)


def text_of(screen: CardScreen, pane: str = "#facts") -> str:
    parts = [part.content for part in screen.query_one(pane).query(Static)]
    return "\n".join(part.plain for part in parts if isinstance(part, Content))


async def opened(pilot: Pilot[None], title: str) -> CardScreen:
    """Return the card of a track by its title, opened by its key from Explore."""
    screen = await explore(pilot)
    titles = [row.title for row in screen.library.open().window(0, 100)]
    screen.results.cursor = titles.index(title)
    await pilot.press("c")
    await until(pilot, lambda: isinstance(pilot.app.screen, CardScreen) and pilot.app.screen._card)
    card = pilot.app.screen
    assert isinstance(card, CardScreen)
    return card


def app_on(library: Path) -> FairouzApp:
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))


async def test_all_that_is_known_stands_on_the_card(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        card = await opened(pilot, "Two Lamps")
        text = text_of(card)
        for said in (
            "Two Lamps",
            "Letters from the Harbour · 2011",
            "Folk",
            "BPM",
            "sure",
            "Evening walk",
            "kHz",
            "kB",
        ):
            assert said in text
        row = card.track
        assert row is not None
        assert "".join(row.path.split()) in "".join(text.split())
        assert "▀" in text
        assert "Two lamps are burning" in text_of(card, "#lyrics")
        await pilot.press("y")
        assert app.clipboard == row.path
        await pilot.press("f")
        await told(pilot, "no times")
        await pilot.press("j", "j")
        assert card.query_one("#facts").scroll_y == 2
        await pilot.press("k")
        assert card.query_one("#facts").scroll_y == 1
        await pilot.press("G")
        await until(pilot, lambda: card.query_one("#facts").scroll_y > 2)
        await pilot.press("g")
        await until(pilot, lambda: card.query_one("#facts").scroll_y == 0)
        await pilot.press("escape")
        assert isinstance(app.screen, ExploreScreen)


async def test_the_list_is_gone_through_and_its_cursor_goes_along(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        card = await opened(pilot, "Layali")
        await pilot.press("N")
        await told(pilot, "first track")
        await pilot.press("n")
        await until(pilot, lambda: card._card is not None and card._card["id"] != 1)
        second = screen.results.row_at(1)
        assert second is not None
        assert card.track == second
        assert second.title in text_of(card)
        assert second.title in str(card.query_one("#visit-title", Static).content)
        await pilot.press("n", "n", "N")
        await until(pilot, lambda: card.track == screen.results.row_at(2))
        await until(pilot, lambda: card._card is not None and card._card["title"] == card.track.title)  # type: ignore[union-attr]
        await pilot.press("escape")
        assert screen.results.cursor == 2


async def test_synced_words_follow_the_song_until_they_are_scrolled(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=NARROW) as pilot:
        screen = await explore(pilot)
        card = await opened(pilot, "The Ferryman")
        lyrics = card.lyrics
        assert lyrics.synced
        assert not lyrics.display
        await pilot.press("tab")
        assert lyrics.display
        assert lyrics.has_focus
        assert not card.query_one("#facts").display
        assert lyrics.current is None
        sung: list[int | None] = []
        card.watch(lyrics, "current", lambda line: sung.append(line), init=False)
        await pilot.press("enter")
        await until(pilot, lambda: lyrics.current == 0)
        playing = screen.query_one(NowPlaying)
        await pilot.press("space")
        await until(pilot, lambda: playing.paused)
        await pilot.press("space")
        await until(pilot, lambda: lyrics.current == 1)
        line = text_of(card, "#lyrics").splitlines()[1]
        content = lyrics.query_one(Static).content
        assert isinstance(content, Content)
        assert [content.plain[span.start : span.end] for span in content.spans if "accent" in str(span.style)] == [line]
        assert lyrics.following
        await pilot.press("j")
        assert not lyrics.following
        assert "f follows" in str(lyrics.border_subtitle)
        await pilot.press("f")
        assert lyrics.following
        await pilot.press("shift+tab")
        assert card.query_one("#facts").has_focus
        assert sung[:2] == [0, 1]


class WordsApp(App[None]):
    """The words alone: nothing plays here, so that nothing but the test says where the song is."""

    def compose(self) -> ComposeResult:
        yield LyricsPane()


async def test_the_line_that_is_sung_stands_in_the_middle() -> None:
    app = WordsApp()
    async with app.run_test(size=NARROW) as pilot:
        lyrics = app.query_one(LyricsPane)
        lyrics.focus()
        lines = [f"line {number}" if number % 3 else "a long line " * 8 for number in range(60)]
        lyrics.show_lyrics("\n".join(lines), [float(number) for number in range(60)])
        await pilot.pause()
        lyrics.seek(31.5)
        await pilot.pause()
        height = lyrics.scrollable_content_region.height
        top = lyrics._tops[31]
        assert lyrics.current == 31
        assert abs(top - lyrics.scroll_y - height // 2) <= 1
        await pilot.press("k")
        await pilot.pause()
        place = lyrics.scroll_y
        lyrics.seek(50.0)
        await pilot.pause()
        assert lyrics.scroll_y == place
        lyrics.follow()
        await pilot.pause()
        assert abs(lyrics._tops[50] - lyrics.scroll_y - height // 2) <= 1
        for key in ("g", "G", "pagedown", "pageup"):
            lyrics.follow()
            await pilot.press(key)
            assert not lyrics.following
        lyrics.follow()
        wheel = events.MouseScrollDown(lyrics, 1, 1, 0, 1, 0, shift=False, meta=False, ctrl=False)
        lyrics.post_message(wheel)
        await until(pilot, lambda: not lyrics.following)
        lyrics.seek(None)
        assert lyrics.current is None


async def test_a_track_without_anything_and_hostile_tags_stay_a_card(tmp_path: Path) -> None:
    hostile = "[bold red]x[/] \x1b[31m [@click=app.quit]y[/] \u202egnp"
    app = FairouzApp(
        shelve(tmp_path, (Entry("", "", "", None, None, has=()), Entry(hostile, hostile, hostile, lyrics=hostile)))
    )
    async with app.run_test(size=WIDE) as pilot:
        card = await opened(pilot, hostile)
        assert "[bold red]x[/]" in text_of(card)
        assert "[bold red]x[/]" in text_of(card, "#lyrics")
        await pilot.press("n", "N", "n")
        await until(pilot, lambda: "No lyrics are known" in text_of(card, "#lyrics"))
        assert "00001.mp3" in text_of(card)
        shown = app.export_screenshot()
        assert "\x1b" not in shown
        assert "\u202e" not in shown


async def test_a_card_of_no_track_says_how_to_leave(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path, ()))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and "u looks" in app.screen.results.empty_text)
        await pilot.press("8")
        await until(pilot, lambda: isinstance(app.screen, CardScreen) and "escape goes back" in text_of(app.screen))
        await pilot.press("y", "enter", "n", "N", "f", "tab", "j", "space", "escape")
        assert isinstance(app.screen, ExploreScreen)


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (999, "999 bytes"), (3_200_000, "3.2 MB"), (1_500, "1.5 kB"), (2_000_000_000, "2.0 GB")],
)
def test_sizes_are_written_short(count: int, text: str) -> None:
    assert bytes_text(count) == text


def test_what_was_not_sure_enough_is_said() -> None:
    known = {"title": "a", "attributes": [{"name": "tempo_bpm", "text": "92 BPM", "confidence": 0.8}]}
    text = whole_card(known, width=60, height=30, cover=None, versions=()).before.plain
    assert "92 BPM" in text
    assert "80 % sure" in text
    assert [line.split() for line in text.splitlines() if line.startswith("key")] == [["key", "not", "certain"]]
    assert "Versions" not in text

"""The playlist: built, ordered and saved."""

import os
from pathlib import Path

from textual.widgets import Input, Static

from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.steps import Kind
from tests.fairouz_tui.driving import WIDE, app_on, explore, told, until


async def test_a_playlist_is_built_ordered_and_saved(library: Path, tmp_path: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("ctrl+s")
        await told(pilot, "playlist is empty")
        await pilot.press("A")
        await told(pilot, "A adds a list of results")
        await pilot.press("a", "a", "a")
        titles = [row.title for row in screen.playlist.tracks]
        assert len(titles) == 3
        assert screen.playlist.border_title == "Playlist · 3 tracks · 0:36"
        await pilot.press("tab", "g", "J")
        assert [row.title for row in screen.playlist.tracks] == [titles[1], titles[0], titles[2]]
        await pilot.press("K", "G", "d")
        assert [row.title for row in screen.playlist.tracks] == titles[:2]
        await pilot.press("1", "G", "d")
        await told(pilot, "not in the playlist")
        target = tmp_path / "a folder" / "night"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        saved = target.with_suffix(".m3u8")
        await until(pilot, lambda: app.screen is screen)
        listed = [line for line in saved.read_text().splitlines() if not line.startswith("#")]
        assert [os.path.abspath(saved.parent / line) for line in listed] == [row.path for row in screen.playlist.tracks]
        await pilot.press("g", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("o")
        await until(pilot, lambda: screen.here.whole)
        await pilot.press("A")
        assert len(screen.playlist) > 30
        await pilot.press("ctrl+s", "escape")
        assert len(saved.read_text().splitlines()) < 30
        await pilot.press("ctrl+s", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert len(saved.read_text().splitlines()) > 30


async def test_only_a_file_that_is_not_the_playlist_as_it_was_saved_is_asked_for(library: Path, tmp_path: Path) -> None:
    saved, other = tmp_path / "night.m3u8", tmp_path / "other.m3u8"
    other.write_text("another's")
    app = app_on(library)

    def said() -> str:
        return str(app.screen.query_one("#said", Static).content)

    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = str(saved)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("a", "ctrl+s")
        app.screen.query_one(Input).value = str(other)
        await pilot.press("enter")
        assert "other.m3u8 is there already" in said()
        app.screen.query_one(Input).value = str(saved)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("q")
    again = app_on(library)
    app = again
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: len(screen.playlist) == 2)
        await pilot.press("a", "ctrl+s", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert len([line for line in saved.read_text().splitlines() if line[:1] != "#"]) == 3
        saved.write_text("edited outside")
        await pilot.press("ctrl+s", "enter")
        assert "night.m3u8 was changed by another program" in said()
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
        assert "edited outside" not in saved.read_text()
    assert other.read_text() == "another's"


async def test_a_playlist_that_cannot_be_written_says_why(library: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        assert "Type a name" in str(app.screen.query_one("#said", Static).content)
        app.screen.query_one(Input).value = str(tmp_path / "file" / "x.m3u8")
        await pilot.press("enter")
        await until(pilot, lambda: "Not saved" in str(app.screen.query_one("#said", Static).content))

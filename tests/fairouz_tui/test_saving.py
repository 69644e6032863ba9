"""Saving a playlist: under which name, and never over what another program or an earlier run wrote without asking."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Recalled
from fairouz_tui.outside import stamp
from fairouz_tui.paths import playlists_folder
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.save import Saved, SaveScreen, playlist_path
from indexer.exploring import playlist as writing
from indexer.exploring.answer import TrackRow
from indexer.storing.store import Store
from indexer.storing.tracks import delete_tracks
from tests.fairouz_tui.driving import explore, until
from tests.fairouz_tui.shelf import shelve

ANOTHERS = "#EXTM3U\nanother.mp3\n"


async def asked(pilot: Pilot[None]) -> Input:
    """Press ^s and return the line of the box."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveScreen) and pilot.app.screen.query(Input))
    await until(pilot, lambda: pilot.app.screen.query_one(Input).has_focus)
    return pilot.app.screen.query_one(Input)


async def saved(pilot: Pilot[None], screen: ExploreScreen) -> Path:
    """Press enter in the box and return the file once it is closed."""
    await pilot.press("enter")
    await until(pilot, lambda: pilot.app.screen is screen)
    assert screen.playlist_file is not None
    return screen.playlist_file


async def warned(pilot: Pilot[None], text: str) -> None:
    """Press enter in the box and wait until it says `text` instead of saving."""
    await pilot.press("enter")
    await until(pilot, lambda: text in str(pilot.app.screen.query_one("#said", Static).content))


def entries(file: Path) -> int:
    return sum(line[:1] != "#" for line in file.read_text("utf-8").splitlines())


async def test_a_file_that_is_written_while_the_box_is_open_is_asked_about(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path / "library"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a")
        await asked(pilot)
        file = await saved(pilot, screen)
        line = await asked(pilot)
        file.write_text(ANOTHERS)
        await warned(pilot, "was changed by another program")
        shown = line.value
        await pilot.press("x")
        line.value = shown
        await warned(pilot, "was changed by another program")  # the yes was to be given to the other name
        file.write_text(ANOTHERS + "one-more.mp3\n")
        box = app.screen
        assert isinstance(box, SaveScreen)
        await pilot.press("enter")
        await until(pilot, lambda: box._agreed == Saved(file, stamp(file)))  # the yes before was for what stood there
        assert "one-more.mp3" in file.read_text()
        await saved(pilot, screen)
        assert entries(file) == 1
        assert "mp3" in file.read_text()
        assert "another.mp3" not in file.read_text()


async def test_a_file_that_is_written_right_before_ours_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FairouzApp(shelve(tmp_path / "library"))
    folder = tmp_path / "new"
    other = folder / "night.m3u8"
    made = Path.mkdir

    def mkdir(path: Path, **how: bool) -> None:
        made(path, **how)
        if path == folder and not other.exists():
            other.write_text(ANOTHERS)  # another program is quicker

    monkeypatch.setattr(Path, "mkdir", mkdir)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a")
        (await asked(pilot)).value = str(other)
        await warned(pilot, "is there already")
        assert other.read_text() == ANOTHERS
        assert await saved(pilot, screen) == other
        assert "another.mp3" not in other.read_text()


async def test_a_file_that_is_written_right_after_ours_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FairouzApp(shelve(tmp_path / "library"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        noted = screen._saved

        def late(file: object) -> None:
            (playlists_folder(app.library.path) / "playlist.m3u8").write_text(ANOTHERS)
            noted(file)  # type: ignore[arg-type]

        monkeypatch.setattr(screen, "_saved", late)
        await pilot.press("a")
        await asked(pilot)
        file = await saved(pilot, screen)
        await asked(pilot)
        await warned(pilot, "was changed by another program")
        assert file.read_text() == ANOTHERS


async def test_two_enters_save_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FairouzApp(shelve(tmp_path / "library"))
    saves, write = [], writing.save_playlist

    def counted(path: Path, rows: Sequence[TrackRow]) -> Path:
        saves.append(path)
        return write(path, rows)

    monkeypatch.setattr(writing, "save_playlist", counted)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a")
        line = await asked(pilot)
        line.post_message(Input.Submitted(line, line.value))
        line.post_message(Input.Submitted(line, line.value))
        await until(pilot, lambda: app.screen is screen)
    assert len(saves) == 1


async def test_a_playlist_that_came_back_shorter_asks_before_it_replaces_its_file(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "a", "a")
        await asked(pilot)
        file = await saved(pilot, screen)
        gone = [row.id for row in screen.playlist.tracks[1:]]
        await pilot.press("q")
    with Store(library) as store, store.writing() as connection:
        delete_tracks(connection, gone)
    for _ in range(2):  # the second time it is remembered shorter
        app = FairouzApp(library)
        async with app.run_test(size=(120, 40)) as pilot:
            screen = await explore(pilot)
            await until(pilot, lambda screen=screen: len(screen.playlist) == 1)  # type: ignore[misc]
            await asked(pilot)
            await warned(pilot, "is there already")
            assert entries(file) == 4
            await pilot.press("escape", "q")


async def test_a_playlist_begun_before_the_old_one_was_read_asks_before_it_replaces_its_file(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "a")
        await asked(pilot)
        file = await saved(pilot, screen)
        await pilot.press("q")
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: not screen._recalling)
        row = screen.results.current
        assert row is not None
        screen.playlist.show((row,))
        recalled = {track: row for track in screen._state.playlist}
        screen._recalling = True
        assert screen._own_stamp() is None
        screen.on_recalled(Recalled(recalled))
        await asked(pilot)
        await warned(pilot, "is there already")
        assert entries(file) == 3


async def test_what_is_typed_takes_the_place_of_what_was_proposed(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path / "library"))
    lists = playlists_folder(app.library.path)
    async with app.run_test(size=(60, 16)) as pilot:
        screen = await explore(pilot)
        await pilot.press("a")
        line = await asked(pilot)
        assert line.selected_text == line.value
        assert line.value.endswith("playlist.m3u8")
        await pilot.press(*"night")
        assert await saved(pilot, screen) == lists / "night.m3u8"
        line = await asked(pilot)
        assert line.selected_text == line.value
        assert line.value.endswith("night.m3u8")
        await pilot.press(*str(tmp_path / "typed.m3u8"))
        assert await saved(pilot, screen) == tmp_path / "typed.m3u8"
        line = await asked(pilot)
        line.value = str(tmp_path / "elsewhere" / "a")
        assert await saved(pilot, screen) == tmp_path / "elsewhere" / "a.m3u8"
        (await asked(pilot)).value = "bare"
        assert await saved(pilot, screen) == lists / "bare.m3u8"


def test_a_name_is_a_file(tmp_path: Path) -> None:
    odd = Path("/music/a\tb/night.m3u8")  # shown with a space

    def path(text: str) -> Path | None:
        return playlist_path(text, proposed=odd, folder=tmp_path)

    assert path("/music/a b/night.m3u8") == odd
    assert path("/music/a b/day") == odd.with_name("day.m3u8")
    assert path("/music/a b/day.pls") == odd.with_name("day.pls")
    assert path("day") == tmp_path / "day.m3u8"
    assert path("/other/day.xspf") == Path("/other/day.xspf")
    assert path("~/day") == Path.home() / "day.m3u8"
    for none in ("", "  ", "/music/a b/", "/music/a b/.m3u8"):
        assert path(none) is None, none

"""Runs on the Index screen: a real child, followed, paused, stopped, killed; files tried again, folders added."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.run_record import DONE, STOPPED
from fairouz_tui.screens.add_folder import AddFolderScreen
from fairouz_tui.screens.confirming import ConfirmScreen
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.screens.reading import ReadingScreen
from indexer.catalogue import Catalogue
from indexer.exploring.indexed import last_job
from indexer.storing.lock import INDEXING, held
from tests.fairouz_tui.driving import WIDE, notices, until
from tests.fairouz_tui.index_driving import app_on, ended, has_said, index_screen
from tests.fairouz_tui.shelf import shelve
from tests.indexer.reading.audio_files import make_audio

NO_SOUND = b"this is no sound at all" * 40


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """Return a folder of eight short files that are sound and two that are none."""
    folder = tmp_path / "music"
    (folder / "Ada").mkdir(parents=True)
    for number in range(8):
        make_audio(folder / "Ada" / f"{number}.mp3", seconds=1.0, seed=number)
    (folder / "Ada" / "broken.flac").write_bytes(NO_SOUND)
    (folder / "Ada" / "noise.mp3").write_bytes(NO_SOUND)
    return folder


def title(screen: IndexScreen) -> str:
    return str(screen.stages.border_title)


async def test_a_folder_is_added_read_and_its_broken_files_tried_again(music: Path, tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", ())
    app = app_on(library, tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        screen, _ = await index_screen(pilot)
        assert "Nothing was indexed yet: u begins" in ended(screen)
        for key, answer in (
            ("p", "no run to pause"),
            ("s", "no run to stop"),
            ("r", "nothing to try"),
            ("R", "No file"),
        ):
            await pilot.press(key)
            await until(pilot, has_said(pilot, answer))
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, AddFolderScreen))
        await pilot.press(*str(tmp_path / "nowhere"), "enter")
        await until(pilot, lambda: "There is no" in str(app.screen.query_one("#said", Static).content))
        app.screen.query_one(Input).value = ""
        await pilot.press(*str(music)[:-1])
        await until(pilot, lambda: app.screen.query_one(Input)._suggestion)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.screen is screen and screen.record.running)
        await until(pilot, lambda: not screen.record.running and len(screen.problems) == 2)
        assert screen.record.ended == DONE
        stages = {stage.name: stage for stage in screen.record}
        assert (stages["reading tags"].done, stages["reading tags"].total, stages["reading tags"].failed) == (10, 10, 2)
        assert stages["listening"].done == 8
        assert all(stage.over for stage in stages.values())
        assert "10 seen · 8 new · 2 failed" in ended(screen)
        assert [folder["path"] for folder in screen.folders.folders] == ["/music", str(music)]

        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        text = str(app.screen.query_one("#text", Static).content)
        assert str(music / "Ada/broken.flac") in text
        await pilot.press("y", "escape")
        assert app.clipboard == str(music / "Ada/broken.flac")
        await pilot.press("j", "y")
        await until(pilot, lambda: app.clipboard == str(music / "Ada/noise.mp3"))

        make_audio(music / "Ada/broken.flac", seconds=1.0, seed=70)
        make_audio(music / "Ada/noise.mp3", seconds=1.0, seed=71)
        await pilot.press("g", "r")
        await until(pilot, lambda: screen.record.trying_again and not screen.record.running)
        await until(pilot, lambda: len(screen.problems) == 1 and "1 tried again · 1 read now" in ended(screen))
        assert screen.problems.problems[0].path == str(music / "Ada/noise.mp3")
        await pilot.press("R")
        await until(pilot, lambda: len(screen.problems) == 0 and not screen.record.running)
        assert Catalogue(library).count() == 8 + 2

        await pilot.press("tab", "j", "y", "i")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        assert "10 tracks; read" in str(app.screen.query_one("#text", Static).content)
        assert app.clipboard == str(music)
        await pilot.press("enter", "tab")
        await until(pilot, lambda: screen.problems.has_focus)


async def test_a_run_is_paused_goes_on_and_is_stopped(music: Path, tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path / "library", ()), tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        screen, top = await index_screen(pilot)
        top.index([music])
        await until(pilot, lambda: screen.record.running)
        await pilot.press("p")
        assert top.pausing
        await until(pilot, lambda: screen.record.paused)
        await until(pilot, lambda: "paused · p goes on" in title(screen))
        assert "paused" in top.render().plain
        assert notices(pilot) == []
        standing = [stage.done for stage in screen.record]
        await pilot.press("u")
        await until(pilot, has_said(pilot, "A run is under way: p pauses it"))
        assert [stage.done for stage in screen.record] == standing
        await pilot.press("p")
        await until(pilot, lambda: not screen.record.running and screen.record.ended == DONE)
        await until(pilot, lambda: "8 new" in ended(screen))
        shutil.copytree(music / "Ada", music / "Bo")
        await pilot.press("u", "p")
        await until(pilot, lambda: screen.record.paused)
        await pilot.press("s")
        await until(pilot, lambda: not screen.record.running)
        assert screen.record.ended == STOPPED
        await until(pilot, lambda: "was stopped after" in ended(screen))
        assert not any("failed" in notice for notice in notices(pilot))


async def test_a_killed_child_is_reported_and_the_screen_goes_on(music: Path, tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", ())
    app = app_on(library, tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        screen, top = await index_screen(pilot)
        top.index([music])
        await until(pilot, lambda: top.child_id is not None)
        await pilot.press("p")
        await until(pilot, lambda: screen.record.paused)
        assert top.child_id is not None
        os.kill(top.child_id, signal.SIGKILL)
        await until(pilot, has_said(pilot, "indexing was ended from outside (signal 9)"))
        await until(pilot, lambda: not screen.record.running and "was ended from outside: u goes on" in ended(screen))
        await pilot.press("u")
        await until(pilot, lambda: not screen.record.running and screen.record.ended == DONE)
        job = last_job(Catalogue(library).connection)
        assert job is not None
        assert job.state == "done"


async def test_who_else_indexes_is_named_and_left_alone(library: Path, tmp_path: Path) -> None:
    app = app_on(library, tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        screen, top = await index_screen(pilot)
        with held(library / INDEXING):
            await until(pilot, lambda: f"process {os.getpid()} is indexing this library" in ended(screen))
            await pilot.press("p")
            await until(pilot, has_said(pilot, "pause it there"))
            await pilot.press("u", "P", "plus")
            await until(pilot, has_said(pilot, "wait for it, or stop it there"))
            assert not top.indexing
            assert app.screen is screen
        await until(pilot, lambda: "The last run" in ended(screen))


async def test_tracks_without_a_file_are_forgotten_only_when_confirmed(music: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    app = FairouzApp(shelve(library, ()), config_file=tmp_path / "config.toml")
    async with app.run_test(size=WIDE) as pilot:
        screen, top = await index_screen(pilot)
        await pilot.press("P")
        await until(pilot, has_said(pilot, "Nothing to prune"))
        top.index([music])
        await until(pilot, lambda: not screen.record.running and "8 new" in ended(screen))
        (music / "Ada/3.mp3").unlink()
        await pilot.press("u")
        await until(pilot, lambda: "P" in str(screen.folders.border_subtitle or "") and not screen.record.running)
        for answer, left in (("escape", 8), ("y", 7)):
            await pilot.press("P")
            await until(pilot, lambda: isinstance(app.screen, ConfirmScreen))
            assert "1 track in your folders has no file" in str(app.screen.query_one("#question", Static).content)
            await pilot.press("enter", answer)
            await until(pilot, lambda: app.screen is screen)
            await until(pilot, lambda left=left: sum(f["tracks"] for f in screen.folders.folders) == left)  # type: ignore[misc]
        await until(pilot, has_said(pilot, "1 track forgotten."))


async def test_a_run_that_cannot_be_started_is_a_notice(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on(library, tmp_path)
    async with app.run_test(size=WIDE) as pilot:
        screen, _ = await index_screen(pilot)
        monkeypatch.setattr("fairouz_tui.indexing.sys.executable", str(tmp_path / "no python"))
        await pilot.press("u")
        await until(pilot, has_said(pilot, "No such file"))
        assert not screen.record.running
        assert "It ended: it could not be started" in ended(screen)
        monkeypatch.undo()
        await pilot.press("u")
        await until(pilot, lambda: screen.record.ended == DONE)

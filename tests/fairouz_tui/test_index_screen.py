"""The Index screen: a real run in a real child, followed, paused, stopped, killed; files tried again; folders."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Progressed
from fairouz_tui.run_record import DONE, STOPPED, RunRecord
from fairouz_tui.screens.add_folder import AddFolderScreen
from fairouz_tui.screens.confirming import ConfirmScreen
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.screens.indexing_look import IndexingLookScreen, IndexRead
from fairouz_tui.screens.reading import ReadingScreen
from fairouz_tui.widgets.folder_list import ago
from fairouz_tui.widgets.problem_list import fit_end
from fairouz_tui.widgets.top_line import TopLine
from indexer.catalogue import Catalogue
from indexer.exploring.indexed import Job, Problem, last_job
from indexer.storing.lock import INDEXING, held
from tests.fairouz_tui.driving import explore, notices, rest, until
from tests.fairouz_tui.shelf import shelve
from tests.indexer.reading.audio_files import make_audio

SIZE = (120, 40)
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


async def index_screen(pilot: Pilot[None]) -> tuple[IndexScreen, TopLine]:
    """Open the screen from Explore and wait until it has read the library."""
    await until(pilot, lambda: isinstance(pilot.app.screen, ExploreScreen) and pilot.app.screen.query("#results"))
    explore_screen = pilot.app.screen
    assert isinstance(explore_screen, ExploreScreen)
    await until(pilot, lambda: explore_screen.is_mounted)
    await pilot.press("I")
    await until(pilot, lambda: isinstance(pilot.app.screen, IndexScreen))
    screen = pilot.app.screen
    assert isinstance(screen, IndexScreen)
    await until(pilot, lambda: not screen.first_read)
    return screen, explore_screen.top_line


def app_on(library: Path, tmp_path: Path) -> FairouzApp:
    return FairouzApp(library, config_file=tmp_path / "config.toml")


def title(screen: IndexScreen) -> str:
    return str(screen.stages.border_title)


def ended(screen: IndexScreen) -> str:
    return "\n".join(line.plain for line in screen.stages.lines)


def said(pilot: Pilot[None]) -> str:
    return " | ".join(notices(pilot))


def has_said(pilot: Pilot[None], text: str) -> Callable[[], bool]:
    return lambda: text in said(pilot)


async def test_a_folder_is_added_read_and_its_broken_files_tried_again(music: Path, tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", ())
    app = app_on(library, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
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
        assert "10 tracks, 0 of them without a file" in str(app.screen.query_one("#text", Static).content)
        assert app.clipboard == str(music)
        await pilot.press("enter", "tab")
        await until(pilot, lambda: screen.problems.has_focus)


async def test_a_run_is_paused_goes_on_and_is_stopped(music: Path, tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path / "library", ()), tmp_path)
    async with app.run_test(size=SIZE) as pilot:
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
    async with app.run_test(size=SIZE) as pilot:
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
    async with app.run_test(size=SIZE) as pilot:
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
    async with app.run_test(size=SIZE) as pilot:
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
    async with app.run_test(size=SIZE) as pilot:
        screen, _ = await index_screen(pilot)
        monkeypatch.setattr("fairouz_tui.indexing.sys.executable", str(tmp_path / "no python"))
        await pilot.press("u")
        await until(pilot, has_said(pilot, "No such file"))
        assert not screen.record.running
        assert "It ended: it could not be started" in ended(screen)
        monkeypatch.undo()
        await pilot.press("u")
        await until(pilot, lambda: screen.record.ended == DONE)


@pytest.mark.usefixtures("still")
async def test_the_file_under_the_cursor_is_found_again(library: Path, tmp_path: Path) -> None:
    app = app_on(library, tmp_path)
    async with app.run_test(size=SIZE) as pilot:
        screen, _ = await index_screen(pilot)
        await rest(pilot)  # what the screen read itself comes before what is given here
        screen.post_message(fixed_read())
        await until(pilot, lambda: len(screen.problems) == len(PROBLEMS))
        await pilot.press("j", "j")
        await until(pilot, lambda: screen.problems.cursor == 2)
        screen.post_message(IndexRead(True, 4, JOB, FOLDERS, PROBLEMS[1:]))
        await until(pilot, lambda: len(screen.problems) == len(PROBLEMS) - 1)
        assert screen.problems.cursor == 1
        await pilot.press("G", "r")
        await until(pilot, has_said(pilot, "The file itself was read"))
        await pilot.press("g", "j", "escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        assert isinstance(app.screen, ExploreScreen)
        assert app.screen.memories["index"] == {"path": PROBLEMS[2].path, "stage": PROBLEMS[2].stage}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_record_adds_rounds_up_and_leaves_pauses_out() -> None:
    clock = Clock()
    record = RunRecord(clock=clock)
    record.begin()
    for done in (0, 5, 10):
        record.take(Progressed("reading tags", done, 10, failed=int(done == 10)))
        clock.now += 1.0
    record.take(Progressed("reading tags", 1, 4))
    record.take(Progressed("listening", 2, 8, seconds_left=30.0))
    clock.now += 2.0
    record.take(Progressed("listening", 4, 8, note="paused", paused=True))
    assert record.paused
    clock.now += 500.0
    assert record.seconds == 5.0
    record.take(Progressed("listening", 4, 8))
    tags, listening = record
    assert (tags.done, tags.total, tags.failed, tags.over, tags.seconds) == (11, 14, 1, True, 3.0)
    assert (listening.done, listening.seconds, listening.rate_per_second) == (4, 2.0, 2.0)
    assert listening.seconds_left == 2.0
    record.take(Progressed("listening", 1, 2))
    *_, listening = record
    assert (listening.done, listening.total) == (5, 6)
    record.end(DONE)
    clock.now += 50.0
    assert record.seconds == 5.0
    assert record.now == ""


def test_times_and_paths_are_said_shortly() -> None:
    assert [ago(1000.0 - passed, now=1000.0) for passed in (5, 300, 7200, 86400, 9e5)] == [
        "just now",
        "5 m ago",
        "2 h ago",
        "1 day ago",
        "10 days ago",
    ]
    assert ago(None, now=1.0) == "never"
    assert fit_end("/music/Ada/one.mp3", 10) == "…a/one.mp3"
    assert fit_end("a.mp3", 8) == "a.mp3   "
    assert fit_end("夜来香.mp3", 6) == "….mp3 "


# Pictures

NOW = 1_790_000_000.0
COUNTS = {"seen": 12480, "new": 312, "changed": 4, "unchanged": 12161, "failed": 3, "missing": 2, "seconds": 754.0}
JOB = Job("index", NOW - 8000, NOW - 7200, "done", COUNTS)
FOLDERS: list[Any] = [
    {"path": "/media/me/Music", "tracks": 12301, "missing": 2, "scanned": NOW - 7200, "note": ""},
    {
        "path": "/mnt/disk/فيروز",
        "tracks": 179,
        "missing": 0,
        "scanned": NOW - 9e6,
        "note": "/mnt/disk is not there: its 179 tracks are kept as they are",
    },
]
PROBLEMS = [
    Problem("/media/me/Music/Fairouz/Bint El Haress/03 Nassam.flac", "read", "no FLAC stream: it is empty", True, NOW),
    Problem("/media/me/Music/x\x1b[31m/[bold]odd[/bold].mp3", "sound", "took longer than 60 s", True, NOW - 4000),
    Problem("/media/me/Music/李香蘭/夜来香.ogg", "sound", "the reader crashed", True, NOW - 4000),
    Problem("/media/me/Music/lists/evening.m3u8", "playlist", "3 of the 14 files it names are not there", False, NOW),
    Problem("/media/me/Music/old/tape.mp3", "part of the sound", "ends after 1:12 of 3:40", False, NOW),
]


def fixed_read() -> IndexRead:
    return IndexRead(True, 3, JOB, FOLDERS, PROBLEMS)


def fixed_run(record: RunRecord) -> None:
    """Feed a record with a run of known times."""
    clock = Clock()
    record.clock = clock
    record.begin()
    for stage, done, total, failed, seconds in (
        ("scanning", 0, 0, 0, 1.0),
        ("reading tags", 312, 312, 2, 4.0),
        ("graph", 0, 0, 0, 0.4),
        ("relations", 0, 0, 0, 0.2),
        ("reading words", 298, 298, 0, 1.5),
        ("joint space", 2, 2, 0, 3.0),
        ("looking closer", 312, 312, 0, 6.0),
        ("listening", 200, 312, 1, 25.0),
    ):
        record.take(Progressed(stage, 0, total))
        clock.now += seconds
        record.take(Progressed(stage, done, total, failed, seconds_left=14.0, share=0.75, step=8, steps=12))


@pytest.fixture(params=[(120, 40), (90, 30), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return (int(request.param[0]), int(request.param[1]))


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock and the looks that would replace what the pictures show."""
    monkeypatch.setattr(IndexingLookScreen, "now", staticmethod(lambda: NOW))
    monkeypatch.setattr("fairouz_tui.screens.index.DRAW_SECONDS", 3600.0)
    monkeypatch.setattr("fairouz_tui.screens.indexing_look.LOOK_SECONDS", 3600.0)


async def fixed(pilot: Pilot[None], *, running: bool, keys: tuple[str, ...] = ()) -> None:
    pilot.app.animation_level = "none"
    await explore(pilot)
    screen, _ = await index_screen(pilot)
    await pilot.app.workers.wait_for_complete()
    screen.folders._clock = lambda: NOW
    if running:
        fixed_run(screen.record)
    screen.post_message(fixed_read())
    await until(pilot, lambda: len(screen.problems) == len(PROBLEMS))
    await until(pilot, lambda: screen.problems.has_focus)
    await pilot.press("j", *keys)
    await rest(pilot)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("running", [False, True], ids=["last", "running"])
def test_pictures(snap_compare: Any, tmp_path: Path, size: tuple[int, int], *, running: bool) -> None:
    app = app_on(shelve(tmp_path / "library"), tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: fixed(pilot, running=running))


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("key", ["i", "plus"])
def test_pictures_of_boxes(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
    app = app_on(shelve(tmp_path / "library"), tmp_path)
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: fixed(pilot, running=False, keys=(key,)))

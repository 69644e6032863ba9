"""The Index screen as it looks: its pictures, its times and paths, the cursor that stays with its file."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.messages import Progressed
from fairouz_tui.run_record import RunRecord
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.indexing_look import IndexingLookScreen, IndexRead
from fairouz_tui.widgets.folder_list import ago
from fairouz_tui.widgets.problem_list import fit_end
from indexer.exploring.indexed import Job, Problem
from tests.fairouz_tui.driving import WIDE, explore, rest, until
from tests.fairouz_tui.index_driving import Clock, app_on, has_said, index_screen
from tests.fairouz_tui.shelf import shelve


@pytest.mark.usefixtures("still")
async def test_the_file_under_the_cursor_is_found_again(library: Path, tmp_path: Path) -> None:
    app = app_on(library, tmp_path)
    async with app.run_test(size=WIDE) as pilot:
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

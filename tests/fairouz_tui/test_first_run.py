import asyncio
import os
import shutil
import signal
import threading
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.folders import (
    Counted,
    caution,
    completed,
    count_audio,
    folder_of,
    taken_with,
    told_count,
    trouble_with,
    usual_music_folder,
)
from fairouz_tui.indexing import progress_of
from fairouz_tui.run_record import RunRecord
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.widgets.top_line import TopLine, plural, progress_text, time_left
from indexer.storing.store import Store
from tests.fairouz_tui.driving import PATIENCE_SECONDS, explore, notices, until
from tests.fairouz_tui.shelf import shelve


async def test_a_folder_is_asked_for_and_indexed_while_the_screen_lives(indexed_demo: Path, tmp_path: Path) -> None:
    music = tmp_path / "my music"
    music.mkdir()
    for file in sorted((indexed_demo / "music").rglob("*.mp3"))[:3]:
        shutil.copy(file, music)
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        line, said = app.screen.query_one(Input), app.screen.query_one("#said", Static)
        line.value = str(tmp_path / "nowhere")
        await pilot.press("enter")
        assert "There is no" in str(said.content)
        line.value = ""
        await pilot.press(*str(tmp_path), "slash", "m", "y")
        await until(pilot, lambda: line._suggestion.endswith("my music/"))
        await pilot.press("tab")
        assert line.value == f"{music}/"
        await pilot.press("enter")
        screen = await explore(pilot)
        await until(pilot, lambda: len(screen.results) == 3)
        await pilot.press("slash", *"a", "escape", "j")
        assert isinstance(app.screen, ExploreScreen)
        await until(pilot, lambda: not screen.query_one(TopLine).indexing)
        await until(pilot, lambda: sound_present(screen) == 3)
        assert notices(pilot) == []


def sound_present(screen: ExploreScreen) -> int:
    """Return how many tracks the first line knows to have a sound; it is read anew some moments after indexing."""
    return int(screen.query_one(TopLine).summary["modalities"].get("audio", {}).get("present", 0))


async def test_a_killed_child_is_reported_and_u_goes_on(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        top = screen.query_one(TopLine)
        working: list[bool] = []
        screen.watch(top, "indexing", lambda on: working.append(on), init=False)
        # Beside the key press, not after it: on a busy machine the whole run may pass while the press is waited for.
        killing = asyncio.create_task(killed(top))
        await pilot.press("u")
        await asyncio.wait_for(killing, PATIENCE_SECONDS)
        await until(pilot, lambda: notices(pilot))
        assert "signal 9" in notices(pilot)[0]
        assert "u goes on" in notices(pilot)[0]
        assert working == [True, False]
        await pilot.press("u")
        await until(pilot, lambda: working == [True, False, True, False])
        assert len(notices(pilot)) == 1


async def killed(top: TopLine) -> None:
    """Kill the indexing child the moment it is there."""
    while not top._child.running:
        await asyncio.sleep(0.002)
    assert top._child._process is not None
    os.kill(top._child._process.pid, signal.SIGKILL)


async def test_the_music_folder_of_the_settings_is_proposed(tmp_path: Path) -> None:
    app = FairouzApp(tmp_path / "library", config=Config(music_folders=(tmp_path / "gone", tmp_path)))
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        assert app.screen.query_one(Input).value == str(tmp_path)
        await pilot.press("escape")
        assert isinstance(app.screen, FirstRunScreen)
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_several_folders_are_counted_and_taken(tmp_path: Path) -> None:
    for name, files in (("one", 3), ("two", 1)):
        (tmp_path / name / "deep").mkdir(parents=True)
        for number in range(files):
            (tmp_path / name / "deep" / f"{number}.flac").touch()
        (tmp_path / name / "cover.jpg").touch()
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        screen = app.screen
        line, count, said = (
            screen.query_one(Input),
            screen.query_one("#count", Static),
            screen.query_one("#said", Static),
        )
        line.value = str(tmp_path / "one")
        await until(pilot, lambda: str(count.content) == "3 audio files · indexed in less than a minute")
        await pilot.press("ctrl+n")
        assert line.value == ""
        await until(pilot, lambda: str(count.content) == "")
        await pilot.press("ctrl+n")
        assert "Type the folder" in str(said.content)
        line.value = str(tmp_path / "two")
        await until(pilot, lambda: "1 audio file " in str(count.content))
        await pilot.press("ctrl+n")
        shown = str(screen.query_one("#folders", Static).content)
        assert shown.splitlines() == [f"✓ {tmp_path / 'one'}", f"✓ {tmp_path / 'two'}"]
        await pilot.press("ctrl+r")
        assert line.value == str(tmp_path / "two")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        explorer = app.screen
        assert isinstance(explorer, ExploreScreen)
        assert explorer._new == (tmp_path / "one", tmp_path / "two")
        await until(pilot, lambda: explorer.query(TopLine))
        explorer.top_line.stop()
        await until(pilot, lambda: not explorer.top_line.indexing)


async def test_the_next_day_says_that_indexing_was_stopped(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    with Store(library) as store:
        store.finish_job(store.start_job("index"), state="interrupted", counts="{}")
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        top = (await explore(pilot)).query_one(TopLine)
        await until(pilot, lambda: "indexing stopped · u goes on" in str(top.render()))
        with Store(library) as store:
            store.finish_job(store.start_job("index"), state="done", counts="{}")
        await until(pilot, lambda: "stopped" not in str(top.render()))


async def test_a_disk_that_sleeps_does_not_hold_typing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def folder(text: str) -> Path:
        asked.append(threading.current_thread() is threading.main_thread())
        return folder_of(text)

    monkeypatch.setattr("fairouz_tui.widgets.folder_input.folder_of", folder)
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        count = app.screen.query_one("#count", Static)
        await pilot.press("slash", "t")
        app.screen.query_one(Input).value = str(tmp_path)
        await until(pilot, lambda: str(count.content).startswith("No audio files"))
        assert asked
        assert not any(asked)


async def test_a_proposed_folder_gives_way_to_what_is_typed(tmp_path: Path) -> None:
    spaced = tmp_path / "two  spaces"  # shown with one
    spaced.mkdir()
    app = FairouzApp(tmp_path / "library", config=Config(music_folders=(spaced,)))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        screen = app.screen
        assert isinstance(screen, FirstRunScreen)
        assert screen.line.folder == spaced
        await pilot.press("ctrl+n", "ctrl+r")
        assert screen.line.folder == spaced
        await pilot.press("end", *"/x")
        assert screen.line.value.endswith("two spaces/x")
        await pilot.press("ctrl+u", *"~")
        assert screen.line.value == "~"
    app = FairouzApp(tmp_path / "library", config=Config(music_folders=(spaced,)))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        await pilot.press("tilde")
        assert app.screen.query_one(Input).value == "~"


async def test_tab_completes_before_the_completion_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "My Records").mkdir()
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        screen = app.screen
        assert isinstance(screen, FirstRunScreen)
        with screen.line.prevent(Input.Changed):
            screen.line.suggester = None
            screen.line.value = f"{tmp_path}/my"
        await pilot.press("tab")
        await until(pilot, lambda: screen.line.value == f"{tmp_path}/My Records/")


async def test_a_folder_without_music_is_taken_when_it_is_meant(tmp_path: Path) -> None:
    for name in ("empty", "full"):
        (tmp_path / name / "inside").mkdir(parents=True)
    (tmp_path / "full" / "inside" / "1.mp3").touch()
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        screen = app.screen
        assert isinstance(screen, FirstRunScreen)
        count, said = screen.query_one("#count", Static), screen.query_one("#said", Static)
        screen.line.value = str(tmp_path / "empty")
        await until(pilot, lambda: str(count.content).startswith("No audio files"))
        await pilot.press("ctrl+n")
        assert "enter again" in str(said.content)
        await pilot.press("ctrl+n")
        await until(pilot, lambda: screen._folders == [tmp_path / "empty"])
        for name in ("full/inside", "full"):
            screen.line.value = str(tmp_path / name)
            await pilot.press("ctrl+n")
        await until(pilot, lambda: "read once" in str(said.content))
        assert screen._folders == [tmp_path / "empty", tmp_path / "full"]
        screen.line.value = f"'{tmp_path}/full/inside'"
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "is read already" in str(said.content))
        assert screen._folders == [tmp_path / "empty", tmp_path / "full"]
        screen.line.value = str(tmp_path)
        await until(pilot, lambda: str(count.content).startswith("1 audio file"))


def test_no_folder_is_taken_inside_another() -> None:
    folders = [Path("/a"), Path("/b/c")]
    assert taken_with(folders, Path("/a/b")) == folders
    assert taken_with(folders, Path("/b")) == [Path("/a"), Path("/b")]
    assert taken_with(folders, Path("/c")) == [*folders, Path("/c")]


def test_a_folder_is_read_as_a_shell_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("My Music", "Don't", '"quoted"', "موسيقى"):
        (tmp_path / name).mkdir()
    music = tmp_path / "My Music"
    typed = ["~/My Music/", '"~/My Music"', "'~/My Music'", r"~/My\ Music", "$HOME/My Music", f"  {music} "]
    assert {folder_of(text) for text in typed} == {music}
    assert folder_of(f"file://{tmp_path}/My%20Music") == music
    assert folder_of("~/Don't") == tmp_path / "Don't"
    assert folder_of("~/موسيقى") == tmp_path / "موسيقى"
    assert folder_of(f'{tmp_path}/"quoted"') == tmp_path / '"quoted"'
    assert "no /nowhere at all:" in trouble_with('"/nowhere at all"')
    assert "home folder" in caution(folder_of("~"))
    assert "whole computer" in caution(Path("/"))
    assert caution(music) == ""


def test_the_desktop_names_the_usual_music_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert usual_music_folder() == tmp_path / "Music"
    (tmp_path / ".config").mkdir()
    named = tmp_path / ".config" / "user-dirs.dirs"
    named.write_text('# a comment\nXDG_DESKTOP_DIR="$HOME/Bureau"\nXDG_MUSIC_DIR="$HOME/Musique"\n', encoding="utf-8")
    assert usual_music_folder() == tmp_path / "Musique"
    named.write_text('XDG_MUSIC_DIR="$HOME/"\n', encoding="utf-8")  # how a desktop says that there is none
    assert usual_music_folder() == tmp_path / "Music"


def test_files_are_counted_while_the_walk_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        (tmp_path / f"{number}.mp3").touch()
    assert [one.files for one in count_audio(tmp_path)] == [30]
    monkeypatch.setattr("fairouz_tui.folders.TELL_SECONDS", -1.0)
    assert [one.files for one in count_audio(tmp_path)] == [*range(1, 31), 30]
    monkeypatch.setattr("fairouz_tui.folders.LONGEST_COUNT_SECONDS", -1.0)
    assert [(one.files, one.whole) for one in count_audio(tmp_path)] == [(1, False)]


@pytest.mark.parametrize(
    ("counted", "text"),
    [
        (Counted(0, whole=True), "No audio files in there (mp3, flac, ogg, opus, m4a, wav and others are looked for)."),
        (Counted(0, whole=False), "Looking …"),
        (Counted(1, whole=True, seconds_to_index=1.0), "1 audio file · indexed in less than a minute"),
        (Counted(1200, whole=False), "more than 1,200 audio files …"),
        (Counted(1200, whole=True, seconds_to_index=66.0), "1,200 audio files · indexed in about 1 minute"),
        (
            Counted(9000, whole=False, seconds_to_index=600.0),
            "more than 9,000 audio files · indexed in about 10 minutes",
        ),
        (Counted(90000, whole=True, seconds_to_index=7300.0), "90,000 audio files · indexed in about 2 hours"),
    ],
)
def test_a_count_is_one_line(counted: Counted, text: str) -> None:
    assert told_count(counted) == text


def test_trouble_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert trouble_with(str(tmp_path)) == ""
    assert trouble_with("  ").startswith("Type the folder")
    assert "is a file" in trouble_with(str(tmp_path / "file"))
    assert "There is no" in trouble_with(str(tmp_path / "gone"))


def test_folders_are_completed_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Music", "Movies", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "Mfile").touch()
    assert completed(f"{tmp_path}/M") == f"{tmp_path}/Movies/"
    assert completed(f"{tmp_path}/Mu") == f"{tmp_path}/Music/"
    assert completed(f"{tmp_path}/") == f"{tmp_path}/Movies/"
    assert completed(f"{tmp_path}/.h") == f"{tmp_path}/.hidden/"
    assert completed(f"{tmp_path}/x") is None
    assert completed(f"{tmp_path}/gone/x") is None
    assert completed("") is None
    assert completed(f"{tmp_path}/mU") == f"{tmp_path}/Music/"
    assert completed("~") == "~/"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert completed("~/Mu") == "~/Music/"
    monkeypatch.chdir(tmp_path)
    assert completed("Mu") == f"Music{os.sep}"


WHOLE = ', "seconds_left": 240, "share": 0.4, "step": 4, "steps": 9}'


@pytest.mark.parametrize(
    ("line", "width", "text"),
    [
        ('{"stage": "sound", "done": 50, "total": 50' + WHOLE, 90, "indexing ▓▓▓▓░░░░░░ 40 % · 4 m left"),
        ('{"stage": "sound", "done": 50, "total": 50' + WHOLE, 60, "indexing ▓▓░░░ 40 % · 4 m left"),
        (
            '{"stage": "sound", "done": 9, "total": 5' + WHOLE,
            120,
            "indexing ▓▓▓▓░░░░░░ 40 % · 4 m left · stage 4 of 9",
        ),
        ('{"stage": "read", "done": 1200, "total": 0, "failed": 0, "note": null}', 90, "indexing · read"),
        ('{"stage": "read", "done": 1, "total": 5, "step": 2, "steps": 7}', 90, "indexing · stage 2 of 7: read 1 of 5"),
        ('{"stage": "read", "done": 1, "total": 5, "paused": true, "share": 0.5}', 90, "paused · 50 %"),
    ],
)
def test_progress_is_read_and_drawn(line: str, width: int, text: str) -> None:
    progress = progress_of(line.encode())
    assert progress is not None
    record = RunRecord()
    record.begin()
    record.take(progress)
    assert progress_text(record, width, pausing=False) == text
    assert progress_text(record, width, pausing=True) == "pausing after this step …"


@pytest.mark.parametrize("line", [b"", b"hello", b"{}", b"[1]", b'{"stage": 1, "done": "x", "total": 2}', b"\xff"])
def test_a_line_that_is_no_report_is_passed_over(line: bytes) -> None:
    assert progress_of(line) is None


def test_counts_and_times_are_words() -> None:
    assert plural(1, "track") == "1 track"
    assert plural(12480, "track") == "12,480 tracks"
    assert plural(6, "modality", "modalities") == "6 modalities"
    assert time_left(40) == "40 s left"

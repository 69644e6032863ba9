"""The note that an indexing run leaves for the screens of other processes: written, read, shown, gone with the run."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.run_note import NOTE, read_note, write_note
from fairouz_tui.run_record import DONE, STOPPED, RunRecord
from fairouz_tui.run_text import run_title
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.widgets.stage_table import ABSENT_SIGN, CUT_SIGN, DONE_SIGN, StageTable
from indexer.catalogue import Catalogue
from indexer.exploring.indexed import last_job
from indexer.progress import Progress
from indexer.storing.lock import INDEXING, held, holder
from tests.fairouz_tui.driving import PATIENCE_SECONDS, explore, until
from tests.fairouz_tui.shelf import shelve
from tests.indexer.reading.audio_files import make_audio

MOMENTS = (
    Progress("scanning", 0, 0, step=1),
    Progress("reading tags", 36, 36, failed=1, share=0.2, seconds_left=80.0, step=2, steps=7),
    Progress("reading words", 0, 0, note="the encoder is not there", share=0.3, seconds_left=70.0, step=3, steps=7),
    Progress("listening", 12, 35, share=0.62, seconds_left=40.0, step=4, steps=7),
)


def recorded(moments: tuple[Progress, ...] = MOMENTS) -> RunRecord:
    ticks = iter(range(100))
    record = RunRecord(clock=lambda: 100.0 + next(ticks))
    record.begin()
    for moment in moments:
        record.take(moment)
    return record


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = recorded()
    write_note(tmp_path / NOTE, written)
    read = read_note(tmp_path, os.getpid())
    assert read is not None
    assert [(stage.name, stage.done, stage.total, stage.failed, stage.over) for stage in read] == [
        ("scanning", 0, 0, 0, True),
        ("reading tags", 36, 36, 1, True),
        ("reading words", 0, 0, 0, True),
        ("listening", 12, 35, 0, False),
    ]
    assert (read.now, read.running, read.paused) == ("listening", True, False)
    assert 0 < read.seconds == read.seconds < 30
    title = run_title(read, pausing=False, name="process 7")
    assert title.startswith("process 7 · 62 % · 0:40 left · stage 4 of 7: listening 12 of 35 · 0:")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"process": 1, "stages": [3], "last": null, "seconds": 1}'])
def test_a_note_that_is_none_is_passed_over(tmp_path: Path, text: str) -> None:
    assert read_note(tmp_path, 1) is None
    (tmp_path / NOTE).write_text(text)
    assert read_note(tmp_path, 1) is None


def test_the_note_of_another_process_is_not_believed(tmp_path: Path) -> None:
    write_note(tmp_path / NOTE, recorded())
    assert read_note(tmp_path, os.getpid() + 1) is None


def wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)


def test_a_run_notes_how_far_it_is_until_it_is_interrupted(tmp_path: Path) -> None:
    music, library = tmp_path / "music", tmp_path / "library"
    music.mkdir()
    for number in range(3):
        make_audio(music / f"{number}.mp3", seconds=1.0, seed=number)
    command = [sys.executable, "-m", "fairouz_tui", "index", str(music), "--library", str(library), "--progress-json"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        child.stdin.write(b"pause\n")
        child.stdin.flush()
        wait(lambda: (run := read_note(library, child.pid)) is not None and run.paused)
        assert holder(library / INDEXING) == child.pid
        child.send_signal(signal.SIGINT)
        assert child.wait(PATIENCE_SECONDS) == 130
    assert not (library / NOTE).exists()
    job = last_job(Catalogue(library).connection)
    assert job is not None
    assert job.state == "interrupted"


async def test_the_stages_of_another_process_are_shown(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    app = FairouzApp(library, config_file=tmp_path / "config.toml")
    async with app.run_test(size=(120, 40)) as pilot:
        await explore(pilot)
        screen = await index_screen(pilot)
        write_note(library / NOTE, recorded())  # nobody holds the library: left by one that was killed
        with held(library / INDEXING):
            table = screen.stages
            await until(pilot, lambda: len(table.stages) == len(MOMENTS))
            assert f"process {os.getpid()} · 62 % · 0:40 left" in str(table.border_title)
            assert table.now == "listening"
            drawn = table.render().plain.split("\n")
            assert drawn[3].startswith(f"{ABSENT_SIGN} reading words")
            assert "the encoder is not there" in drawn[3]
            assert "it can be stopped there, not here" in drawn[5]
            (library / NOTE).write_text(json.dumps({"process": 1}))
            await until(pilot, lambda: not table.stages)
            assert str(table.border_title) == f"process {os.getpid()}"
        await until(pilot, lambda: str(table.border_title) == "last run")


async def index_screen(pilot: Pilot[None]) -> IndexScreen:
    await pilot.press("I")
    await until(pilot, lambda: isinstance(pilot.app.screen, IndexScreen) and not pilot.app.screen.first_read)
    screen = pilot.app.screen
    assert isinstance(screen, IndexScreen)
    return screen


@pytest.mark.parametrize(("how", "sign"), [(DONE, DONE_SIGN), (STOPPED, CUT_SIGN)])
async def test_a_stage_that_was_cut_short_is_not_ticked(tmp_path: Path, how: str, sign: str) -> None:
    app = FairouzApp(shelve(tmp_path / "library"), config_file=tmp_path / "config.toml")
    async with app.run_test(size=(120, 40)) as pilot:
        await explore(pilot)
        screen = await index_screen(pilot)
        record = recorded()
        record.end(how)
        table = screen.query_one(StageTable)
        table.show(list(record), [], now=record.now, paused=False)
        await until(pilot, lambda: len(table.render().plain.split("\n")) == 5)
        assert table.render().plain.split("\n")[-1].startswith(f"{sign} listening")


def test_a_pause_leaves_no_word_behind() -> None:
    last = MOMENTS[-1]
    paused = replace(last, note="paused", paused=True, seconds_left=None)
    record = recorded((*MOMENTS, paused))
    assert record.paused
    assert run_title(record, pausing=True).startswith("this run · paused · p goes on · 62 % · stage 4 of 7")
    record.take(last)
    assert [stage.note for stage in record][-1] == ""
    assert run_title(record, pausing=True).startswith(
        "this run · pausing after this step · p goes on · 62 % · 0:40 left"
    )


TABLE = '{"process": PROCESS, "seconds": SECONDS, "trying_again": false, "stages": [STAGES], "last": null}'
STAGE = '{"name": "x", "done": DONE, "total": TOTAL, "failed": 0, "note": "", "seconds": 1, "over": false}'


def table(seconds: str = "1", *, done: str = "1", total: str = "2") -> str:
    stage = STAGE.replace("DONE", done).replace("TOTAL", total)
    return TABLE.replace("PROCESS", str(os.getpid())).replace("SECONDS", seconds).replace("STAGES", stage)


NO_NOTES = {
    "nested list": "[" * 100_000,
    "nested table": '{"a":' * 100_000,
    "empty": "{}",
    "list": "[]",
    "no number": table("NaN"),
    "endless": table("1e999"),
    "endless count": table(done="Infinity"),
    "negative": table(total="-1"),
}


@pytest.mark.parametrize("text", NO_NOTES.values(), ids=NO_NOTES)
def test_a_note_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NOTE).write_text(table())
    assert read_note(tmp_path, os.getpid()) is not None
    (tmp_path / NOTE).write_text(text)
    assert read_note(tmp_path, os.getpid()) is None

"""What the screen says to the indexing child: pause, go on, stop; and what holds when the screen is gone."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from fairouz_tui.control import GO_ON, PAUSE, STOP, Control
from tests.indexer.reading.audio_files import make_audio

PATIENCE_SECONDS = 60.0


def comes(control: Control, *, paused: bool) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while control.paused() is not paused:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_lines_pause_and_go_on_and_the_end_of_the_screen_goes_on() -> None:
    reader, writer = os.pipe()
    control = Control(reader)
    assert not control.paused()
    os.write(writer, PAUSE[:3])
    os.write(writer, PAUSE[3:] + b"\n")
    comes(control, paused=True)
    os.write(writer, b"nonsense\n" + GO_ON + b"\n")
    comes(control, paused=False)
    os.write(writer, PAUSE + b"\n")
    comes(control, paused=True)
    os.close(writer)
    comes(control, paused=False)
    os.close(reader)


def test_a_real_run_stands_until_it_is_told_to_go_on(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    for number in range(6):
        make_audio(tmp_path / "music" / f"{number}.mp3", seconds=1.0, seed=number)
    command = [sys.executable, "-m", "fairouz_tui", "index", str(tmp_path / "music"), "--progress-json"]
    child = subprocess.Popen(
        [*command, "--library", str(tmp_path / "library")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(PAUSE + b"\n")
    child.stdin.flush()
    for line in child.stdout:
        report = json.loads(line)
        if report["paused"]:
            break
    assert report["note"] == "paused"
    child.stdin.write(GO_ON + b"\n")
    child.stdin.flush()
    goes_on = json.loads(child.stdout.readline())
    assert (goes_on["paused"], goes_on["stage"]) == (False, report["stage"])
    rest, _ = child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 0
    assert not any(json.loads(line)["paused"] for line in rest.splitlines())


def test_a_run_that_is_deaf_to_the_signal_stops_when_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    make_audio(tmp_path / "music" / "one.mp3", seconds=1.0)
    command = [sys.executable, "-m", "fairouz_tui", "index", str(tmp_path / "music"), "--progress-json"]
    child = subprocess.Popen(
        ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command, "--library", str(tmp_path / "library")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, said = child.communicate(PAUSE + b"\n" + STOP + b"\n", timeout=PATIENCE_SECONDS)
    assert child.returncode == 130, said

"""Priority of a real process, and pausing with a battery that the test holds."""

import os
import subprocess
import sys
from collections.abc import Generator

from indexer.courtesy import NICENESS, on_battery, while_plugged_in, while_wanted
from indexer.progress import Progress


def test_stepping_back_lowers_the_priority_of_this_process_and_its_children() -> None:
    code = (
        "import os, subprocess, sys; from indexer.courtesy import step_back; step_back(); step_back();"
        "child = subprocess.run([sys.executable, '-c', 'import os; print(os.nice(0))'], stdout=subprocess.PIPE);"
        "print(os.nice(0), int(child.stdout))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(max(NICENESS, os.nice(0)))] * 2


def _steps(taken: list[int]) -> Generator[Progress, None, None]:
    for step in range(3):
        taken.append(step)
        yield Progress("listening", step, 3, seconds_left=9.0)


def test_no_step_is_taken_on_battery() -> None:
    taken: list[int] = []
    plugs = iter([True, True, False])
    seen_while_waiting: list[int] = []
    told = list(
        while_plugged_in(
            _steps(taken), unplugged=lambda: next(plugs, False), wait=lambda _: seen_while_waiting.append(len(taken))
        )
    )
    assert taken == [0, 1, 2]
    assert seen_while_waiting == [1, 1], "nothing goes on while waiting"
    assert [p.note for p in told] == ["", "paused: on battery", "paused: on battery", "", ""]
    assert told[1].seconds_left is None


def test_stopping_while_paused_closes_the_run() -> None:
    closed: list[bool] = []

    def run() -> Generator[Progress, None, None]:
        try:
            yield Progress("listening", 0, 1)
        finally:
            closed.append(True)

    def wait(_: float) -> None:
        raise KeyboardInterrupt

    stages = while_plugged_in(run(), unplugged=lambda: True, wait=wait)
    try:
        list(stages)
    except KeyboardInterrupt:
        closed.append(True)
    assert closed == [True, True]


def test_a_battery_is_looked_for() -> None:
    assert on_battery() in (True, False)


def test_a_paused_run_takes_no_step_and_says_when_it_goes_on() -> None:
    taken: list[int] = []
    asked = iter([True, True, True, False, False, False])
    seen_while_waiting: list[int] = []
    told = list(
        while_wanted(
            _steps(taken), paused=lambda: next(asked, False), wait=lambda _: seen_while_waiting.append(len(taken))
        )
    )
    assert taken == [0, 1, 2]
    assert seen_while_waiting == [1, 1], "nothing goes on while waiting"
    assert [(p.note, p.paused, p.seconds_left) for p in told] == [
        ("", False, 9.0),
        ("paused", True, None),
        ("", False, 9.0),
        ("", False, 9.0),
        ("", False, 9.0),
    ]

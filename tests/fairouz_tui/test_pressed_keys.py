"""The proof that every key is pressed: it sees what a key ran, and fails a whole run that leaves keys out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from tests.fairouz_tui.driving import WIDE, explore, until
from tests.fairouz_tui.pressed_keys import PressedKeys
from tests.fairouz_tui.shelf import shelve

CONFTEST = """
from pathlib import Path
from tests.fairouz_tui.pressed_keys import PressedKeys

def pytest_configure(config):
    config.pluginmanager.register(PressedKeys(Path(__file__).parent), "pressed keys")
"""
TESTS = "def test_one(): pass\ndef test_two(): pass\n"
ROOT = Path(__file__).parents[2]


async def test_what_a_key_runs_is_noted_and_what_is_typed_or_refused_is_not(
    tmp_path: Path, pressed: PressedKeys
) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        before = len(pressed.noted)
        await pilot.press("j", "down", "tab", "slash", "j", "slash", "escape")
        await until(pilot, lambda: screen.results.has_focus)
        assert screen.query_input.value == "j/"
    names = [("list_down", "j"), ("list_down", "down"), ("next_pane", "tab"), ("search", "slash")]
    assert pressed.noted[before:] == [*names, ("query_leave", "escape")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 1, "no test presses\nExplore: search (slash)\n"),
        (("-n", "2"), 1, "no test presses\nExplore: search (slash)\n"),
        (("-k", "one"), 0, "not looked at: only a whole run"),
        (("test_a.py",), 0, "not looked at: only a whole run"),
        (("test_a.py::test_one", "test_b.py"), 0, "not looked at: only a whole run"),
    ],
    ids=["one process", "two", "some by name", "one file", "one test and a file"],
)
def test_a_whole_run_that_leaves_keys_out_fails(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    for name, text in {
        "conftest.py": CONFTEST,
        "test_a.py": TESTS,
        "test_b.py": TESTS,
        "pytest.ini": "[pytest]",
    }.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in environment.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert f"keys of the explorer: {said}" in done.stdout, done.stdout + done.stderr
    assert done.returncode == code

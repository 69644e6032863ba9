"""What somebody meets who types the first commands: help that can be copied, and no library left by a slip."""

import re
import subprocess
import sys
from inspect import getdoc
from pathlib import Path

import pytest

from fairouz_tui.cli import app, run
from tests.fairouz_tui.shell import Shell

COMMANDS = {command.name or command.callback.__name__: command for command in app.registered_commands}  # type: ignore[union-attr]


def said(*arguments: str) -> str:
    """Return what the program prints in a terminal of 80 columns."""
    command = [sys.executable, "-m", "fairouz_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={"COLUMNS": "80", "PATH": ""}).stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_examples_stand_on_one_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    examples = re.findall(r"^Example: .*$", getdoc(COMMANDS[name].callback) or "", re.MULTILINE)
    assert examples
    assert run([name, "--help"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert set(examples) <= set(lines)


def test_every_command_is_said_whole_in_80_columns() -> None:
    listed = said("--help").split("Commands:")[1].split("\n\n")[0]
    assert len(listed.strip().splitlines()) == len(COMMANDS) + 2  # spaces and encoders have verbs of their own
    assert "..." not in listed


@pytest.mark.parametrize("folders", [[], ["nowhere"], ["file"]])
def test_a_slip_leaves_no_library_behind(
    folders: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    library = tmp_path / "library"
    assert run(["index", *(str(tmp_path / folder) for folder in folders), "--library", str(library)]) == 1
    assert re.search("no music folder is known|is not a folder", capsys.readouterr().err)
    assert not library.exists()


def test_a_folder_without_music_is_said_to_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "music").mkdir()
    assert run(["index", str(tmp_path / "music"), "--library", str(tmp_path / "library")]) == 0
    assert "There is no music in there" in capsys.readouterr().out


def test_a_folder_that_was_named_by_mistake_is_forgotten(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(library, capsys)
    music = shell.json("roots")["roots"][0]["path"]
    assert "is no music folder of this library" in shell.fails(1, "prune", "--folder", str(library))
    assert "has 36 tracks" in shell.fails(1, "prune", "--folder", music)
    assert "36 tracks forgotten" in shell.says("prune", "--folder", music, "--yes")
    assert shell.json("roots") == {"roots": []}
    assert shell.json("stats")["tracks"] == 0
    assert Path(music).is_dir()

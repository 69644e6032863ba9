"""What holds of every command: its help, its exit codes, and one clear line for whatever goes wrong."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fairouz_tui import cli
from models.modality import MODALITIES
from tests.fairouz_tui.shell import Shell

COMMANDS = (
    "demo",
    "index",
    "roots",
    "prune",
    "search",
    "similar",
    "explain",
    "mix",
    "path",
    "playlist",
    "graph",
    "stats",
    "doctor",
    "map",
    "evaluate",
    "spaces",
    "encoders",
    "train",
)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("search", "colour:red"), "colour"),
        (("search", "year:abc"), 'year: wants 1999, 1990..1999 or <2000, not "abc"'),
        (("search", "key:H"), 'not "H"'),
        (("search",), "QUERY"),
        (("search", "x", "-n", "0"), "--count"),
        (("search", "x", "-n", "ten"), "--count"),
        (("search", "x", "--bogus"), "--bogus"),
        (("search", "x", "--weights", "smell=1"), "smell"),
        (("search", "x", "--weights", "audio=-1"), "audio"),
        (("search", "x", "--weights", "audio=nan"), "audio"),
        (("search", "x", "--weights", "audio"), "audio"),
        (("similar", "1", "--modality", "smell"), "smell"),
        (("similar", "1", "--modality", "audio", "--weights", "audio=1"), "not both"),
        (("explain", "1"), "TRACK"),
        (("playlist",), "--seed"),
        (("playlist", "--seed", "1", "--length", "soon"), "soon"),
        (("playlist", "--seed", "1", "--length", "0"), "--length"),
        (("playlist", "--seed", "1", "--length", "5m", "-n", "3"), "not both"),
        (("graph",), "--output"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_usage_is_two_and_names_what_is_wrong(shell: Shell, arguments: tuple[str, ...], named: str) -> None:
    said = shell.fails(2, *arguments)
    assert named in said
    if arguments[0] in COMMANDS and ":" not in arguments[-1]:
        assert f"fairouz-tui {arguments[0]} --help" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("similar", "9999"), "9999"),
        (("similar", "zzz"), "zzz"),
        (("similar", "/not/there.mp3"), "/not/there.mp3"),
        (("similar", "/tmp"), "/tmp"),
        (("similar", "turnstile", "--modality", "lyrics"), "lyrics"),
        (("explain", "1", "9999"), "9999"),
        (("explain", "1", "2", "--weights", ",".join(f"{m}=0" for m in MODALITIES)), "turn up"),
        (("playlist", "--seed", "1", "-o", "/not/there/x.m3u8"), "/not/there/x.m3u8"),
        (("index", "/not/there"), "/not/there"),
    ],
)
def test_failure_is_one_and_says_why(shell: Shell, arguments: tuple[str, ...], named: str) -> None:
    assert named in shell.fails(1, *arguments)


@pytest.mark.parametrize("command", ["roots", "prune", "stats", "search x", "similar 1", "explain 1 2",
                                     "playlist --seed 1", "graph -o x.json"])  # fmt: skip
def test_without_a_library_every_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    said = Shell(tmp_path / "none", capsys).fails(1, *command.split())
    assert "fairouz-tui index" in said
    assert not (tmp_path / "none").exists()


def test_damaged_database_is_one_line(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray((library / "library.db").read_bytes())
    data[4096 * 2 :] = os.urandom(len(data) - 4096 * 2)
    (library / "library.db").write_bytes(data)
    assert "database" in Shell(library, capsys).fails(1, "search", "sea")


def test_newer_database_is_refused(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from indexer.storing.store import Store

    with Store(library) as store:
        store.connection.execute("PRAGMA user_version = 999")
    assert "newer" in Shell(library, capsys).fails(1, "stats")


def test_library_may_stand_before_the_command(indexed_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--library", str(indexed_demo / "library"), "stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tracks"] == 36


def test_home_variable_chooses_the_library(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIROUZ_HOME", str(library))
    assert cli.run(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tracks"] == 36


def test_interruption_is_130(indexed_demo: Path) -> None:
    """Ctrl-C while the search is being loaded, at the moment when its first module comes in."""
    code = (
        "import os, signal, sys, threading, time; from fairouz_tui.cli import run\n"
        "def strike():\n"
        "    while 'indexer.exploring.search' not in sys.modules: time.sleep(0.001)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=strike, daemon=True).start(); sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "search", "x", "--library", str(indexed_demo / "library")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "fairouz-tui: interrupted; what was done is kept\n"


def test_explorer_without_a_terminal_says_so(indexed_demo: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairouz_tui", "--library", str(indexed_demo / "library")],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "terminal" in done.stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_shows_an_example_and_is_light(command: str) -> None:
    code = (
        "import sys; from fairouz_tui.cli import run; code = run(sys.argv[1:]); "
        "heavy = {'torch', 'numpy', 'faiss', 'textual', 'sqlite_utils', 'rich'} & set(sys.modules); "
        "sys.exit(f'imports {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command.split(), "--help"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Example.*fairouz-tui", done.stdout, re.DOTALL)
    assert "--library" in done.stdout
    for other in COMMANDS if not command else ():
        assert f"  {other} " in done.stdout


@pytest.mark.parametrize("command", ["search", "similar", "explain", "mix", "path", "playlist", "stats", "roots"])
def test_example_of_the_help_runs_on_the_demo(
    shell: Shell, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = " ".join(shell.says(command, "--help").replace("\n\n", "|").split())
    examples = re.findall(r"Example: fairouz-tui ([^|]*?) ?\|", said)
    assert examples
    for example in examples:
        if "~/" not in example:  # a file that only the reader has
            assert shell.says(*shlex.split(example))

"""The doctor's own checks and its report."""

import sys
from pathlib import Path

import pytest

from fairouz_tui.doctor import check_config, check_mpv, check_terminal, examine, format_checks
from indexer.health import Check


def test_whole_examination_names_everything_once(tmp_path: Path) -> None:
    checks = examine(tmp_path, config_path=tmp_path / "config.toml", database=lambda _: "0 tracks")
    names = [check.name for check in checks]
    assert len(names) == len(set(names))
    assert {"torch", "library", "config", "mpv", "terminal"} <= set(names)
    assert next(check for check in checks if check.name == "mpv").ok


def test_report_shows_cures_and_counts() -> None:
    checks = (Check("one", True, "fine"), Check("second", False, "broken", "mend it"))
    assert format_checks(checks).splitlines() == [
        "ok    one     fine",
        "FAIL  second  broken",
        "              -> mend it",
        "1 of 2 checks failed",
    ]
    narrow = format_checks([Check("config", False, "word " * 12 + "/long/path", "mend it")], columns=40).splitlines()
    assert max(map(len, narrow)) <= 40
    assert narrow[1] == " " * 14 + "word word word word word"
    assert narrow[2:4] == [" " * 14 + "word word /long/path", " " * 14 + "-> mend it"]
    empty = Check("a name that is wider than the terminal", True, "")
    assert format_checks([empty], columns=20).splitlines()[0] == f"ok    {empty.name}  "
    assert format_checks(checks[:1]).endswith("all 1 checks passed")


def test_missing_or_false_mpv_is_told(tmp_path: Path) -> None:
    assert "not installed" in check_mpv("no-such-player").detail
    assert "apt install mpv" in check_mpv("no-such-player").cure
    assert "does not answer as mpv" in check_mpv(sys.executable).detail


def test_wrong_config_is_a_check_and_the_defaults_go_on(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("images = 3\n")
    config, check = check_config(tmp_path / "config.toml")
    assert config.images == "auto"
    assert not check.ok
    assert "images" in check.detail


@pytest.mark.parametrize(
    ("term", "size", "encoding", "ok", "word"),
    [
        ("xterm-256color", (120, 40), "UTF-8", True, "256 colours"),
        ("xterm", (120, 40), "utf8", True, "16 colours"),
        ("dumb", (120, 40), "UTF-8", False, "TERM"),
        ("", (120, 40), "UTF-8", False, "TERM"),
        ("xterm", (59, 40), "UTF-8", False, "60x16"),
        ("xterm", (120, 15), "UTF-8", False, "60x16"),
        ("xterm", (120, 40), "ANSI_X3.4-1968", False, "UTF-8"),
    ],
)
def test_terminal(term: str, size: tuple[int, int], encoding: str, ok: bool, word: str) -> None:
    check = check_terminal({"TERM": term}, size=size, encoding=encoding)
    assert check.ok is ok
    assert word in check.detail + check.cure

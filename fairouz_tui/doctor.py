"""Examine the whole installation and say what to do: the indexer's checks, the settings, the player, the terminal."""

import locale
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import ConfigError
from fairouz_tui.paths import models_folder
from fairouz_tui.player import MISSING
from indexer.health import Check, check_health

MPV_SECONDS = 10.0
MIN_ROOM = 20
"""Cells that what is said has at least, in however narrow a terminal."""
SMALLEST_COLUMNS, SMALLEST_ROWS = 60, 16
"""Below this the explorer shows only a notice."""


def examine(library: Path, *, config_path: Path, database: Callable[[Path], str] | None = None) -> tuple[Check, ...]:
    """Run every check for the library in folder `library` with the settings at `config_path`; none raises.

    `database` opens the library and says what it found, or raises. Takes a few seconds: packages are tried in
    processes of their own.
    """
    config, settings = check_config(config_path)
    health = check_health(library, database=database)
    return (*health, _encoders(library), settings, check_mpv(config.mpv_program), check_terminal())


def _encoders(library: Path) -> Check:
    try:
        from indexer.encoders.checkup import check_encoders
    except ImportError as error:  # a broken package must not break the report on it
        return Check("encoders", False, f"cannot be looked at: {error}", "mend the packages first")
    return check_encoders(models_folder(), library)


def format_checks(checks: Sequence[Check], *, columns: int | None = None) -> str:
    """Return one line a check, its cure beneath where it fails, and a closing line that counts.

    columns : how wide a line may be, whole words going to the next; None for as wide as it comes.
    """
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for check in checks:
        lines += _wrapped(f"{'ok  ' if check.ok else 'FAIL'}  {check.name:<{width}}  ", check.detail, columns)
        if check.cure:
            lines += _wrapped(f"      {'':<{width}}  -> ", check.cure, columns)
    failed = sum(not check.ok for check in checks)
    lines.append(f"{failed} of {len(checks)} checks failed" if failed else f"all {len(checks)} checks passed")
    return "\n".join(lines)


def _wrapped(head: str, text: str, columns: int | None) -> list[str]:
    if columns is None or len(head) + len(text) <= columns:
        return [head + text]
    room = max(columns - len(head), MIN_ROOM)
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [head + first, *(" " * len(head) + line for line in rest)]


def check_config(path: Path) -> tuple[Config, Check]:
    """Check that the settings can be read; return them, or the defaults, beside the check."""
    try:
        config = load_config(path)
    except ConfigError as error:
        return Config(), Check("config", False, str(error), f"mend or remove {path}")
    return config, Check("config", True, str(path) if path.exists() else f"defaults; {path} would be read")


def check_mpv(program: str = "mpv") -> Check:
    """Check that mpv is there and starts."""
    found = shutil.which(program)
    if found is None:
        return Check("mpv", False, f"{program} is not installed: tracks can be found, not played", MISSING)
    try:
        done = subprocess.run(
            [found, "--no-config", "--version"], capture_output=True, text=True, errors="replace", timeout=MPV_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check("mpv", False, f"{found} does not run: {error}", MISSING)
    first = next(iter(done.stdout.splitlines()), "")
    if done.returncode or not first.startswith("mpv"):
        return Check("mpv", False, f"{found} does not answer as mpv does", MISSING)
    return Check("mpv", True, f"{found}, {first.split(' Copyright')[0]}")


def check_terminal(
    environment: Mapping[str, str] = os.environ, *, size: tuple[int, int] | None = None, encoding: str | None = None
) -> Check:
    """Check that the terminal can show the explorer: letters beyond ASCII, colours, room.

    `size` is (columns, rows); without a terminal (a pipe, a job) only the encoding is looked at.
    """
    encoding = encoding or locale.getpreferredencoding(False)
    if encoding.upper().replace("-", "") != "UTF8":
        return Check("terminal", False, f"the encoding is {encoding}", "set LANG=C.UTF-8 or another UTF-8 locale")
    if size is None:
        if not sys.stdout.isatty():
            return Check("terminal", True, f"{encoding}; no terminal here, so nothing else to check")
        size = (shutil.get_terminal_size().columns, shutil.get_terminal_size().lines)
    term = environment.get("TERM", "")
    detail = f"{term or 'no TERM'}, {size[0]}x{size[1]}, {_colours(environment)}, {encoding}"
    if term in ("", "dumb"):
        return Check("terminal", False, detail, "set TERM to your terminal's name, such as xterm-256color")
    if size[0] < SMALLEST_COLUMNS or size[1] < SMALLEST_ROWS:
        return Check("terminal", False, detail, f"make the window at least {SMALLEST_COLUMNS}x{SMALLEST_ROWS}")
    return Check("terminal", True, detail)


def _colours(environment: Mapping[str, str]) -> str:
    if environment.get("NO_COLOR"):
        return "colours off (NO_COLOR)"
    if environment.get("COLORTERM") in ("truecolor", "24bit"):
        return "true colour"
    return "256 colours" if "256color" in environment.get("TERM", "") else "16 colours"

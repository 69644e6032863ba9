"""Tell of an error that nobody foresaw: two plain lines, and a log to report."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from fairouz_tui.paths import APP_NAME

FOLDER = "crashes"
KEPT_LOGS = 5
LONGEST_LINE = 2_000
"""Characters of a line in the log; an error may carry a tag of ten megabytes."""
LONGEST_REASON = 200


class CrashError(Exception):
    """The explorer ended with an error of its own; the message is the lines to be said."""


def told_crash(error: Exception, *, library: Path) -> str:
    """Write the log of an error and return the two lines that are said of it."""
    from fairouz_tui.show import clip, one_line

    error = getattr(error, "error", None) or error  # of a worker: what it failed of
    reason = clip(one_line(f"{type(error).__name__}: {error}"), LONGEST_REASON)
    log = write_log(error, library=library)
    where = f"what to report stands in {one_line(log)}" if log else "no log could be written: is the disk full?"
    return (
        f"fairouz-tui: the explorer ended because of an error in it: {reason}\n"
        f"Your library and your music are unharmed; {where}"
    )


def write_log(error: Exception, *, library: Path) -> Path | None:
    """Write an error's traceback beside the library, or in the platform's folder; None where neither can be written."""
    import platformdirs

    text = log_text(error)
    for folder in (library / FOLDER, platformdirs.user_state_path(APP_NAME) / FOLDER):
        if folder.parent == library and not library.is_dir():
            continue
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            log = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
            log.write_text(text, "utf-8")
            for old in sorted(folder.glob("crash-*.log"))[:-KEPT_LOGS]:
                old.unlink()
            return log
    return None


def log_text(error: Exception) -> str:
    """Return the log: what ran where, and the traceback; control characters of names are written as escapes."""
    import platform
    import traceback
    from importlib.metadata import version

    head = [
        f"fairouz-tui {version('fairouz-tui')}, textual {version('textual')}, Python {sys.version.split()[0]}",
        f"{platform.platform()}, TERM={os.environ.get('TERM', '')}",
        time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "",
    ]
    lines = [*head, *"".join(traceback.format_exception(error)).split("\n")]
    return "\n".join(_plain(line[:LONGEST_LINE]) for line in lines) + "\n"


def _plain(line: str) -> str:
    return "".join(one if one.isprintable() else f"\\u{ord(one):04x}" for one in line)

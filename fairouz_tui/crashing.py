"""End the explorer well after an error that nobody foresaw: the terminal restored, and what happened told plainly.

FAIROUZ_CRASH=1 in the environment makes the explorer end like this, to see what it looks like.
"""

import os
from contextlib import suppress
from pathlib import Path

from fairouz_tui.crash import CrashError, told_crash
from fairouz_tui.leaving import LeavingApp, end_if_busy, run_until_left

CRASH_VARIABLE = "FAIROUZ_CRASH"


class CrashingApp(LeavingApp):
    """An app that ends at an unforeseen error without the frame's own report, which shows the values of variables."""

    crash: Exception | None = None
    """The first error that nobody foresaw."""

    def on_mount(self) -> None:
        """End with an error at once when that is asked for."""
        if os.environ.get(CRASH_VARIABLE):
            self.call_after_refresh(_crash)

    def _handle_exception(self, error: Exception) -> None:
        """Note the error, let what was started end, and go; once the terminal is restored the rest is said."""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            self.crash = error
            with suppress(Exception):  # one failure is enough
                self.let_go()
        self._close_messages_no_wait()

    def let_go(self) -> None:
        """End what was started outside this process."""


def run_to_the_end(app: CrashingApp, *, library: Path) -> int:
    """Run an app and return the exit code.

    Raises CrashError, which says where the log is, when it ended with an error that nobody foresaw.
    """
    crash: Exception | None = None
    code = 0
    try:
        code = run_until_left(app)
    except Exception as error:  # the boundary of the app
        crash = error
    crash = app.crash or crash
    if crash is not None:
        raise CrashError(told_crash(crash, library=library)) from crash
    end_if_busy(code)
    return code


def _crash() -> None:
    raise RuntimeError(f"{CRASH_VARIABLE} is set: this error was asked for")

"""Leave when it is asked from outside, by a signal or by a terminal that is gone, and never wait for a computation.

The frame knows its key alone: a signal would end the process where it stands, with the terminal as the screen left it
and without the last seconds of the state; and a terminal that is gone without a signal (under nohup) would be read for
ever.
"""

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType
from typing import Any

from textual.app import App

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Who started the explorer may have made it deaf to one of them: then it stays so."""
LEAVING_SECONDS = 4.0
"""How long leaving may take: a terminal that takes nothing any more holds the screen up for ever."""
LINGER_SECONDS = 0.6
"""How long what is being computed may take to come to its end; a file that is being saved takes less."""
TASK_SECONDS = 0.5
WORK = "work"
"""Names the threads of workers."""
TO_SIGNAL = 128
"""Exit codes of a process that ended by a signal begin here, as shells count."""
RESTORING = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"
"""Takes back what the frame asks of a terminal: mouse, focus, pastes, no wrap, keys, its second screen, no cursor."""


class LeavingApp(App[None]):
    """An app that can be left from outside."""

    def leave_soon(self, quitted: threading.Event) -> None:
        """Leave as by its key; `quitted` is set once all is kept and only the screen is left to be taken down."""
        self.call_later(self._leave, quitted)

    async def _leave(self, quitted: threading.Event) -> None:
        await self.action_quit()
        quitted.set()


def run_until_left(app: LeavingApp) -> int:
    """Run an app until it is left, and return 0 or the exit code of the signal that ended it.

    Threads of workers that still compute are not waited for; `end_if_busy` ends them.
    """
    loop = asyncio.new_event_loop()
    pool = ThreadPoolExecutor(thread_name_prefix=WORK)
    loop.set_default_executor(pool)
    try:
        with Outside(app, loop) as outside:
            app.run(loop=loop)
            return outside.code
    finally:
        _close(loop)
        pool.shutdown(wait=False, cancel_futures=True)


def end_if_busy(code: int) -> None:
    """End the process at once when a thread of a worker goes on computing: Python would wait for it."""
    deadline = time.monotonic() + LINGER_SECONDS
    at_work = [thread for thread in threading.enumerate() if thread.name.startswith(f"{WORK}_")]
    for thread in at_work:
        thread.join(max(deadline - time.monotonic(), 0.0))
    if any(thread.is_alive() for thread in at_work):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


class Outside:
    """What may end an app from outside, for as long as the block runs."""

    def __init__(self, app: LeavingApp, loop: asyncio.AbstractEventLoop) -> None:
        self.code = 0
        """The exit code of the signal that came, 0 while none did."""
        self._app, self._loop = app, loop
        self._quitted, self._left = threading.Event(), threading.Event()
        self._handlers: dict[int, Any] = {}
        self._attributes: list[Any] | None = None

    def __enter__(self) -> "Outside":
        """Listen to signals and to the end of the terminal."""
        with suppress(termios.error, OSError):
            self._attributes = termios.tcgetattr(0)
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._heard)
        threading.Thread(target=self._await_hang_up, name="terminal", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._left.set()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _: FrameType | None) -> None:
        """Leave as by the key, and in any case."""
        if not self.code:
            self.code = TO_SIGNAL + number
            threading.Thread(target=self._end_in_any_case, daemon=True).start()
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._app.leave_soon, self._quitted)

    def _await_hang_up(self) -> None:
        """Wait, without looking, until nobody is at the other end of the terminal."""
        look = select.poll()
        look.register(0, 0)
        if any(found & (select.POLLHUP | select.POLLERR) for _, found in look.poll()):
            self._heard(signal.SIGHUP, None)

    def _end_in_any_case(self) -> None:
        is_gone = self.code == TO_SIGNAL + signal.SIGHUP and self._quitted.wait(LEAVING_SECONDS)
        if self._left.wait(LINGER_SECONDS if is_gone else LEAVING_SECONDS):
            return
        if self._attributes is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSANOW, self._attributes)
        if select.select([], [2], [], 0)[1]:
            with suppress(OSError):
                os.write(2, RESTORING)
        os._exit(self.code)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop as asyncio.run does, but for the threads, which it would wait for."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=TASK_SECONDS))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()

"""Leave the machine to whoever works on it: low priority, and a pause when asked or while it runs on battery."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from indexer.progress import Progress

NICENESS = 10
"""Of this process, at least: playing and typing come first, and idle time is used whole."""
LOOK_EVERY_SECONDS = 10.0
PAUSED = "paused"
_PAUSE_LOOK_SECONDS = 0.1


def step_back(niceness: int = NICENESS) -> None:
    """Lower this process's priority for the processor to `niceness`, and for the disk; what it starts inherits it.

    A process that is lower already stays so; 0 changes nothing.
    """
    import psutil

    os.setpriority(os.PRIO_PROCESS, 0, max(niceness, os.getpriority(os.PRIO_PROCESS, 0)))
    if niceness and psutil.LINUX:
        # Best effort, lowest level: the idle class would never read from a busy disk.
        psutil.Process().ionice(psutil.IOPRIO_CLASS_BE, 7)


def on_battery() -> bool:
    """Tell whether the machine lives on its battery; False where there is none."""
    import psutil

    battery = psutil.sensors_battery()
    return battery is not None and battery.power_plugged is False


def while_plugged_in(
    stages: Generator[Progress, None, None],
    *,
    unplugged: Callable[[], bool] = on_battery,
    wait: Callable[[float], None] = time.sleep,
) -> Generator[Progress, None, None]:
    """Yield progress, but take no further step while the machine is unplugged; says so in the notes meanwhile.

    What workers have begun is finished and kept.
    """
    looked = -LOOK_EVERY_SECONDS
    with closing(stages):
        for progress in stages:
            yield progress
            if time.monotonic() - looked < LOOK_EVERY_SECONDS:
                continue
            while unplugged():
                yield replace(progress, note=f"{PAUSED}: on battery", seconds_left=None, paused=True)
                wait(LOOK_EVERY_SECONDS)
            looked = time.monotonic()


def while_wanted(
    stages: Generator[Progress, None, None],
    *,
    paused: Callable[[], bool],
    wait: Callable[[float], None] = time.sleep,
) -> Generator[Progress, None, None]:
    """Yield progress, but take no further step while `paused`; a moment tells that it stands, another that it goes on.

    What workers have begun is finished and kept; the library stays locked.
    """
    with closing(stages):
        for progress in stages:
            yield progress
            if not paused():
                continue
            yield replace(progress, note=PAUSED, seconds_left=None, paused=True)
            while paused():
                wait(_PAUSE_LOOK_SECONDS)
            yield progress

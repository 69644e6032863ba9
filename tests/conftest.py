"""Libraries that several parts of the tests explore: made and indexed once, never changed by a test."""

import fcntl
import os
import signal
from pathlib import Path

import pytest

from indexer.demo_library import make_demo_library
from indexer.pipeline import index
from tests.fairouz_tui.pressed_keys import PressedKeys


def pytest_configure(config: pytest.Config) -> None:
    """Prove that the tests of the explorer press all of its keys, and let programs that they start hear signals.

    Who runs the tests in the background may have had Ctrl-C ignored, which programs pass on to those that they start.
    """
    for number in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    pressed = PressedKeys()
    pressed.start()
    config.pluginmanager.register(pressed, "pressed keys")


@pytest.fixture(scope="session")
def indexed_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo's `music` and its `library`, indexed whole; copy the library to change it."""
    folder = _shared(tmp_path_factory) / "demo"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first worker makes it, the others wait
        if not (folder / "made").exists():
            make_demo_library(folder / "music")
            for _ in index(folder / "library", [folder / "music"], workers=2):
                pass
            (folder / "made").touch()
    return folder


def _shared(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of this run that all worker processes of pytest-xdist see."""
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

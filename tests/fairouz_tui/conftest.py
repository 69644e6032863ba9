"""What every test of the program may ask for: a library of its own, a shell, and the keys that were pressed."""

import shutil
from pathlib import Path

import pytest

from tests.fairouz_tui.pressed_keys import PressedKeys
from tests.fairouz_tui.shell import Shell


@pytest.fixture
def library(indexed_demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo's library; its music stays where it was read."""
    return Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))


@pytest.fixture
def shell(indexed_demo: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return the program on the demo's library, which a test may only ask."""
    return Shell(indexed_demo / "library", capsys)


@pytest.fixture
def pressed(request: pytest.FixtureRequest) -> PressedKeys:
    """Return what notes the keys that are pressed."""
    plugin = request.config.pluginmanager.get_plugin("pressed keys")
    assert isinstance(plugin, PressedKeys)
    return plugin

"""What every test of the explorer may ask for: a library of its own, and the keys that were pressed."""

import shutil
from pathlib import Path

import pytest

from tests.fairouz_tui.pressed_keys import PressedKeys


@pytest.fixture
def library(indexed_demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo's library; its music stays where it was read."""
    return Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))


@pytest.fixture
def pressed(request: pytest.FixtureRequest) -> PressedKeys:
    """Return what notes the keys that are pressed."""
    plugin = request.config.pluginmanager.get_plugin("pressed keys")
    assert isinstance(plugin, PressedKeys)
    return plugin

"""A copy of the demo's library for every test that changes it."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def library(indexed_demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo's library; its music stays where it was read."""
    return Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))

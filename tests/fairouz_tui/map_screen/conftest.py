"""Give the tests of the map a library whose maps are made once."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mapped(indexed_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demo's library, whose maps are made once; nothing here writes anything else into it."""
    return Path(shutil.copytree(indexed_demo / "library", tmp_path_factory.mktemp("mapped") / "library"))

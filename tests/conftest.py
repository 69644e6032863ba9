"""Libraries that several parts of the tests explore: made and indexed once, never changed by a test."""

from pathlib import Path

import pytest

from indexer.demo_library import make_demo_library
from indexer.pipeline import index


@pytest.fixture(scope="session")
def indexed_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo's `music` and its `library`, indexed whole; copy the library to change it."""
    folder = tmp_path_factory.mktemp("demo")
    make_demo_library(folder / "music")
    for _ in index(folder / "library", [folder / "music"], workers=1):
        pass
    return folder

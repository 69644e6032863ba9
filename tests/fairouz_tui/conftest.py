"""Libraries for the screens: the demo's music, embedded once, and a copy for every test that changes it."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `music` and its `library`, indexed whole."""
    from indexer.demo_library import make_demo_library
    from indexer.pipeline import index

    folder = tmp_path_factory.mktemp("demo")
    make_demo_library(folder / "music")
    for _ in index(folder / "library", [folder / "music"], workers=1):
        pass
    return folder


@pytest.fixture
def library(demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo's library; its music stays where it was read."""
    return Path(shutil.copytree(demo / "library", tmp_path / "library"))

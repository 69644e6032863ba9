"""A copy of the demo's library, opened once: maps are kept beside it."""

import shutil
from pathlib import Path

import pytest

from indexer.explorer import Explorer


@pytest.fixture(scope="session")
def explorer(indexed_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    library = tmp_path_factory.mktemp("mapped") / "library"
    shutil.copytree(indexed_demo / "library", library, ignore=shutil.ignore_patterns("maps"))
    return Explorer(library)

"""The demo's library, opened once: everything here only asks."""

from pathlib import Path

import pytest

from indexer.explorer import Explorer


@pytest.fixture(scope="session")
def explorer(indexed_demo: Path) -> Explorer:
    return Explorer(indexed_demo / "library")


@pytest.fixture(scope="session")
def ids(explorer: Explorer) -> dict[str, int]:
    """Return title -> id; of a title that stands twice, the last."""
    return {row.title: row.id for row in explorer.catalogue.window(0, 100)}

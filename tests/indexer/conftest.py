"""A small music folder, indexed once a session; each test gets a copy of folder and library."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.indexer.small_music import Music, copy_music, make_music, state_of


@pytest.fixture(scope="session")
def indexed_music(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Music]:
    """Return the small music folder and its library; not to be changed, and proven not to be by any test."""
    place = tmp_path_factory.mktemp("small")
    music = Music(make_music(place / "music"), place / "library")
    before = state_of(music.folder)
    music.index()
    yield music
    assert state_of(music.folder) == before


@pytest.fixture
def music(indexed_music: Music, tmp_path: Path) -> Music:
    """Return a copy of the small music folder and its library, to be changed at will."""
    return copy_music(indexed_music, tmp_path)

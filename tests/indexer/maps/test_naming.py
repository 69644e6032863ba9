"""Names of clusters: what the tags and the sound say before what was guessed from folders."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.explorer import Explorer
from indexer.maps.naming import name_clusters
from models.encoders.sound_words import VOCABULARY

IDS = np.arange(1, 37)
LABELS = np.repeat(np.arange(3), 12)


@pytest.fixture
def connection(explorer: Explorer, tmp_path: Path) -> sqlite3.Connection:
    """Return a copy of the demo whose tracks are known by nothing but what a test says of them."""
    copy = sqlite3.connect(tmp_path / "copy.db")
    explorer.catalogue.connection.backup(copy)
    copy.execute("DELETE FROM track_genres")
    copy.execute("DELETE FROM sounds")
    guessed = '["artist", "title"]'
    copy.execute("UPDATE tracks SET title = 'Track', artist = 'Downloads', year = NULL, guessed = ?", (guessed,))
    return copy


def say(connection: sqlite3.Connection, cluster: int, **fields: str | int) -> None:
    """Say of the tracks of a cluster what their tags hold."""
    for name, value in fields.items():
        connection.execute(f"UPDATE tracks SET {name} = ? WHERE (id - 1) / 12 = ?", (value, cluster))


def names(connection: sqlite3.Connection) -> list[str]:
    return name_clusters(connection, IDS, LABELS, 3)


def test_folders_name_only_what_nothing_else_does(connection: sqlite3.Connection) -> None:
    assert names(connection) == ["Downloads", "Downloads 2", "Downloads 3"]
    say(connection, 0, title="", artist="", guessed="[]")
    say(connection, 1, title="", artist="Fairouz", guessed="[]")
    say(connection, 2, year=1974)
    assert names(connection) == ["mixed 1", "Fairouz", "1970s"]


def test_words_in_brackets_and_of_guessed_titles_name_nothing(connection: sqlite3.Connection) -> None:
    say(connection, 0, title="Moonlight [FluidR3] (remaster", guessed="[]", artist="")
    say(connection, 1, title="Moonlit", artist="")
    say(connection, 2, artist="")
    assert names(connection) == ['"moonlight"', "mixed 2", "mixed 3"]


def test_two_words_of_one_scale_are_no_name(connection: sqlite3.Connection) -> None:
    for track_id in IDS[:12].tolist():
        said = "bright slow" if track_id % 2 else "dark"
        connection.execute("INSERT INTO sounds (track_id, words) VALUES (?, ?)", (track_id, said))
    parts = names(connection)[0].split(", ")
    scales = [VOCABULARY[part].attribute for part in parts]
    assert len(set(scales)) == len(scales) == 2


def test_one_cluster_is_all_tracks(connection: sqlite3.Connection) -> None:
    assert name_clusters(connection, IDS, np.zeros(36, np.int64), 1) == ["all tracks"]

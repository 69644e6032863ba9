"""A library of the fifth schema: brought up to date without loss, whole or not at all, and kept lean from then on.

`library_of_schema_5.sql` holds the rows that the program wrote at that schema, of seven tracks with joint credits, a
name with and without an id, a playlist, and one track whose file is gone.
"""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.exploring.query import HAS_ATTRIBUTES
from indexer.graph import rebuild_graph
from indexer.stages.relations import graph_batches
from indexer.storing.lean_tables import LEAN_TABLES
from indexer.storing.schema import migrations
from indexer.storing.sounds import ATTRIBUTES, CONFIDENCES, attributes_of, copy_sound, put_sound, values_of
from indexer.storing.store import Store
from indexer.storing.tracks import delete_tracks, mark_missing, put_track
from indexer.storing.version import DATABASE, SCHEMA_VERSION
from indexer.track import Attribute
from models.encoders.attribute_text import text_of
from tests.indexer.naive_graph import naive_graph, stored_graph
from tests.indexer.rows import open_store, put_songs, song
from tests.indexer.test_store import file, reading

ROWS = Path(__file__).with_name("library_of_schema_5.sql")


@pytest.fixture
def former(tmp_path: Path) -> sqlite3.Connection:
    """Write a library of the fifth schema into `tmp_path`, and open the same in memory to ask it."""
    for place in (tmp_path / DATABASE, ":memory:"):
        connection = sqlite3.connect(place, isolation_level=None)
        migrations.apply(Database(connection), stop_before="m006_a_row_a_track")
        connection.executescript(f"BEGIN; {ROWS.read_text('utf-8')} PRAGMA user_version = 5; COMMIT;")
    return connection


def edges_by_name(connection: sqlite3.Connection) -> set[tuple[object, ...]]:
    """Return the edges of the fifth schema by kind and key of their ends."""
    query = (
        "SELECT s.kind, s.key, t.kind, t.key, e.kind, e.weight, e.provenance FROM edges e "
        "JOIN nodes s ON s.id = e.source JOIN nodes t ON t.id = e.target"
    )
    return set(connection.execute(query))


def test_library_of_the_fifth_schema_loses_nothing(former: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="older version"):
        Catalogue(tmp_path)
    with Store(tmp_path) as store:
        connection = store.connection
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        credits = "SELECT * FROM credits ORDER BY track_id, position"
        assert [tuple(row) for row in connection.execute(credits)] == former.execute(credits).fetchall()
        estimates = [
            (i, a.name, a.value, a.text, a.confidence) for i in range(1, 9) for a in attributes_of(connection, i)
        ]
        assert estimates == former.execute("SELECT * FROM attributes ORDER BY track_id, name").fetchall()
        words = [tuple(row) for row in connection.execute("SELECT track_id, words FROM sounds ORDER BY 1")]
        assert words == former.execute("SELECT * FROM sound_words ORDER BY 1").fetchall()
        graph = stored_graph(connection)
        assert {(*a, *b, kind, w, graph.provenance[a, b, kind]) for (a, b, kind), w in graph.edges.items()} == (
            edges_by_name(former)
        )
        names = {(kind, key, name) for (kind, key), name in graph.names.items()}
        assert names == set(former.execute("SELECT kind, key, name FROM nodes"))


def test_graph_brought_up_to_date_is_the_one_made_anew(former: sqlite3.Connection, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        assert not rebuild_graph(store)
        put_songs(store, song("More", "Fairouz", "featured: 李香蘭"), folder="new")
        assert rebuild_graph(store)
        graph, expected = stored_graph(store.connection), naive_graph(store.connection)
        assert (graph.edges, graph.provenance) == (expected.edges, expected.provenance)


def test_migration_that_fails_leaves_the_library_as_it_was(
    former: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("indexer.storing.schema.LEAN_TABLES", LEAN_TABLES + "SELECT * FROM nowhere;\n")
        with pytest.raises(IndexerError, match="cannot open the library"):
            Store(tmp_path)
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (5,)
        for table in ("attributes", "sound_words", "credits", "nodes", "edges"):
            query = f"SELECT * FROM {table}"
            assert connection.execute(query).fetchall() == former.execute(query).fetchall() != []
    connection.close()
    with Store(tmp_path) as store:
        assert store.connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert len(attributes_of(store.connection, 1)) == len(ATTRIBUTES)


def test_names_are_kept_once_and_only_while_somebody_is_credited(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.writing() as connection:
        tracks = [put_track(connection, file(name), reading(), track_id=None) for name in (b"a.mp3", b"b.mp3")]
        assert [row["name"] for row in connection.execute("SELECT name FROM people")] == ["Fairouz"]
        put_track(connection, file(b"a.mp3"), reading("Other"), track_id=tracks[0])
        delete_tracks(connection, tracks[:1])
        assert [row["name"] for row in connection.execute("SELECT name FROM people")] == ["Fairouz"]
        delete_tracks(connection, tracks[1:])
        assert connection.execute("SELECT count(*) FROM people").fetchone()[0] == 0


def test_every_estimate_has_a_column_a_text_and_a_name_to_ask_by() -> None:
    assert all(text_of(name, 1.0) for name in ATTRIBUTES)
    assert set(HAS_ATTRIBUTES.values()) == set(ATTRIBUTES) > set(CONFIDENCES)


def test_estimates_come_back_as_they_were_made(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.writing() as connection:
        a, b, c = put_songs(store, song("1"), song("2"), song("3"))
        made = [Attribute("key", 21.0, "A minor", 0.8), Attribute("tempo_bpm", 92.4, "92 BPM", 0.75)]
        measured = [Attribute("loudness_lufs", -12.63, "-12.6 LUFS", 1.0)]
        put_sound(connection, a, made, ["slow"])
        put_sound(connection, a, made + measured, ["fast"])
        copy_sound(connection, a, b)
        assert attributes_of(connection, a) == attributes_of(connection, b)
        assert {x.name: x for x in attributes_of(connection, b)} == {x.name: x for x in made + measured}
        assert attributes_of(connection, c) == []
        mark_missing(connection, [a])
        assert values_of(connection, "tempo_bpm") == [(b, 92.4)]
        assert values_of(connection, "like jazz") == []
        with pytest.raises(ValueError, match="no column for unheard_of"):
            put_sound(connection, c, [Attribute("unheard_of", 1.0, "", 1.0)], [])


def test_tracks_lost_since_the_graph_was_made_have_no_place_in_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = put_songs(store, song("1", "A"), song("2", "A", "B"), song("3", "B"))
        rebuild_graph(store)
        with store.writing() as connection:
            mark_missing(connection, ids[1:2])
        (before,) = graph_batches(store)
        rebuild_graph(store)
        (after,) = graph_batches(store)
        assert before[0].tolist() == after[0].tolist() == [ids[0], ids[2]]
        assert before[2].all()
        # The tie of A and B, who stood on the lost track together, is forgotten with the next graph.
        assert not np.allclose(before[1], after[1])

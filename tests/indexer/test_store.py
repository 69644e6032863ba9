"""The database: opened, refused, written whole or not at all, and what hangs on a track goes with it."""

import fcntl
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from indexer.errors import IndexerError
from indexer.storing.schema import migrations
from indexer.storing.sounds import put_sound
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, Known, delete_tracks, known_files, mark_missing, put_track, touch
from indexer.storing.vectors import (
    drop_vectors,
    encoder_of,
    input_hashes,
    load_blocks,
    load_vectors,
    put_blocks,
    put_vectors,
)
from indexer.storing.version import DATABASE, SCHEMA_VERSION
from indexer.track import Attribute, Cover, Credit, Lyrics, Reading, Role, Stream, Tags
from models.modality import MODALITIES, Modality


def reading(title: str = "Nassam", *, lyrics: str = "", cover: str = "") -> Reading:
    return Reading(
        Tags(title=title, artist="Fairouz", credits=(Credit("Fairouz", Role.ARTIST),), genres=("Tarab", "tarab")),
        Stream(60.0, "mp3"),
        f"hash of {title}",
        Lyrics(lyrics, (0.5,)) if lyrics else None,
        Cover(cover, b"thumbnail", 10, 10, "embedded") if cover else None,
    )


def file(name: bytes = b"a.mp3", *, mtime_ns: int = 7) -> FileState:
    return FileState(1, name, 100, mtime_ns, "side")


def with_root(library: Path) -> Store:
    store = Store(library)
    store.connection.execute("INSERT OR IGNORE INTO roots (id, path, added) VALUES (1, x'2F6D', 0)")
    return store


def command_line(library: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fairouz_tui", "index", "--library", str(library)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_opening_makes_the_folder_and_every_table(tmp_path: Path) -> None:
    with Store(tmp_path / "deep/library") as store:
        assert store.connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert store.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert store.connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert {"tracks", "vectors", "tied", "problems"} <= set(store.db.table_names())
        assert list(migrations.pending(store.db)) == []


def test_schema_version_counts_the_migrations() -> None:
    assert len(migrations.pending(Database(memory=True))) == SCHEMA_VERSION


def test_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(IndexerError, match=r"made by a newer fairouz-tui.*update fairouz-tui"):
        Store(tmp_path)
    done = command_line(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert (tmp_path / DATABASE).read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"these are my notes, not a database\n" * 100, b"SQLite format 3\0" + b"\1" * 5000]
)
def test_foreign_file_is_one_line_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE).write_bytes(content)
    done = command_line(tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("fairouz-tui: cannot open the library in ")
    assert "--library DIR" in done.stderr
    assert (tmp_path / DATABASE).read_bytes() == content


def test_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    connection.close()
    before = (tmp_path / DATABASE).read_bytes()
    with pytest.raises(IndexerError, match="another program's database"):
        Store(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexerError, match=r"cannot open the library in .*--library DIR"):
        Store(tmp_path / "file/library")


def test_damage_met_while_working_is_one_line(tmp_path: Path) -> None:
    with with_root(tmp_path) as store, store.writing() as connection:
        for number in range(300):
            put_track(connection, file(b"%d.mp3" % number), reading(f"Song {number}"), track_id=None)
    data = bytearray((tmp_path / DATABASE).read_bytes())
    data[8192:-4096] = bytes(len(data) - 4096 - 8192)
    (tmp_path / DATABASE).write_bytes(data)
    with pytest.raises(IndexerError, match=r"(failed|cannot open)[^\n]*--library DIR$"), Store(tmp_path) as store:
        known_files(store.connection, 1)


def put_both(store: Store) -> None:
    """Put a new file and, in the same transaction, one that is there already."""
    with store.writing() as connection:
        for name in (b"b.mp3", b"a.mp3"):
            put_track(connection, file(name), reading("Other"), track_id=None)


def test_writing_is_whole_or_nothing_and_counts_changes(tmp_path: Path) -> None:
    with with_root(tmp_path) as store:
        assert store.fact("version") is None
        with store.writing() as connection:
            put_track(connection, file(), reading(), track_id=None)
        assert store.fact("version") == 1
        with pytest.raises(sqlite3.IntegrityError):
            put_both(store)
        assert store.fact("version") == 1
        assert list(known_files(store.connection, 1)) == [b"a.mp3"]
        assert store.connection.execute("SELECT count(*) FROM word_index").fetchone()[0] == 1


def test_reader_is_not_held_up_by_a_writer(tmp_path: Path) -> None:
    with with_root(tmp_path) as store:
        reader = sqlite3.connect(tmp_path / DATABASE, timeout=0)
        with store.writing() as connection:
            put_track(connection, file(), reading(), track_id=None)
            assert reader.execute("SELECT count(*) FROM tracks").fetchone() == (0,)
        assert reader.execute("SELECT count(*) FROM tracks").fetchone() == (1,)
        reader.close()


def test_lock_is_held_while_indexing_and_released_after(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        with store.indexing(), (tmp_path / "index.lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with store.indexing(), pytest.raises(IndexerError, match="another run"), store.indexing():
            pass


def test_jobs_that_were_killed_are_told(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.start_job("index")
        second = store.start_job("index")
        store.finish_job(second, state="done", counts="{}")
        rows = store.connection.execute("SELECT state, finished IS NULL FROM jobs ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("interrupted", 1), ("done", 0)]


def test_facts(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.set_fact("a", 1)
        store.set_fact("a", "two")
        assert (store.fact("a"), store.fact("b")) == ("two", None)


def test_track_is_rewritten_in_place(tmp_path: Path) -> None:
    with with_root(tmp_path) as store, store.writing() as connection:
        track = put_track(connection, file(), reading(lyrics="breeze", cover="c1"), track_id=None)
        assert put_track(connection, file(mtime_ns=8), reading("Li Beirut"), track_id=track) == track
        known = known_files(connection, 1)
        assert known == {b"a.mp3": Known(track, 100, 8, "side", missing=False)}
        row = connection.execute("SELECT title, content_hash, cover_hash, lyrics_hash, genre FROM tracks").fetchone()
        assert tuple(row) == ("Li Beirut", "hash of Li Beirut", None, None, "Tarab; tarab")
        assert connection.execute("SELECT count(*) FROM lyrics_index").fetchone()[0] == 0
        assert [tuple(row) for row in connection.execute("SELECT folded, name FROM track_genres")] == [
            ("tarab", "Tarab")
        ]
        words = connection.execute("SELECT title FROM word_index").fetchall()
        assert [row[0] for row in words] == ["li beirut"]


def test_covers_and_lyrics_are_kept_once(tmp_path: Path) -> None:
    with with_root(tmp_path) as store, store.writing() as connection:
        for name in (b"a.mp3", b"b.mp3"):
            put_track(connection, file(name), reading(lyrics="the same words", cover="c1"), track_id=None)
        assert connection.execute("SELECT count(*) FROM covers").fetchone()[0] == 1
        assert connection.execute("SELECT count(*) FROM lyrics").fetchone()[0] == 1


def test_missing_is_a_mark_and_goes_with_a_touch(tmp_path: Path) -> None:
    with with_root(tmp_path) as store, store.writing() as connection:
        track = put_track(connection, file(), reading(), track_id=None)
        mark_missing(connection, [track])
        since = connection.execute("SELECT missing_since FROM tracks").fetchone()[0]
        mark_missing(connection, [track])
        assert connection.execute("SELECT missing_since FROM tracks").fetchone()[0] == since > 0
        assert known_files(connection, 1)[b"a.mp3"].missing
        touch(connection, track, mtime_ns=9)
        assert known_files(connection, 1)[b"a.mp3"] == Known(track, 100, 9, "side", missing=False)


def test_deleting_leaves_no_trace(tmp_path: Path) -> None:
    with with_root(tmp_path) as store:
        with store.writing() as connection:
            track = put_track(connection, file(), reading(lyrics="breeze"), track_id=None)
            put_vectors(connection, Modality.AUDIO, "test@1", [(track, "h", np.ones(3, np.float32))])
            put_blocks(connection, 1, [(track, "s", 1, np.ones(768, np.float16))])
            connection.execute("INSERT INTO plays (track_id, at) VALUES (?, 1)", (track,))
            put_sound(connection, track, [Attribute("key", 21.0, "A minor", 0.9)], ["slow"])
            connection.execute("INSERT INTO problems VALUES (1, ?, 'sound', 'why', 1, 1, 1)", (b"a.mp3",))
            connection.execute("INSERT INTO nodes VALUES (-1, 'artist', 'fairouz', 'Fairouz')")
            connection.execute("INSERT INTO tied VALUES (?, -1, 1)", (track,))
        with store.writing() as connection:
            delete_tracks(connection, [track])
        tables = [
            "tracks",
            "credited",
            "people",
            "track_genres",
            "sounds",
            "vectors",
            "blocks",
            "plays",
            "problems",
            "tied",
            "word_index",
            "lyrics_index",
            "substring_index",
        ]
        left = {t: store.connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}
        assert left == dict.fromkeys(tables, 0)


def three(store: Store) -> list[int]:
    """Put three tracks into a store."""
    with store.writing() as connection:
        return [put_track(connection, file(b"%d.mp3" % i), reading(f"Song {i}"), track_id=None) for i in range(3)]


def test_vectors_come_back_in_id_order_as_float16(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    with with_root(tmp_path) as store:
        ids = three(store)
        with store.writing() as connection:
            put_vectors(connection, Modality.TAGS, "new@2", [(i, f"h{i}", x[i - 1]) for i in ids[::-1]])
            put_vectors(connection, Modality.TAGS, "old@1", [(ids[2], "h", x[2])])
            mark_missing(connection, [ids[0]])
        connection = store.connection
        found, vectors = load_vectors(connection, Modality.TAGS, "new@2")
        assert found.tolist() == [ids[1]]
        np.testing.assert_array_equal(vectors, x[1:2].astype(np.float16).astype(np.float32))
        assert input_hashes(connection, Modality.TAGS, "new@2") == {ids[0]: "h1", ids[1]: "h2"}
        assert encoder_of(connection, Modality.TAGS) == "new@2"
        assert encoder_of(connection, Modality.AUDIO) is None
        assert load_vectors(connection, Modality.AUDIO, "new@2")[1].shape == (0, 0)
        drop_vectors(connection, Modality.TAGS, ids)
        assert encoder_of(connection, Modality.TAGS) is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_vector_that_is_not_finite_is_refused(tmp_path: Path, bad: float) -> None:
    with with_root(tmp_path) as store:
        (a, *_) = three(store)
        with pytest.raises(ValueError, match=f"e@1 gave a vector that is not finite for track {a}"), store.writing():
            put_vectors(store.connection, Modality.AUDIO, "e@1", [(a, "h", np.array([1, bad], np.float32))])
        assert input_hashes(store.connection, Modality.AUDIO, "e@1") == {}


def test_blocks_come_in_the_order_asked(tmp_path: Path) -> None:
    blocks = np.random.default_rng(1).normal(size=(3, 768)).astype(np.float16)
    with with_root(tmp_path) as store:
        ids = three(store)
        with store.writing() as connection:
            put_blocks(connection, 5, [(i, "s", 0b100101, blocks[i - 1]) for i in ids])
            connection.execute("UPDATE blocks SET hub = track_id / 10.0")
        found, masks, hubs = load_blocks(store.connection, [ids[2], 999, ids[0]])
        np.testing.assert_array_equal(found, [blocks[2], np.zeros(768), blocks[0]])
        assert [[MODALITIES[i] for i in np.flatnonzero(mask)] for mask in masks] == [
            [Modality.AUDIO, Modality.TAGS, Modality.PLAYLISTS],
            [],
            [Modality.AUDIO, Modality.TAGS, Modality.PLAYLISTS],
        ]
        np.testing.assert_allclose(hubs, [ids[2] / 10, 0, ids[0] / 10])
        nothing, masks, hubs = load_blocks(store.connection, [])
        assert (nothing.shape, masks.shape, hubs.shape) == ((0, 0), (0, 6), (0,))

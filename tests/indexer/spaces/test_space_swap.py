"""A new space comes in one step: killed anywhere the old one stays, others may write meanwhile, readers never mix."""

import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

import indexer.spaces.blocks
import indexer.spaces.fits
from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.session import Session
from indexer.spaces.by_hand import activate, rollback
from indexer.stages.space import place
from indexer.storing.schema import migrations
from indexer.storing.store import Store
from indexer.storing.version import DATABASE
from models.modality import Modality
from tests.indexer.placed import check_placed, fill, in_use, placed, write_space
from tests.indexer.rows import artist_vectors, open_store, put_all

KILL = """
import os, signal, sys
from pathlib import Path
import {module} as module
import indexer.storing.staging as staging
from indexer.spaces.by_hand import activate
staging.ROWS_AT_ONCE = 8
calls, original = [], module.{name}
def killed(*arguments, **named):
    calls.append(1)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **named)
module.{name} = killed
activate(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize(
    ("module", "name", "call", "swapped"),
    [
        ("indexer.spaces.shelf", "_write", 1, False),
        ("indexer.spaces.choice", "put_to_use", 1, False),
        ("indexer.storing.staging", "_write", 2, False),
        ("indexer.storing.staging", "next_moment", 1, False),
        ("indexer.storing.staging", "raise_blocks_version", 1, False),
        ("indexer.spaces.blocks", "clear_staged", 2, True),
        ("indexer.spaces.blocks", "delete_old_spaces", 1, True),
    ],
)
def test_kill_leaves_a_space_with_its_blocks(tmp_path: Path, module: str, name: str, call: int, swapped: bool) -> None:
    library = tmp_path / "library"
    placed(library, 40)
    file = write_space(library, tmp_path / "mine.safetensors")
    before = in_use(library)
    code = KILL.format(module=module, name=name, call=call)
    done = subprocess.run([sys.executable, "-c", code, str(library), str(file)], timeout=120, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert (in_use(library) == before) is not swapped
    assert Explorer(library).similar(1, count=5).hits
    with open_store(library) as store:
        list(place(store))
        assert store.connection.execute("SELECT count(*) FROM spaces WHERE activated IS NULL").fetchone()[0] == 0
        files = {row[0] for row in store.connection.execute("SELECT file FROM spaces")}
    check_placed(library)
    assert {path.name for path in (library / "spaces").glob("[!.]*")} == files
    activate(library, str(file))
    check_placed(library)
    assert in_use(library)[0] == "mine"


def test_others_may_write_while_a_space_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program plays a track while spaces are measured, and while hub terms are computed."""
    moments = []
    other = sqlite3.connect(tmp_path / DATABASE, timeout=0, isolation_level=None)

    for module, name in ((indexer.spaces.blocks, "hub_terms"), (indexer.spaces.fits, "measure")):
        original = getattr(module, name)

        def writing(*arguments: object, original: object = original, name: str = name) -> object:
            other.execute("INSERT INTO plays (track_id, at) VALUES (1, 0)")
            moments.append(name)
            return original(*arguments)  # type: ignore[operator]

        monkeypatch.setattr(module, name, writing)
    with open_store(tmp_path) as store:
        fill(store, 90)
        list(place(store))
    other.close()
    assert set(moments) == {"hub_terms", "measure"}
    assert in_use(tmp_path)[0] == "refit-2"


def test_session_of_the_old_space_refuses_rather_than_mixes(tmp_path: Path) -> None:
    library = tmp_path / "library"
    ids = placed(library, 20)
    explorer = Explorer(library)
    session = explorer.session()
    point = session.point(ids[0])
    activate(library, str(write_space(library, tmp_path / "mine.safetensors")))
    with pytest.raises(IndexerError, match="another space has just been put to use: ask again"):
        session.contributions(point, ids[1:], faders=None, hub=True)
    with pytest.raises(IndexerError, match="ask again"):
        session.point(ids[1])
    assert explorer.session() is not session
    assert explorer.session().point(ids[0]).blocks.tobytes() != point.blocks.tobytes()


def scores(session: Session, ids: list[int]) -> tuple[float, ...]:
    named = session.contributions(session.point(ids[0]), ids[1:], faders=None, hub=True)
    return tuple(sum(one.values()) for one in named)


def test_readers_see_one_space_or_the_other(tmp_path: Path) -> None:
    library = tmp_path / "library"
    ids = placed(library, 20)
    known = {scores(Explorer(library).session(), ids)}
    activate(library, str(write_space(library, tmp_path / "mine.safetensors")))
    known.add(scores(Explorer(library).session(), ids))
    assert len(known) == 2
    explorer, seen, strange, done = Explorer(library), [], list[object](), threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                seen.append(scores(explorer.session(), ids))
            except IndexerError as error:
                if "ask again" not in str(error):
                    strange.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(12):
        rollback(library)
    done.set()
    reader.join()
    assert strange == []
    assert set(seen) <= known
    assert len(seen) > 12


def test_only_changed_tracks_are_written(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 30)
        list(place(store))
        store.connection.execute("CREATE TABLE written (track_id)")
        for event in ("INSERT", "DELETE", "UPDATE OF block"):
            name = event.split()[0]
            row = "old" if name == "DELETE" else "new"
            note = f"INSERT INTO written VALUES ({row}.track_id)"
            store.connection.execute(f"CREATE TRIGGER note_{name} AFTER {event} ON blocks BEGIN {note}; END")
        x = artist_vectors(np.arange(30) % 6, seed=5)
        put_all(store, ids[:2], {Modality.AUDIO: x[Modality.AUDIO][:2]}, revision=1)
        store.connection.execute("UPDATE vectors SET input_hash = 'new' WHERE track_id <= ?", (ids[1],))
        list(place(store))
        assert {i for (i,) in store.connection.execute("SELECT track_id FROM written")} == set(ids[:2])
    check_placed(tmp_path)


def test_library_of_the_first_schema_keeps_its_spaces_and_blocks(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    migrations.apply(Database(connection), stop_before="m002_spaces_to_go_back_to")
    connection.execute("PRAGMA user_version = 1")
    connection.execute("INSERT INTO spaces VALUES (1, 'embedded', NULL, 5.0, 0, '{}')")
    connection.execute("INSERT INTO spaces VALUES (2, 'refit-2', 'refit-2.safetensors', 7.0, 1, '{\"note\": \"n\"}')")
    connection.execute("INSERT INTO roots (id, path, added) VALUES (1, 'm', 0)")
    connection.close()
    with pytest.raises(IndexerError, match="older version"):
        Explorer(tmp_path).session()
    with Store(tmp_path) as store:
        rows = store.connection.execute("SELECT id, name, recipe, pinned, activated, active FROM spaces ORDER BY id")
        assert [tuple(row) for row in rows] == [
            (1, "embedded", "shipped", 0, 5.0, 0),
            (2, "refit-2", "refit", 0, 7.0, 1),
        ]
        fill(store, 8)
        list(place(store))
    check_placed(tmp_path)

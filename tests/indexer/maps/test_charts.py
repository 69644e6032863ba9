"""Maps of the demo's library: made, kept, brought up to date, of every source."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.session import Session
from indexer.maps import charts
from indexer.maps.charts import bring_up, open_chart
from indexer.maps.sources import parts, sources
from models.plane import reduction


@pytest.fixture
def session(indexed_demo: Path, tmp_path: Path) -> Session:
    shutil.copytree(indexed_demo / "library", tmp_path / "library", ignore=shutil.ignore_patterns("maps"))
    return Explorer(tmp_path / "library").session()


def change(session: Session) -> None:
    """Note in the library that something changed: what is kept of a map is looked through again."""
    with sqlite3.connect(session.catalogue.library / "library.db") as connection:
        connection.execute("UPDATE facts SET value = value + 1 WHERE name = 'version'")


@pytest.mark.parametrize("how", ["tsne", "pca"])
def test_every_source_can_be_mapped(session: Session, how: str) -> None:
    found = sources(session)
    assert found[0] == "joint"
    assert {"audio", "lyrics", "tags", "cover", "graph", "audio.encoder", "cover.encoder"} <= set(found)
    for source in found:
        chart = open_chart(session, source, how=how)
        expected = np.concatenate([ids for ids, _ in parts(session, source)])
        assert chart.ids.tolist() == expected.tolist() == sorted(expected.tolist())
        assert chart.places.shape == (len(expected), 2)
        assert np.isfinite(chart.places).all()
        assert np.abs(chart.places).max() <= 1
        assert chart.clusters.shape == (len(expected),)
        assert set(chart.clusters.tolist()) <= set(range(len(chart.names)))
        assert len(set(chart.names)) == len(chart.names)
        assert all(chart.names)
        assert not chart.outdated


def test_joint_neighbours_on_the_map_are_neighbours_by_score(session: Session) -> None:
    chart = open_chart(session)
    joint = np.concatenate([rows for _, rows in parts(session, "joint")])
    scores = joint @ joint.T
    distances = ((chart.places[:, None] - chart.places[None]) ** 2).sum(axis=2)
    for matrix, worst in ((scores, -np.inf), (distances, np.inf)):
        np.fill_diagonal(matrix, worst)
    best = np.argsort(-scores, axis=1)[:, :8]
    kept = [near in row for near, row in zip(distances.argmin(axis=1), best, strict=True)]
    assert np.mean(kept) > 0.8


def test_map_is_kept_and_comes_back_the_same(session: Session) -> None:
    assert bring_up(session) is None
    told: list[float] = []
    first = open_chart(session, report=told.append)
    assert told
    assert bring_up(session) is not None
    told.clear()
    again = open_chart(session, report=told.append)
    assert not told
    assert (again.places == first.places).all()
    assert (again.clusters == first.clusters).all()
    assert again.names == first.names


def test_new_track_is_placed_and_nobody_moves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {int(i): row for ids, some in parts(session, "joint") for i, row in zip(ids, some, strict=True)}
    whole = list(parts(session, "joint"))
    monkeypatch.setattr(charts, "parts", lambda *_: iter([(ids[ids != 20], r[ids != 20]) for ids, r in whole]))
    before = open_chart(session)
    assert 20 not in before.ids
    monkeypatch.undo()
    change(session)
    after = open_chart(session)
    assert 20 in after.ids
    assert (before.placed, after.placed) == (0, 1)
    assert (after.places[after.ids != 20] == before.places).all()
    projection = reduction(r[ids != 20] for ids, r in whole)
    reduced = {i: projection(row[None])[0] for i, row in rows.items()}
    near = sorted((i for i in reduced if i != 20), key=lambda i: float(((reduced[i] - reduced[20]) ** 2).sum()))[:5]
    among = after.places[np.isin(after.ids, near)]
    placed = after.places[after.ids == 20][0]
    assert (among.min(axis=0) - 1e-5 <= placed).all()
    assert (placed <= among.max(axis=0) + 1e-5).all()


def test_track_that_went_leaves_the_map(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_chart(session, how="pca")
    whole = list(parts(session, "joint"))
    monkeypatch.setattr(charts, "parts", lambda *_: iter([(ids[ids != 7], r[ids != 7]) for ids, r in whole]))
    change(session)
    after = open_chart(session, how="pca")
    assert 7 not in after.ids
    assert (after.places == before.places[before.ids != 7]).all()


def test_other_space_is_said_to_be_other_and_again_makes_it_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not open_chart(session).outdated
    monkeypatch.setattr(charts, "identity", lambda *_: "space 1000")
    assert open_chart(session).outdated
    assert not open_chart(session, again=True).outdated


@pytest.mark.parametrize("content", [b"", b"nonsense" * 100])
def test_damaged_file_is_made_anew(session: Session, content: bytes) -> None:
    first = open_chart(session, how="pca")
    (file,) = (session.catalogue.library / "maps").iterdir()
    file.write_bytes(content)
    assert (open_chart(session, how="pca").places == first.places).all()


def test_map_of_an_unchanged_library_is_read_from_its_file_alone(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_chart(session, how="pca")
    monkeypatch.setattr(charts, "parts", lambda *_: pytest.fail("vectors were read"))
    again = open_chart(session, how="pca")
    assert (again.ids == first.ids).all()
    assert (again.clusters == first.clusters).all()
    assert again.names == first.names
    change(session)
    with pytest.raises(pytest.fail.Exception):
        open_chart(session, how="pca")


def test_interrupted_work_leaves_nothing(session: Session) -> None:
    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_chart(session, report=stop)
    assert bring_up(session) is None


def test_what_there_is_no_map_of_says_what_there_is(session: Session) -> None:
    with pytest.raises(IndexerError, match=r'no map of "smell": choose one of joint, audio'):
        open_chart(session, "smell")
    with pytest.raises(IndexerError, match='made by "umap": choose tsne or pca'):
        open_chart(session, how="umap")


def test_larger_library_is_laid_out_in_part(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "LAID_OUT", 20)
    chart = open_chart(session)
    assert len(chart.ids) == 36
    assert len(np.unique(chart.places.round(6), axis=0)) > 30


def test_clusters_are_named_by_what_sets_them_apart(session: Session) -> None:
    with sqlite3.connect(session.catalogue.library / "library.db") as connection:
        genres = dict(connection.execute("SELECT track_id, name FROM track_genres"))
    chart = open_chart(session, "tags")
    named = 0
    for number, name in enumerate(chart.names):
        for genre in set(genres.values()):
            if genre in name.split(", "):
                named += 1
                inside = [genres.get(i) == genre for i in chart.ids[chart.clusters == number].tolist()]
                outside = [genres.get(i) == genre for i in chart.ids[chart.clusters != number].tolist()]
                assert np.mean(inside) > np.mean(outside)
    assert named


def test_outgrown_map_is_laid_out_anew(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(parts(session, "joint"))
    monkeypatch.setattr(charts, "parts", lambda *_: iter([(ids[:3], rows[:3]) for ids, rows in whole]))
    assert len(open_chart(session).ids) == 3
    monkeypatch.undo()
    change(session)
    assert bring_up(session) is None
    grown = open_chart(session)
    assert len(grown.ids) == 36
    assert len(np.unique(grown.places.round(6), axis=0)) > 30


def test_map_of_vectors_that_are_not_placed_yet_says_so(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = np.zeros((0, 64), np.float32)
    monkeypatch.setattr(charts, "parts", lambda *_: iter([(np.zeros(0, np.int64), empty)]))
    with pytest.raises(IndexerError, match="let `fairouz-tui index` finish"):
        open_chart(session, "lyrics")


def test_vectors_of_an_encoder_do_not_change_when_others_come(session: Session) -> None:
    found = dict(
        zip(*(np.concatenate(column) for column in zip(*parts(session, "audio.encoder"), strict=True)), strict=True)
    )
    with sqlite3.connect(session.catalogue.library / "library.db") as connection:
        connection.execute("DELETE FROM vectors WHERE track_id > 20")
    session.catalogue.close()
    fewer = dict(
        zip(*(np.concatenate(column) for column in zip(*parts(session, "audio.encoder"), strict=True)), strict=True)
    )
    assert 0 < len(fewer) < len(found)
    assert all((found[track] == vector).all() for track, vector in fewer.items())

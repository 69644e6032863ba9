"""Ranking by one modality's own vectors in a large library: codes propose, the vectors decide."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.make_rows import make_library
from indexer.explorer import Explorer
from indexer.exploring import session as session_module
from indexer.exploring import similar as similar_module
from indexer.exploring.scale import percentile
from indexer.storing import nearest
from indexer.storing.nearest_file import file_of, read_kept
from indexer.storing.staging import raise_blocks_version
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.vectors import put_vectors
from models.modality import Modality

TRACKS = 2_000
MODALITIES = ("audio", "tags", "cover", "lyrics", "graph")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a made-up library that counts as large: its vectors are not read for each question but coded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "FLAT_UP_TO", 300)
        patch.setattr(session_module, "READ_UP_TO", 500)
        patch.setattr(similar_module, "_SPARE", 150)
        folder = tmp_path_factory.mktemp("own")
        make_library(folder, TRACKS)
        yield folder


def cosines(explorer: Explorer, modality: str, track: int) -> dict[int, float]:
    """Compare a track with every other one in a loop."""
    session = explorer.session()
    mean = session.space.heads[Modality(modality)].mean.astype(np.float64)
    query = (
        "SELECT v.track_id, v.vector FROM vectors v JOIN tracks t ON t.id = v.track_id "
        "WHERE v.modality = ? AND t.missing_since IS NULL"
    )
    rows = session.connection.execute(query, (modality,))
    centred = {row[0]: np.frombuffer(row[1], np.float16).astype(np.float64) - mean for row in rows}
    own = centred.pop(track)
    return {i: float(own @ other / np.linalg.norm(own) / np.linalg.norm(other)) for i, other in centred.items()}


def asked(explorer: Explorer, modality: str, count: int) -> list[int]:
    query = "SELECT track_id FROM vectors WHERE modality = ? ORDER BY track_id * 7919 % 2003 LIMIT ?"
    return [row[0] for row in explorer.session().connection.execute(query, (modality, count))]


@pytest.mark.parametrize("modality", MODALITIES)
def test_answers_are_those_of_comparing_every_track(library: Path, modality: str) -> None:
    explorer = Explorer(library)
    found = []
    for track in asked(explorer, modality, 12):
        expected = cosines(explorer, modality, track)
        hits = explorer.similar(track, count=20, modality=modality).hits
        assert [hit.score for hit in hits] == pytest.approx([expected[hit.track.id] for hit in hits], abs=1e-6)
        assert [(-(hit.score or 0), hit.track.id) for hit in hits] == sorted(
            (-(h.score or 0), h.track.id) for h in hits
        )
        twentieth = sorted(expected.values())[-20]
        found.append(np.mean([expected[hit.track.id] >= twentieth - 1e-6 for hit in hits]))
    assert np.mean(found) >= 0.98
    kept = read_kept(library, file_of(modality))
    assert kept is not None
    # What few tracks have is kept as it is, and nothing is missed.
    assert (kept.trained > 300) if len(kept.ids) > 300 else (kept.trained == 0 and np.mean(found) == 1)


def test_scores_are_the_same_to_the_last_digit_with_and_without_codes(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = asked(Explorer(library), "audio", 6)
    coded = [Explorer(library).similar(track, count=10, modality="audio").hits for track in tracks]
    monkeypatch.setattr(session_module, "READ_UP_TO", TRACKS)
    explorer = Explorer(library)
    assert explorer.session().nearest_own(Modality.AUDIO) is None
    for track, hits in zip(tracks, coded, strict=True):
        read = {hit.track.id: hit.score for hit in explorer.similar(track, count=200, modality="audio").hits}
        assert all(read[hit.track.id] == hit.score for hit in hits)


def test_scores_that_differ_in_the_last_digit_have_the_same_percentile() -> None:
    scale = np.concatenate([np.linspace(0, 0.9, 30), np.full(30, np.float64(np.float32(1.0 - 6e-8)))])
    assert percentile(scale, 1.0) == percentile(scale, 1.0 - 1e-16) == percentile(scale, 1.0 - 2e-7) == 100
    assert percentile(scale, 0.95) == 50


def test_changed_vectors_are_exchanged_and_missing_tracks_not_found(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(library, folder)
    explorer = Explorer(folder)
    track = asked(explorer, "audio", 1)[0]
    first, second = (hit.track.id for hit in explorer.similar(track, count=2, modality="audio").hits)
    far = min(cosines(explorer, "audio", track).items(), key=lambda pair: pair[1])[0]
    before = read_kept(folder, file_of("audio"))
    assert before is not None
    with Store(folder) as store:
        name, vector = store.connection.execute(
            "SELECT encoder, vector FROM vectors WHERE modality = 'audio' AND track_id = ?", (track,)
        ).fetchone()
        with store.writing() as connection:
            same = np.frombuffer(vector, np.float16).astype(np.float32)
            put_vectors(connection, Modality.AUDIO, name, [(far, "heard anew", same)])
            mark_missing(connection, [first])
            raise_blocks_version(connection)
    hits = Explorer(folder).similar(track, count=2, modality="audio").hits
    assert [hit.track.id for hit in hits] == [far, second]
    assert hits[0].score == pytest.approx(1, abs=1e-6)
    after = read_kept(folder, file_of("audio"))
    assert after is not None
    # One row was added, none was coded anew.
    assert (after.trained, len(after.ids)) == (before.trained, len(before.ids) + 1)


def test_another_mean_codes_every_vector_anew(library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "moved"
    shutil.copytree(library, folder)
    session = Explorer(folder).session()
    head = session.space.heads[Modality.TAGS]
    arguments = (session.connection, folder, Modality.TAGS, head.encoder)
    nearest.open_nearest_own(*arguments, head.mean, mark="a")
    kept = read_kept(folder, file_of("tags"))
    nearest.open_nearest_own(*arguments, head.mean + 1, mark="b")
    anew = read_kept(folder, file_of("tags"))
    assert kept is not None
    assert anew is not None
    assert (kept.sources != anew.sources).all()
    assert len(anew.ids) == len(kept.ids)

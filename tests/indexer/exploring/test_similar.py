"""More like this: the score against the formula in plain loops, its bounds, its faders, and who is nearest."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from models.modality import MODALITIES, Modality
from tests.indexer.exploring.formula import between_tracks, naive_terms, stored_blocks

FADERS: tuple[dict[str, float] | None, ...] = (
    None,
    {"audio": 2.0, "cover": 0.0},
    {"audio": 0.0},
    {"graph": 0.0, "playlists": 0.0},
    {"lyrics": 0.25, "tags": 3.0, "graph": 1e-6},
)


@pytest.mark.parametrize("faders", FADERS)
@pytest.mark.parametrize("hub", [True, False])
def test_scores_equal_the_formula_in_plain_loops(
    explorer: Explorer, faders: dict[str, float] | None, hub: bool
) -> None:
    session = explorer.session()
    for track_id in (1, 8, 20, 33):
        mine, _ = stored_blocks(session.connection, track_id)
        answer = explorer.similar(track_id, count=100, faders=faders, hub=hub)
        assert len(answer.hits) == 35
        for hit in answer.hits:
            theirs, hub_term = stored_blocks(session.connection, hit.track.id)
            shares = between_tracks(naive_terms(session, mine, theirs, faders))
            expected = shares | ({"hub": hub_term} if hub else {})
            assert hit.score == sum(hit.contributions.values())
            assert hit.score == pytest.approx(sum(expected.values()), abs=1e-12)
            for name in expected.keys() | hit.contributions.keys():
                assert hit.contributions.get(name, 0.0) == pytest.approx(expected.get(name, 0.0), abs=1e-12)


@pytest.mark.parametrize("faders", FADERS)
def test_best_come_first_and_none_is_overlooked(explorer: Explorer, faders: dict[str, float] | None) -> None:
    everybody = explorer.similar(5, count=100, faders=faders)
    scores = [hit.score or 0.0 for hit in everybody.hits]
    assert scores == sorted(scores, reverse=True)
    few = explorer.similar(5, count=4, faders=faders)
    assert [hit.track.id for hit in few.hits] == [hit.track.id for hit in everybody.hits[:4]]
    assert few.hits[0].contributions == everybody.hits[0].contributions
    assert 5 not in {hit.track.id for hit in everybody.hits}


def test_score_without_hub_lies_within_one_and_hub_is_centred(explorer: Explorer) -> None:
    session = explorer.session()
    for track_id in range(1, 37):
        for hit in explorer.similar(track_id, count=100, hub=False).hits:
            assert hit.score is not None
            assert -1 <= hit.score <= 1
            assert "hub" not in hit.contributions
    hubs = [stored_blocks(session.connection, track_id)[1] for track_id in range(1, 37)]
    assert sum(hubs) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("name", [m.value for m in MODALITIES])
def test_fader_at_zero_takes_its_modality_from_both_sides(explorer: Explorer, name: str) -> None:
    for hit in explorer.similar(1, count=100, faders={name: 0.0}).hits:
        assert name not in hit.contributions


def test_what_only_one_of_two_lacks_adds_nothing_rather_than_winning(explorer: Explorer, ids: dict[str, int]) -> None:
    """Take modalities away from a track's twin one by one: it never comes nearer by having less that agrees."""
    session = explorer.session()
    point = session.point(ids["Two Lamps"])
    whole = session.space.contributions(point.blocks, point.mask, point.blocks, point.mask).score
    for column, m in enumerate(MODALITIES):
        if not point.mask[column]:
            continue
        blocks, mask = point.blocks.copy(), point.mask.copy()
        blocks[128 * column : 128 * column + 128] = 0
        mask[column] = False
        less = session.space.contributions(point.blocks, point.mask, blocks, mask)
        assert less.score < whole, m
        others = [pair for pair in less.pairs if pair.track is m]
        assert others == []


def test_equal_in_one_modality_scores_the_same_whatever_else_is_missing(explorer: Explorer) -> None:
    session = explorer.session()
    point = session.point(1)
    column = MODALITIES.index(Modality.TAGS)
    alone, tags = np.zeros_like(point.blocks), np.zeros(6, np.bool_)
    alone[128 * column : 128 * column + 128] = point.blocks[128 * column : 128 * column + 128]
    tags[column] = True
    sparse = session.space.contributions(point.blocks, point.mask, alone, tags)
    full = session.space.contributions(point.blocks, point.mask, point.blocks, point.mask)
    in_full = {(pair.query, pair.track): pair for pair in full.pairs}
    assert sparse.pairs
    for pair in sparse.pairs:
        assert in_full[pair.query, pair.track].shared == pytest.approx(pair.shared, abs=1e-15)
        assert in_full[pair.query, pair.track].private == pytest.approx(pair.private, abs=1e-15)


def test_one_modality_alone_ranks_by_the_cosine_of_its_own_vectors(explorer: Explorer) -> None:
    session = explorer.session()
    head = session.space.heads[Modality.AUDIO]
    rows = session.connection.execute(
        "SELECT track_id, vector FROM vectors WHERE modality = 'audio' ORDER BY track_id"
    ).fetchall()
    centred = {row[0]: np.frombuffer(row[1], np.float16).astype(float) - head.mean.astype(float) for row in rows}
    answer = explorer.similar(3, count=100, modality="audio")
    assert len(answer.hits) == 35
    for hit in answer.hits:
        a, b = centred[3], centred[hit.track.id]
        assert hit.score == pytest.approx(float(a @ b / np.linalg.norm(a) / np.linalg.norm(b)), abs=1e-5)
        assert hit.contributions == {"audio": hit.score}
    scores = [hit.score or 0.0 for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


def test_nearest_are_of_the_same_artist_or_style(explorer: Explorer) -> None:
    right = 0
    for row in explorer.catalogue.window(0, 100):
        if not row.artist:
            continue
        best = explorer.similar(row.id, count=1).hits[0].track
        genre = {i: explorer.catalogue.card(i)["genre"] for i in (row.id, best.id)}
        right += genre[row.id] == genre[best.id]
    assert right >= 30  # of 36; by chance it would be a quarter


def test_percentile_falls_with_the_score_and_the_nearest_is_close(explorer: Explorer) -> None:
    answer = explorer.similar(1, count=100)
    percentiles = [hit.percentile for hit in answer.hits]
    assert all(p is not None and 0 <= p <= 100 for p in percentiles)
    assert percentiles == sorted(percentiles, key=lambda p: -(p or 0))
    assert answer.note == ""


def test_file_outside_is_answered_and_not_stored(explorer: Explorer, indexed_demo: Path, tmp_path: Path) -> None:
    source = next(indexed_demo.rglob("01 Harbour Song.mp3"))
    copy = shutil.copy(source, tmp_path / "copy.mp3")
    before = explorer.catalogue.connection.execute("SELECT count(*), max(id) FROM tracks").fetchone()[:]
    answer = explorer.similar_to_file(str(copy), count=5)
    assert answer.hits[0].track.path == str(source)
    assert answer.hits[0].score == sum(answer.hits[0].contributions.values())
    # The graph does not know the file: nothing but shared terms can count for the track's graph.
    assert explorer.catalogue.connection.execute("SELECT count(*), max(id) FROM tracks").fetchone()[:] == before


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"track_id": 999}, "999"),
        ({"track_id": 1, "modality": "smell"}, "smell"),
        ({"track_id": 1, "faders": {"smell": 1.0}}, "smell"),
        ({"track_id": 1, "faders": {"audio": -1.0}}, "audio"),
        ({"track_id": 1, "faders": {"audio": float("nan")}}, "audio"),
        ({"track_id": 1, "faders": {m.value: 0.0 for m in MODALITIES}}, "turn up"),
    ],
)
def test_what_cannot_be_asked_says_why(explorer: Explorer, question: dict[str, object], said: str) -> None:
    with pytest.raises(IndexerError, match=said):
        explorer.similar(**question)  # type: ignore[arg-type]


def test_modality_that_the_track_lacks_is_named(explorer: Explorer, ids: dict[str, int]) -> None:
    with pytest.raises(IndexerError, match="no lyrics"):
        explorer.similar(ids["Turnstile"], modality="lyrics")
    with pytest.raises(IndexerError, match="turn up the fader"):
        explorer.similar(ids["Turnstile"], faders={m.value: float(m is Modality.LYRICS) for m in MODALITIES})


def test_file_that_is_no_audio_is_one_clear_error(explorer: Explorer, tmp_path: Path) -> None:
    (tmp_path / "note.mp3").write_text("no sound at all")
    with pytest.raises(IndexerError, match=r"note\.mp3"):
        explorer.similar_to_file(str(tmp_path / "note.mp3"))

from collections.abc import Generator
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from models.dataset import UNKNOWN, Dataset
from models.errors import ModelError
from models.evaluation.arithmetic import genre_swap
from models.evaluation.baselines import centred_concatenation, rank_fusion, raw_concatenation
from models.evaluation.cross_modal import cross_modal
from models.evaluation.folds import artist_folds
from models.evaluation.paper import nearest, paper
from models.evaluation.protocol_folds import MAIN, by_artist_folds
from models.evaluation.protocol_paper import paper_table
from models.evaluation.retrieval import (
    TRACKS_AN_ARTIST,
    Fold,
    by_inner_product,
    fold_of,
    genre_knn,
    ranking,
    retrieval,
)
from models.joint.model import Vectors
from models.modality import Modality
from tests.models.evaluation.datasets import clusters

T = TypeVar("T")


def drained(run: Generator[object, None, T]) -> T:
    while True:
        try:
            next(run)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]


def test_folds_share_no_artist_and_are_level() -> None:
    artists = np.random.default_rng(0).zipf(1.5, size=500).clip(max=60).astype(np.int64)
    folds = artist_folds(artists, seed=3)
    for artist in np.unique(artists):
        assert len(np.unique(folds[artists == artist])) == 1
    assert np.bincount(folds, minlength=5).min() > 0
    assert (folds != artist_folds(artists, seed=4)).any()
    assert (folds == artist_folds(artists, seed=3)).all()


def test_tracks_without_an_artist_go_round() -> None:
    folds = artist_folds(np.full(50, UNKNOWN), seed=0)
    assert np.bincount(folds).tolist() == [10] * 5


def test_a_gallery_holds_the_first_fifteen_of_an_artist() -> None:
    data = clusters(artists=3, tracks_an_artist=20)
    fold = fold_of(data, data.artists % 2, 0)
    for artist in (0, 2):
        rows = fold.gallery[data.artists[fold.gallery] == artist]
        assert rows.tolist() == np.flatnonzero(data.artists == artist)[:TRACKS_AN_ARTIST].tolist()


def naive_ndcg(data: Dataset, scores: NDArray[np.float64], fold: Fold, question: str) -> float:
    """Score one question by loops alone."""
    figures = []
    for i, query in enumerate(fold.gallery.tolist()):
        listed = []
        for j, track in enumerate(fold.gallery.tolist()):
            same_artist = data.artists[query] == data.artists[track]
            if track == query or data.titles[query] == data.titles[track]:
                continue
            if question == "other album" and data.albums[query] == data.albums[track]:
                continue
            relevant = set(data.genres[query]) & set(data.genres[track]) if question == "genre" else same_artist
            listed.append((-scores[i, j], j, bool(relevant)))
        ranked = [relevant for _, _, relevant in sorted(listed)]
        if any(ranked):
            gained = sum(1 / np.log2(place + 2) for place, hit in enumerate(ranked[:10]) if hit)
            figures.append(gained / sum(1 / np.log2(place + 2) for place in range(min(10, sum(ranked)))))
    return float(np.mean(figures))


def test_figures_equal_naive_loops() -> None:
    data = clusters(noise=1.5, seed=1)
    data.titles[[1, 2]] = 0  # two versions of one recording: no answer to each other
    fold = fold_of(data, artist_folds(data.artists, seed=0), 0)
    scores = np.random.default_rng(2).normal(size=(len(fold.gallery), len(fold.gallery)))
    figures = ranking(data, scores, fold)
    for question in ("artist", "other album", "genre"):
        assert figures[f"{question} nDCG@10"] == pytest.approx(naive_ndcg(data, scores, fold, question)), question


def test_genre_knn_asks_the_other_folds_for_the_majority() -> None:
    data = clusters(noise=0.8, seed=3)
    vectors = raw_concatenation(data).embed(data.x, data.present)
    fold = fold_of(data, artist_folds(data.artists, seed=0), 1)
    hits = []
    for query in fold.gallery.tolist():
        near = sorted(fold.reference.tolist(), key=lambda row: -float(vectors[query] @ vectors[row]))[:10]
        votes = [data.genres[row][0] for row in near]
        winner = max(dict.fromkeys(votes), key=votes.count)
        hits.append(winner == data.genres[query][0])
    assert genre_knn(data, by_inner_product(vectors), fold) == pytest.approx(np.mean(hits))


def test_ties_are_broken_in_expectation() -> None:
    data = clusters()
    fold = Fold(np.arange(20), np.arange(20, 80))
    same = np.ones((len(data), 3))
    figures = cross_modal(data, {Modality.AUDIO: same, Modality.LYRICS: same}, fold)
    assert figures["cross-modal R@10"] == pytest.approx(10 / 20)
    assert figures["audio to lyrics median rank"] == pytest.approx(10.5)
    unique = np.eye(len(data))
    assert cross_modal(data, {Modality.AUDIO: unique, Modality.LYRICS: unique}, fold)["cross-modal R@1"] == 1.0


def test_a_query_stays_in_its_own_list_in_the_paper_and_counts_as_wrong() -> None:
    data = clusters(artists=4, tracks_an_artist=12, noise=0.0)
    vectors = np.eye(4)[data.artists] + 1e-3 * np.random.default_rng(0).normal(size=(48, 4))
    figures = paper(data, nearest(vectors, np.arange(48)), np.arange(48))
    assert figures["P@10"] == pytest.approx(0.9)
    assert figures["MRR@10"] == pytest.approx(0.5)


def test_a_genre_can_be_swapped_where_genre_is_a_direction() -> None:
    data = clusters(artists=60, tracks_an_artist=2)
    genre = np.array([int(genres[0][-1]) for genres in data.genres])
    vectors = np.hstack([3 * np.eye(3)[genre], np.random.default_rng(0).normal(size=(len(data), 4))])
    fold = fold_of(data, artist_folds(data.artists, seed=0), 0)
    figures = genre_swap(data, vectors, fold)
    assert figures["genre swap P@10"] > 0.55 > 0.2 > figures["genre swap P@10 before"]


class Watching:
    """A model that notes which tracks it was trained on."""

    seen: list[set[str]]

    def __init__(self, train: Dataset) -> None:
        self.model = centred_concatenation(train)

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        return self.model.embed(x, present)


def test_folds_run_trains_without_the_fold_and_keeps_vectors_that_give_the_figures() -> None:
    data = clusters(noise=1.0, seed=5)
    trained: list[Dataset] = []

    def fit(train: Dataset, seed: int) -> Watching:
        trained.append(train)
        return Watching(train)

    folds = artist_folds(data.artists, seed=9)
    done = drained(by_artist_folds(data, {"ours": fit}, seeds=2, folds=folds, keep="ours"))
    for number, train in enumerate(trained[:5]):
        assert set(train.ids) == {data.ids[row] for row in np.flatnonzero(folds != number)}
        kept = set(range(len(train)))
        assert all(set(rows.tolist()) <= kept for rows in train.positives)
    assert done.vectors is not None
    assert done.vectors.shape[:2] == (5, len(data))
    again = [retrieval(data, by_inner_product(done.vectors[f]), fold_of(data, folds, f)) for f in range(5)]
    by_name = {(row.model, row.metric): row for row in done.rows}
    for metric in MAIN:
        assert by_name["ours", metric].mean == pytest.approx(np.mean([figures[metric] for figures in again]))
        assert by_name["ours", metric].seeds == 2
        for baseline in ("raw concatenation", "centred concatenation", "rank fusion", "audio alone", "lyrics alone"):
            assert 0 <= by_name[baseline, metric].mean <= 1
    assert by_name["ours", "artist nDCG@10"].mean == pytest.approx(
        by_name["centred concatenation", "artist nDCG@10"].mean
    )


def test_paper_table_asks_seen_and_unseen() -> None:
    data = clusters(noise=0.5)
    done = drained(paper_table(data, {"ours": centred_concatenation}, seeds=1, keep="ours"))
    by_name = {(row.model, row.metric): row.mean for row in done.rows}
    assert done.vectors is not None
    assert by_name["ours", "P@10"] == pytest.approx(
        paper(data, nearest(done.vectors, np.arange(80)), np.arange(80))["P@10"]
    )
    assert 0 < by_name["ours", "unseen P@10"] <= 0.3


def test_data_without_positives_is_refused() -> None:
    data = clusters()
    bare = Dataset(data.ids, data.x, data.present, data.encoders, data.artists, data.albums, data.titles, data.genres)
    with pytest.raises(ModelError, match="artist-folds"):
        drained(paper_table(bare, {}, seeds=1))


def test_one_artist_cannot_be_folded() -> None:
    data = clusters(artists=1, tracks_an_artist=8)
    with pytest.raises(ModelError, match="fewer than two"):
        drained(by_artist_folds(data, {}, seeds=1))


def test_rank_fusion_counts_only_what_both_have() -> None:
    data = clusters(noise=1.0)
    data.present[0, 1] = False
    scorer = rank_fusion(data, centred_concatenation(data))
    scores = scorer(np.array([0]), np.arange(len(data)))
    assert scores.max() == pytest.approx(1 / 61)
    assert scorer(np.array([5]), np.arange(len(data))).max() == pytest.approx(2 / 61)


def test_cross_modal_asks_tracks_that_have_everything() -> None:
    data = clusters()
    data.present[:15, 1] = False
    fold = Fold(np.arange(40), np.arange(40, 80))
    same = np.ones((len(data), 3))
    figures = cross_modal(data, {Modality.AUDIO: same, Modality.LYRICS: same}, fold)
    assert figures["audio to lyrics R@10"] == figures["lyrics to audio R@10"] == pytest.approx(10 / 25)
    data.present[:35, 1] = False
    few = cross_modal(data, {Modality.AUDIO: same, Modality.LYRICS: same}, fold)
    assert few["audio to lyrics R@10"] == 1.0

"""The first places against plain sorting, ties at random, and nDCG from the first places alone."""

import numpy as np
import pytest

from indexer.report.ranking import CUT, first, first_again, ndcg10, relevance, sample, shaken


@pytest.mark.parametrize("count", [1, 5, 9, 10, 11, 60])
def test_first_places_are_those_of_a_sort(count: int) -> None:
    generator = np.random.default_rng(count)
    scores = generator.normal(size=(20, count)).astype(np.float32)
    hidden = generator.random(scores.shape) < 0.3
    places = first(scores.copy(), hidden)
    for row in range(20):
        shown = [i for i in np.argsort(-scores[row], kind="stable") if not hidden[row, i]][:CUT]
        assert places[row].tolist() == shown + [-1] * (CUT - len(shown))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_hiding_more_gives_what_hiding_all_at_once_gives(share: float) -> None:
    generator = np.random.default_rng(7)
    scores = generator.normal(size=(30, 50)).astype(np.float32)
    few = generator.random(scores.shape) < 0.1
    more = few | (generator.random(scores.shape) < share)
    longer = first(scores, few, k=25)
    np.testing.assert_array_equal(first_again(scores.copy(), longer, more), first(scores.copy(), more))


def test_ties_fall_at_random_and_nothing_else_moves() -> None:
    rows = np.arange(400)
    tied = shaken(np.zeros((400, 50), np.float32), rows)
    winners = np.bincount(tied.argmax(axis=1), minlength=50)
    assert winners.max() < 30  # 8 each are expected; in the order of the columns one would have 400
    np.testing.assert_array_equal(tied, shaken(np.zeros((400, 50), np.float32), rows))
    far = np.random.default_rng(0).permuted(np.tile(np.linspace(-1, 1, 50), (400, 1)), axis=1)
    np.testing.assert_array_equal(np.argsort(shaken(far, rows), axis=1), np.argsort(far, axis=1))


def test_a_query_has_its_ties_the_same_way_in_every_chunk() -> None:
    whole = shaken(np.zeros((40, 30), np.float32), np.arange(40))
    np.testing.assert_array_equal(whole[25:], shaken(np.zeros((15, 30), np.float32), np.arange(25, 40)))


def test_ndcg_of_the_first_ten_is_the_plain_one() -> None:
    generator = np.random.default_rng(3)
    relevant = generator.random((40, 35)) < np.linspace(0, 0.6, 40)[:, None]
    places = np.argsort(-generator.random(relevant.shape), axis=1)
    hits = relevance(places[:, :CUT], relevant)
    for row, figure in enumerate(ndcg10(hits, relevant.sum(axis=1))):
        total = int(relevant[row].sum())
        if total == 0:
            assert np.isnan(figure)
            continue
        gain = sum(relevant[row, places[row, i]] / np.log2(i + 2) for i in range(CUT))
        assert figure == pytest.approx(gain / sum(1 / np.log2(i + 2) for i in range(min(total, CUT))))


def test_sample_is_all_or_as_many_as_asked() -> None:
    assert sample(5, 10).tolist() == [0, 1, 2, 3, 4]
    taken = sample(1000, 10)
    assert len(set(taken.tolist())) == 10
    assert (np.diff(taken) > 0).all()
    np.testing.assert_array_equal(taken, sample(1000, 10))

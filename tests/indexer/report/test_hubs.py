"""Hubs: counts against plain loops, a hub and an orphan that were put there, and what random lists give."""

import numpy as np
import pytest
from scipy.stats import skew

from indexer.report.hubs import hubness, occurrences


def test_counts_and_figures_are_those_of_plain_loops() -> None:
    x = np.random.default_rng(0).normal(size=(80, 5)).astype(np.float32)
    scores = x @ x.T
    counts = [0] * 80
    for q in range(80):
        others = sorted((t for t in range(80) if t != q), key=lambda t: -scores[q, t])[:10]
        for t in others:
            counts[t] += 1
    listed = occurrences(lambda rows: scores[rows], 80)
    assert listed.tolist() == counts
    found = hubness("space", listed, np.arange(100, 180))
    assert found.skewness == pytest.approx(skew(counts))
    assert found.orphans == sum(count == 0 for count in counts) / 80
    even = sum(counts) / 80
    assert found.robin_hood == pytest.approx(sum(max(0, count - even) for count in counts) / sum(counts))
    top = max(range(80), key=lambda t: counts[t])
    assert found.worst[0] == (100 + top, counts[top])


def test_a_hub_and_an_orphan_are_found() -> None:
    """Track 7 is near everybody, track 3 near nobody."""
    scores = np.random.default_rng(1).random((60, 60)).astype(np.float32) * 0.5
    scores[:, 7], scores[:, 3] = 1.0, -1.0
    listed = occurrences(lambda rows: scores[rows], 60)
    found = hubness("space", listed, np.arange(60))
    assert found.worst[0] == (7, 59)
    assert listed[3] == 0
    assert found.orphans == pytest.approx(1 / 60)
    assert found.skewness > 2


def test_random_lists_have_little_skewness_and_no_orphans() -> None:
    """N_10 is then binomial: skewness 0.31, and (1 - 10/n)^n of the tracks stand in no list."""
    found = hubness("random", occurrences(lambda rows: np.zeros((len(rows), 3000), np.float32), 3000), np.arange(3000))
    assert found.skewness == pytest.approx(0.31, abs=0.15)
    assert found.orphans < 0.002


def test_tracks_in_equally_many_lists_are_no_hubs() -> None:
    listed = occurrences(lambda rows: np.zeros((len(rows), 11), np.float32), 11)
    assert listed.tolist() == [10] * 11
    found = hubness("space", listed, np.arange(11))
    assert (found.skewness, found.orphans, found.robin_hood, found.worst) == (0.0, 0.0, 0.0, ())


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_tracks_have_no_figures(count: int) -> None:
    listed = occurrences(lambda rows: np.zeros((len(rows), count), np.float32), count)
    assert np.isnan(hubness("space", listed, np.arange(count)).skewness)

"""Intervals: wider where queries hang together, right as often as they claim, and honest about too little."""

import numpy as np
import pytest

from indexer.report.bootstrap import interval


def test_mean_is_the_mean_of_the_questions_means() -> None:
    figures = np.array([[1.0, np.nan], [0.0, 0.25], [0.5, 0.75], [np.nan, np.nan]])
    found = interval(figures, np.array([0, 1, 2, 3]))
    assert found.mean == pytest.approx((0.5 + 0.5) / 2)
    assert (found.queries, found.artists) == (3, 3)
    assert found.low <= found.mean <= found.high


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 200 draws of 40 artists with 1 to 8 queries each, whose figures share the artist's own level."""
    generator = np.random.default_rng(0)
    held = held_single = 0
    for _ in range(200):
        sizes = generator.integers(1, 9, size=40)
        groups = np.repeat(np.arange(40), sizes)
        figures = generator.normal(size=40)[groups] + 0.3 * generator.normal(size=len(groups))
        found = interval(figures, groups, draws=300)
        held += found.low <= 0 <= found.high
        single = interval(figures, np.arange(len(groups)), draws=300)
        held_single += single.low <= 0 <= single.high
    assert held >= 178
    assert held_single < held - 20


def test_nothing_asked_is_no_figure() -> None:
    for figures in (np.zeros(0), np.full(4, np.nan), np.full((4, 3), np.nan)):
        found = interval(figures, np.zeros(len(figures), np.int64))
        assert found.to_json() == {"mean": None, "low": None, "high": None, "queries": 0, "artists": 0}
        assert not found.enough


def test_enough_is_thirty_queries_of_eight_artists() -> None:
    assert interval(np.zeros(30), np.arange(30) % 8).enough
    assert not interval(np.zeros(29), np.arange(29) % 8).enough
    assert not interval(np.zeros(300), np.arange(300) % 7).enough


def test_same_figures_give_the_same_interval() -> None:
    figures = np.random.default_rng(1).random(50)
    assert interval(figures, np.arange(50) // 3) == interval(figures, np.arange(50) // 3)

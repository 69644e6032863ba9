"""Pairs of tracks, listed or of one artist."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from models.dataset import UNKNOWN
from models.training.pairs import Pairs, pairs_of, same_artist
from tests.models.training.small_data import small_dataset


def test_listed_pairs_are_taken_as_they_are(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, count=40, positives=True)
    pairs = pairs_of(dataset)
    assert pairs.alike.tolist() == [[i, j] for i, near in enumerate(dataset.positives) for j in near.tolist()]
    assert pairs.apart.shape == (0, 2)
    rows = np.arange(40)
    expected = np.array([[j in dataset.positives[i] or i in dataset.positives[j] for j in rows] for i in rows])
    assert (pairs.together(rows, rows) == expected).all()
    assert (pairs.together(rows[5:9], rows[::3]) == expected[5:9, ::3]).all()


def test_a_track_is_not_its_own_fellow(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, count=20, positives=True)
    lists = tuple(np.append(near, i) for i, near in enumerate(dataset.positives))
    pairs = pairs_of(replace(dataset, positives=lists))
    assert (pairs.alike[:, 0] != pairs.alike[:, 1]).all()
    assert not pairs.together(np.arange(20), np.arange(20)).diagonal().any()


def test_pairs_among_some_rows() -> None:
    alike, apart = np.array([[0, 1], [1, 2], [2, 3]]), np.array([[0, 2], [1, 3]])
    pairs = Pairs(4, alike, apart, np.zeros(0, np.int64))
    some = pairs.among(np.array([True, True, True, False]))
    assert some.alike.tolist() == [[0, 1], [1, 2]]
    assert some.apart.tolist() == [[0, 2]]


@pytest.mark.parametrize("size", range(1, 25))
def test_tracks_of_an_artist_are_paired_once(size: int) -> None:
    artists = np.concatenate([np.full(size, 4), np.full(3, 9), np.full(2, UNKNOWN)])
    pairs = same_artist(artists, seed=1, partners=10)
    unordered = [tuple(sorted(pair)) for pair in pairs.tolist()]
    assert len(set(unordered)) == len(unordered)
    assert all(artists[a] == artists[b] != UNKNOWN and a != b for a, b in unordered)
    everyone = {pair for pair in combinations(range(size), 2)}
    own = {pair for pair in unordered if pair[0] < size}
    assert own <= everyone
    assert (own == everyone) == (size <= 11)
    assert np.bincount(pairs.ravel(), minlength=size)[:size].max(initial=0) <= 10


def test_nobody_known_gives_no_pairs() -> None:
    assert same_artist(np.full(5, UNKNOWN), seed=0).shape == (0, 2)
    assert same_artist(np.zeros(0, np.int64), seed=0).shape == (0, 2)

"""Artists held out for validation."""

import numpy as np
import pytest

from models.dataset import UNKNOWN
from models.training.split import held_out_rows


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_artists_are_never_on_both_sides_and_the_share_is_kept(seed: int, share: float) -> None:
    artists = np.random.default_rng(seed).zipf(1.8, size=400).clip(max=60)
    held = held_out_rows(artists, share=share, seed=seed)
    assert set(artists[held].tolist()) & set(artists[~held].tolist()) == set()
    largest = np.bincount(artists).max() / len(artists)
    assert abs(held.mean() - share) <= max(0.05, min(largest, share))
    assert (held == held_out_rows(artists, share=share, seed=seed)).all()


def test_seeds_differ_and_labels_do_not_matter() -> None:
    artists = np.arange(300) // 3
    held = held_out_rows(artists, share=0.2, seed=0)
    assert (held != held_out_rows(artists, share=0.2, seed=1)).any()
    assert held.mean() == pytest.approx(0.2, abs=0.01)


def test_unknown_artists_are_one_each() -> None:
    held = held_out_rows(np.full(100, UNKNOWN), share=0.2, seed=0)
    assert held.sum() == 20


@pytest.mark.parametrize("artists", [[], [0], [0, 0, 0], [UNKNOWN]])
def test_training_never_loses_its_last_artist(artists: list[int]) -> None:
    assert not held_out_rows(np.array(artists, np.int64), share=0.9, seed=0).any()


def test_no_share_holds_nothing_out() -> None:
    assert not held_out_rows(np.arange(50), share=0.0, seed=0).any()

import math

import numpy as np
import pytest

from models.evaluation.metrics import (
    average_precision_at_k,
    hit_rate_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank_at_k,
)

LISTS = np.random.default_rng(7).random((40, 30)) < np.linspace(0, 0.6, 40)[:, None]


def naive(row: list[bool], k: int) -> dict[str, float]:
    top, total = row[:k], sum(row)
    hits = [place for place, relevant in enumerate(top, 1) if relevant]
    gained = sum(1 / math.log2(place + 1) for place in hits)
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, total) + 1))
    return {
        "precision": len(hits) / k,
        "recall": len(hits) / total if total else 0.0,
        "hit rate": 1.0 if hits else 0.0,
        "average precision": sum(sum(row[:place]) / place for place in hits) / min(k, total) if total else 0.0,
        "reciprocal rank": 1 / hits[0] if hits else 0.0,
        "ndcg": gained / ideal if total else 0.0,
    }


@pytest.mark.parametrize("k", [1, 10, 25, 50])
def test_figures_equal_naive_loops(k: int) -> None:
    figures = {
        "precision": precision_at_k(LISTS, k=k),
        "recall": recall_at_k(LISTS, k=k),
        "hit rate": hit_rate_at_k(LISTS, k=k),
        "average precision": average_precision_at_k(LISTS, k=k),
        "reciprocal rank": reciprocal_rank_at_k(LISTS, k=k),
        "ndcg": ndcg_at_k(LISTS, k=k),
    }
    for name, values in figures.items():
        assert values.tolist() == pytest.approx([naive(row, k)[name] for row in LISTS.tolist()]), name


def test_a_perfect_list_scores_one() -> None:
    perfect = np.array([[True] * 3 + [False] * 20])
    for measure in (recall_at_k, average_precision_at_k, reciprocal_rank_at_k, ndcg_at_k):
        assert measure(perfect, k=10).tolist() == [pytest.approx(1.0)]


def test_moving_a_relevant_item_up_never_lowers_a_figure() -> None:
    for row in LISTS[LISTS.any(axis=1)]:
        last = int(np.flatnonzero(row)[-1])
        better = row.copy()
        better[[0, last]] = better[[last, 0]]
        for measure in (precision_at_k, recall_at_k, average_precision_at_k, reciprocal_rank_at_k, ndcg_at_k):
            assert measure(better[None], k=10)[0] >= measure(row[None], k=10)[0] - 1e-12


def test_no_queries_give_no_figures() -> None:
    assert ndcg_at_k(np.zeros((0, 5), np.bool_), k=10).shape == (0,)

import pytest
import torch
from torch import Tensor

from models.losses.margin_contrastive import margin_contrastive
from tests.models.losses.agreement import assert_agree, assert_finite, assert_nothing, distance, points

PAIRS = torch.tensor([[0, 1], [2, 3], [4, 0], [1, 2], [3, 5], [5, 4]])
ALIKE = torch.tensor([True, False, True, False, False, False])


def naive(embeddings: Tensor, *, margin: float) -> Tensor:
    total = torch.zeros((), dtype=embeddings.dtype)
    for (i, j), alike in zip(PAIRS.tolist(), ALIKE.tolist(), strict=True):
        d = distance(embeddings[i], embeddings[j])
        if alike:
            total = total + 0.5 * d * d
        elif d < margin:
            total = total + (margin - d) ** 2
    return total / len(PAIRS)


@pytest.mark.parametrize("margin", [0.5, 2.0, 10.0])
def test_it_is_the_loop_over_pairs(margin: float) -> None:
    assert_agree(
        lambda x: margin_contrastive(x, PAIRS, ALIKE, margin=margin), lambda x: naive(x, margin=margin), points(6, 3)
    )


def test_known_figures() -> None:
    line = torch.tensor([[0.0], [0.3], [2.0]])
    pair = torch.tensor([[0, 1]])
    assert margin_contrastive(line, pair, torch.tensor([True])).item() == pytest.approx(0.045)
    assert margin_contrastive(line, pair, torch.tensor([False])).item() == pytest.approx(0.04)
    assert margin_contrastive(line, torch.tensor([[0, 2]]), torch.tensor([False])) == 0


def test_equal_rows_have_a_finite_gradient() -> None:
    same = torch.ones(6, 3)
    assert_finite(lambda x: margin_contrastive(x, PAIRS, ALIKE), same)
    assert_finite(lambda x: margin_contrastive(x, PAIRS, torch.zeros_like(ALIKE)), same)
    assert margin_contrastive(same, PAIRS, torch.zeros_like(ALIKE)) == 0.25


def test_no_pairs_cost_nothing() -> None:
    none, nothing = torch.empty(0, 2, dtype=torch.int64), torch.empty(0, dtype=torch.bool)
    assert_nothing(lambda x: margin_contrastive(x, none, nothing), points(4, 3))
    assert_nothing(lambda x: margin_contrastive(x, none, nothing), torch.empty(0, 3))


def test_order_of_pairs_and_of_their_ends_does_not_matter_nor_does_turning_the_space() -> None:
    x = points(6, 3).detach()
    expected = margin_contrastive(x, PAIRS, ALIKE, margin=3.0)
    order = torch.randperm(6, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(margin_contrastive(x, PAIRS[order].flip(1), ALIKE[order], margin=3.0), expected)
    turned, _ = torch.linalg.qr(points(3, 3, seed=2).detach())
    torch.testing.assert_close(margin_contrastive(x @ turned + 7, PAIRS, ALIKE, margin=3.0), expected)

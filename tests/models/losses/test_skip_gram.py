import math

import pytest
import torch
from torch import Tensor

from models.losses.skip_gram import draw_negatives, skip_gram
from tests.models.losses.agreement import assert_agree, assert_finite, assert_nothing, points, yes_or_no

PAIRS = torch.tensor([[0, 1], [3, 2], [3, 0], [2, 2]])
NEGATIVES = torch.tensor([[2, 3, 3], [1, -1, 4], [-1, -1, -1], [0, 1, 4]])


def sigmoid(a: Tensor, b: Tensor, sign: int) -> Tensor:
    dot = torch.zeros((), dtype=a.dtype)
    for p, q in zip(a, b, strict=True):
        dot = dot + p * q
    return 1 / (1 + (-sign * dot).exp())


def naive(centres: Tensor, contexts: Tensor) -> Tensor:
    total = torch.zeros((), dtype=centres.dtype)
    for (i, j), drawn in zip(PAIRS.tolist(), NEGATIVES.tolist(), strict=True):
        total = total - sigmoid(centres[i], contexts[j], 1).log()
        for k in drawn:
            if k >= 0:
                total = total - sigmoid(centres[i], contexts[k], -1).log()
    return total / len(PAIRS)


def test_it_is_the_loop_over_pairs_and_negatives() -> None:
    def loss(u: Tensor, v: Tensor) -> Tensor:
        return skip_gram(u, v, PAIRS, NEGATIVES)

    assert_agree(loss, naive, points(4, 3), points(5, 3, seed=1))
    assert_agree(lambda x: loss(x, x), lambda x: naive(x, x), points(5, 3))


def test_nothing_known_yet_costs_a_coin_a_product() -> None:
    loss = skip_gram(torch.zeros(4, 3), torch.zeros(5, 3), PAIRS, NEGATIVES)
    assert loss.item() == pytest.approx(math.log(2) * (4 + 8) / 4)


def test_no_pairs_cost_nothing() -> None:
    none, undrawn = torch.empty(0, 2, dtype=torch.int64), torch.empty(0, 4, dtype=torch.int64)
    assert_nothing(lambda u, v: skip_gram(u, v, none, undrawn), points(4, 3), points(5, 3, seed=1))
    assert_nothing(lambda u, v: skip_gram(u, v, none, undrawn), torch.empty(0, 3), torch.empty(0, 3))


def test_large_products_stay_finite() -> None:
    assert_finite(lambda u, v: skip_gram(u, v, PAIRS, NEGATIVES), 1e4 * torch.ones(4, 3), 1e4 * torch.ones(5, 3))
    assert_finite(lambda u, v: skip_gram(u, v, PAIRS, NEGATIVES), 1e4 * torch.ones(4, 3), -1e4 * torch.ones(5, 3))


def test_order_does_not_matter() -> None:
    u, v = points(4, 3).detach(), points(5, 3, seed=1).detach()
    order = torch.randperm(4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(
        skip_gram(u, v, PAIRS[order], NEGATIVES[order].flip(1)), skip_gram(u, v, PAIRS, NEGATIVES)
    )


def test_negatives_are_drawn_evenly_from_all_that_is_allowed_and_nothing_else() -> None:
    forbidden = yes_or_no(20, 12, share=0.5)
    drawn = draw_negatives(forbidden, count=2000, generator=torch.Generator().manual_seed(0))
    assert drawn.shape == (20, 2000)
    for row, allowed in zip(drawn, ~forbidden, strict=True):
        counts = torch.bincount(row, minlength=12)
        assert (counts[~allowed] == 0).all()
        assert (counts[allowed] > 0.7 * 2000 / int(allowed.sum())).all()


def test_noise_weighs_the_draw_and_the_seed_repeats_it() -> None:
    forbidden = torch.zeros(1, 3, dtype=torch.bool)
    noise = torch.tensor([0.0, 1.0, 3.0])

    def draw() -> Tensor:
        return draw_negatives(forbidden, count=4000, noise=noise, generator=torch.Generator().manual_seed(5))

    counts = torch.bincount(draw()[0], minlength=3)
    assert counts[0] == 0
    assert counts[2] / counts[1] == pytest.approx(3, rel=0.15)
    assert torch.equal(draw(), draw())


def test_where_everything_is_positive_nothing_is_drawn() -> None:
    forbidden = torch.tensor([[True, True], [True, False]])
    generator = torch.Generator().manual_seed(0)
    assert draw_negatives(forbidden, count=3, generator=generator).tolist() == [[-1] * 3, [1] * 3]
    assert draw_negatives(forbidden[:0], count=3, generator=generator).shape == (0, 3)
    assert draw_negatives(forbidden[:, :0], count=1, generator=generator).tolist() == [[-1], [-1]]

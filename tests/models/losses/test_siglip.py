import math

import pytest
import torch
from torch import Tensor

from models.losses.siglip import BIAS, LOG_SCALE, siglip
from tests.models.losses.agreement import (
    assert_agree,
    assert_finite,
    assert_nothing,
    cosine,
    gradients,
    points,
    yes_or_no,
)

BOTH = torch.tensor([True, False, True, True, True])
POSITIVES = yes_or_no(5, 5, share=0.3)


def start(log_scale: float = LOG_SCALE, bias: float = BIAS) -> tuple[Tensor, Tensor]:
    return (
        torch.tensor(log_scale, dtype=torch.float64, requires_grad=True),
        torch.tensor(bias, dtype=torch.float64, requires_grad=True),
    )


def naive(
    x: Tensor, y: Tensor, log_scale: Tensor, bias: Tensor, both: Tensor | None, positives: Tensor | None
) -> Tensor:
    rows = [i for i in range(len(x)) if both is None or both[i]]
    total = torch.zeros((), dtype=x.dtype)
    for i in rows:
        for j in rows:
            z = 1 if i == j or (positives is not None and positives[i, j]) else -1
            total = total + (1 + (-z * (log_scale.exp() * cosine(x[i], y[j]) + bias)).exp()).log()
    return total / len(rows)


@pytest.mark.parametrize("both", [None, BOTH])
@pytest.mark.parametrize("positives", [None, POSITIVES])
@pytest.mark.parametrize("numbers", [(LOG_SCALE, BIAS), (0.0, -1.0)])
def test_it_is_the_loop_over_pairs(both: Tensor | None, positives: Tensor | None, numbers: tuple[float, float]) -> None:
    assert_agree(
        lambda x, y, t, b: siglip(x, y, both, positives=positives, log_scale=t, bias=b),
        lambda x, y, t, b: naive(x, y, t, b, both, positives),
        points(5, 3),
        points(5, 3, seed=1),
        *start(*numbers),
    )


def test_the_paper_starts_at_a_scale_of_ten() -> None:
    assert math.exp(LOG_SCALE) == pytest.approx(10)


def test_no_tracks_cost_nothing_and_every_input_has_a_path() -> None:
    def loss(x: Tensor, y: Tensor, t: Tensor, b: Tensor) -> Tensor:
        return siglip(x, y, torch.zeros(len(x), dtype=torch.bool), log_scale=t, bias=b)

    assert_nothing(loss, points(4, 3), points(4, 3, seed=1), *start())
    assert_nothing(loss, torch.empty(0, 3), torch.empty(0, 3), *start())


def test_one_track_is_one_positive() -> None:
    t, b = start(0.0, 0.0)
    x = points(1, 3)
    assert siglip(x, x, log_scale=t, bias=b).item() == pytest.approx(math.log1p(math.exp(-1)))


def test_extreme_scales_and_zero_rows_stay_finite() -> None:
    for x in (torch.zeros(5, 3), torch.ones(5, 3)):
        assert_finite(lambda x, y, t, b: siglip(x, y, log_scale=t, bias=b), x, -x, *start(math.log(1000), -500))


def test_rows_without_both_views_are_not_looked_at() -> None:
    x, y = points(5, 3), points(5, 3, seed=1)
    t, b = start()
    damaged = torch.where(BOTH[:, None], x.detach(), torch.nan).requires_grad_()
    value = siglip(damaged, y, BOTH, log_scale=t, bias=b)
    torch.testing.assert_close(value, siglip(x, y, BOTH, log_scale=t, bias=b))
    assert all((gradient[~BOTH] == 0).all() for gradient in gradients(value, (damaged, y)))


def test_sides_and_order_do_not_matter() -> None:
    x, y = points(5, 3).detach(), points(5, 3, seed=1).detach()
    t, b = start()
    expected = siglip(x, y, BOTH, positives=POSITIVES, log_scale=t, bias=b)
    torch.testing.assert_close(siglip(y, x, BOTH, positives=POSITIVES.T, log_scale=t, bias=b), expected)
    order = torch.randperm(5, generator=torch.Generator().manual_seed(1))
    shuffled = siglip(x[order], y[order], BOTH[order], positives=POSITIVES[order][:, order], log_scale=t, bias=b)
    torch.testing.assert_close(shuffled, expected)

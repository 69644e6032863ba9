import pytest
import torch
from torch import Tensor

from models.losses.info_nce import info_nce
from models.losses.supervised_contrastive import supervised_contrastive
from tests.models.losses.agreement import (
    assert_agree,
    assert_finite,
    assert_nothing,
    cosine,
    gradients,
    points,
    yes_or_no,
)

BOTH = torch.tensor([True, False, True, True, True, False])
POSITIVES = yes_or_no(6, 6, share=0.3)


def naive(left: Tensor, right: Tensor, both: Tensor | None, positives: Tensor | None, temperature: float) -> Tensor:
    rows = [i for i in range(len(left)) if both is None or both[i]]

    def term(i: int, *, of_left: bool) -> Tensor:
        total = torch.zeros((), dtype=left.dtype)
        for j in rows:
            a, b = (i, j) if of_left else (j, i)
            if j == i or positives is None or not positives[a, b]:
                total = total + (cosine(left[a], right[b]) / temperature).exp()
        return total.log() - cosine(left[i], right[i]) / temperature

    terms = [term(i, of_left=side) for i in rows for side in (True, False)]
    return torch.stack(terms).sum() / len(terms)


@pytest.mark.parametrize("both", [None, BOTH])
@pytest.mark.parametrize("positives", [None, POSITIVES])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_it_is_the_loop_over_rows(both: Tensor | None, positives: Tensor | None, temperature: float) -> None:
    assert_agree(
        lambda x, y: info_nce(x, y, both, positives=positives, temperature=temperature),
        lambda x, y: naive(x, y, both, positives, temperature),
        points(6, 3),
        points(6, 3, seed=1),
    )


def test_the_temperature_can_be_learned() -> None:
    x, y = points(5, 3).detach(), points(5, 3, seed=1).detach()
    temperature = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda t: info_nce(x, y, temperature=t), (temperature,))


def test_rows_without_both_views_are_not_looked_at() -> None:
    x, y = points(6, 3), points(6, 3, seed=1)
    damaged = torch.where(BOTH[:, None], x.detach(), torch.nan).requires_grad_()
    value = info_nce(damaged, y, BOTH)
    torch.testing.assert_close(value, info_nce(x, y, BOTH))
    assert all((gradient[~BOTH] == 0).all() for gradient in gradients(value, (damaged, y)))


def test_nothing_to_compare_costs_nothing() -> None:
    assert_nothing(info_nce, points(1, 3), points(1, 3, seed=1))
    assert_nothing(info_nce, torch.empty(0, 3), torch.empty(0, 3))
    nobody = torch.zeros(6, dtype=torch.bool)
    assert_nothing(lambda x, y: info_nce(x, y, nobody, positives=POSITIVES), points(6, 3), points(6, 3, seed=1))
    everything = torch.ones(6, 6, dtype=torch.bool)
    assert_nothing(lambda x, y: info_nce(x, y, positives=everything), points(6, 3), points(6, 3, seed=1))


def test_zero_equal_huge_and_opposite_rows_stay_finite() -> None:
    for x in (torch.zeros(4, 3), torch.ones(4, 3), 1e30 * torch.eye(4, 3), 1e-30 * torch.ones(4, 3)):
        assert_finite(lambda x, y: info_nce(x, y, temperature=0.001), x, -x)
    assert_finite(lambda x, y: info_nce(x, y, temperature=0.001), torch.ones(4, 3), -torch.ones(4, 3))


def test_sides_order_and_length_of_rows_do_not_matter() -> None:
    x, y = points(6, 3).detach(), points(6, 3, seed=1).detach()
    expected = info_nce(x, y, BOTH, positives=POSITIVES)
    torch.testing.assert_close(info_nce(y, x, BOTH, positives=POSITIVES.T), expected)
    order = torch.randperm(6, generator=torch.Generator().manual_seed(1))
    shuffled = info_nce(x[order], y[order], BOTH[order], positives=POSITIVES[order][:, order])
    torch.testing.assert_close(shuffled, expected)
    torch.testing.assert_close(info_nce(3 * x, y / 5, BOTH, positives=POSITIVES), expected)


def test_views_that_fit_cost_less_than_views_that_do_not() -> None:
    x = torch.eye(5)
    assert info_nce(x, x) < 0.001 < info_nce(x, x.roll(1, 0))


def test_nt_xent_of_both_views_is_supervised_contrastive_with_a_label_a_track() -> None:
    x, y = points(4, 3).detach(), points(4, 3, seed=1).detach()
    rows, count = torch.cat([x, y]), 4
    terms = []
    for i in range(2 * count):
        logits = torch.stack([cosine(rows[i], rows[j]) / 0.1 for j in range(2 * count) if j != i])
        terms.append(logits.logsumexp(0) - cosine(rows[i], rows[(i + count) % (2 * count)]) / 0.1)
    labels = torch.arange(count).repeat(2)
    torch.testing.assert_close(supervised_contrastive(rows, labels, temperature=0.1), torch.stack(terms).mean())

import pytest
import torch
from torch import Tensor

from models.losses.hinge_ranking import hinge_ranking
from tests.models.losses.agreement import assert_agree, assert_finite, assert_nothing, distance, points, yes_or_no

POSITIVES = yes_or_no(4, 5, share=0.4)
EXCLUDED = yes_or_no(4, 5, share=0.2, seed=3)


def naive(x: Tensor, y: Tensor, positives: Tensor, excluded: Tensor | None, margin: float) -> Tensor:
    def direction(a: Tensor, b: Tensor, alike: Tensor, ignored: Tensor | None) -> Tensor:
        total, triplets = torch.zeros((), dtype=a.dtype), 0
        for i in range(len(a)):
            seen = [j for j in range(len(b)) if ignored is None or not ignored[i, j]]
            for near in (j for j in seen if alike[i, j]):
                for far in (j for j in seen if not alike[i, j]):
                    triplets += 1
                    hinge = margin + distance(a[i], b[near]) - distance(a[i], b[far])
                    if hinge > 0:
                        total = total + hinge
        return total / max(triplets, 1)

    back = direction(y, x, positives.T, None if excluded is None else excluded.T)
    return (direction(x, y, positives, excluded) + back) / 2


@pytest.mark.parametrize("margin", [0.05, 1.0])
@pytest.mark.parametrize("excluded", [None, EXCLUDED])
def test_it_is_the_loop_over_triplets(margin: float, excluded: Tensor | None) -> None:
    assert_agree(
        lambda x, y: hinge_ranking(x, y, POSITIVES, excluded=excluded, margin=margin),
        lambda x, y: naive(x, y, POSITIVES, excluded, margin),
        points(4, 3),
        points(5, 3, seed=1),
    )


def test_row_belongs_to_row_unless_told() -> None:
    own = torch.eye(5, dtype=torch.bool)
    assert_agree(hinge_ranking, lambda x, y: naive(x, y, own, None, 0.05), points(5, 3), points(5, 3, seed=1))


def test_neighbours_within_one_space() -> None:
    self = torch.eye(5, dtype=torch.bool)
    near = yes_or_no(5, 5, share=0.4)

    def naive_distance_free_of_self(x: Tensor) -> Tensor:
        terms = []
        for alike in (near, near.T):
            triplets = [
                0.5 + distance(x[i], x[j]) - distance(x[i], x[k])
                for i in range(5)
                for j in range(5)
                for k in range(5)
                if i not in {j, k} and alike[i, j] and not alike[i, k]
            ]
            terms.append(torch.stack(triplets).relu().mean())
        return (terms[0] + terms[1]) / 2

    assert_agree(
        lambda x: hinge_ranking(x, x, near, excluded=self, margin=0.5), naive_distance_free_of_self, points(5, 3)
    )


def test_known_figures() -> None:
    x, y = torch.tensor([[0.0], [1.0]]), torch.tensor([[0.5], [1.0]])
    # 0 -> its own at .5, the other at 1; 1 -> its own at 0, the other at .5: satisfied; .5 -> both at .5; 1 satisfied.
    assert hinge_ranking(x, y).item() == pytest.approx(0.05 / 4)


def test_equal_rows_have_a_finite_gradient() -> None:
    assert_finite(lambda x, y: hinge_ranking(x, y, POSITIVES), torch.ones(4, 3), torch.ones(5, 3))
    assert_finite(hinge_ranking, torch.ones(40, 3), torch.ones(40, 3))


def test_near_duplicates_are_told_apart_in_float32() -> None:
    x = torch.full((64, 128), 5.0) + 1e-3 * points(64, 128, dtype=torch.float32).detach()
    ours = hinge_ranking(x, x.roll(1, 0))
    torch.testing.assert_close(ours.double(), hinge_ranking(x.double(), x.double().roll(1, 0)), rtol=1e-4, atol=0)


def test_nothing_to_rank_costs_nothing() -> None:
    x, y = points(4, 3), points(5, 3, seed=1)
    for positives, excluded in (
        (torch.zeros(4, 5, dtype=torch.bool), None),
        (torch.ones(4, 5, dtype=torch.bool), None),
        (POSITIVES, torch.ones(4, 5, dtype=torch.bool)),
    ):
        assert_nothing(lambda x, y, p=positives, e=excluded: hinge_ranking(x, y, p, excluded=e), x, y)
    assert_nothing(hinge_ranking, points(1, 3), points(1, 3, seed=1))
    assert_nothing(hinge_ranking, torch.empty(0, 3), torch.empty(0, 3))


def test_sides_order_and_place_do_not_matter() -> None:
    x, y = points(4, 3).detach(), points(5, 3, seed=1).detach()
    expected = hinge_ranking(x, y, POSITIVES, excluded=EXCLUDED)
    torch.testing.assert_close(hinge_ranking(y, x, POSITIVES.T, excluded=EXCLUDED.T), expected)
    order = torch.randperm(4, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(hinge_ranking(x[order], y, POSITIVES[order], excluded=EXCLUDED[order]), expected)
    torch.testing.assert_close(hinge_ranking(x + 3, y + 3, POSITIVES, excluded=EXCLUDED), expected)

import pytest
import torch
from torch import Tensor

from models.losses.neighbour_positive import neighbour_positive
from tests.models.losses.agreement import (
    assert_agree,
    assert_finite,
    assert_nothing,
    cosine,
    points,
    yes_or_no,
)

COUNT = 6
POSITIVES = yes_or_no(COUNT, COUNT, share=0.4).index_fill(0, torch.tensor([2]), False)
KNOWN = yes_or_no(COUNT, COUNT, share=0.7, seed=1)


def naive(x: Tensor, positives: Tensor, known: Tensor | None, temperature: float) -> Tensor:
    terms = []
    for i in range(len(x)):
        others = [j for j in range(len(x)) if j != i and (known is None or known[i, j])]
        near = [j for j in others if positives[i, j]]
        if near:
            total = torch.stack([(cosine(x[i], x[j]) / temperature).exp() for j in others]).sum().log()
            terms.append(torch.stack([total - cosine(x[i], x[j]) / temperature for j in near]).mean())
    return torch.stack(terms).mean()


@pytest.mark.parametrize("known", [None, KNOWN])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_it_is_the_loop_over_tracks(known: Tensor | None, temperature: float) -> None:
    assert not POSITIVES[2].any()
    assert_agree(
        lambda x: neighbour_positive(x, POSITIVES, known, temperature=temperature),
        lambda x: naive(x, POSITIVES, known, temperature),
        points(COUNT, 3),
    )


def test_a_track_is_not_its_own_neighbour() -> None:
    x = points(COUNT, 3)
    with_self = POSITIVES | torch.eye(COUNT, dtype=torch.bool)
    torch.testing.assert_close(neighbour_positive(x, with_self), neighbour_positive(x, POSITIVES))
    assert_nothing(lambda x: neighbour_positive(x, torch.eye(COUNT, dtype=torch.bool)), x)


def test_an_unknown_pair_is_as_if_the_two_had_never_met() -> None:
    x = points(4, 3).detach()
    positives = torch.zeros(4, 4, dtype=torch.bool)
    positives[0, 1] = True
    known = torch.ones(4, 4, dtype=torch.bool)
    known[:, 3] = False
    torch.testing.assert_close(neighbour_positive(x, positives, known), neighbour_positive(x[:3], positives[:3, :3]))


def test_nothing_to_learn_from_costs_nothing() -> None:
    nothing = torch.zeros(COUNT, COUNT, dtype=torch.bool)
    assert_nothing(lambda x: neighbour_positive(x, nothing), points(COUNT, 3))
    assert_nothing(lambda x: neighbour_positive(x, POSITIVES, nothing), points(COUNT, 3))
    assert_nothing(lambda x: neighbour_positive(x, torch.ones(1, 1, dtype=torch.bool)), points(1, 3))
    assert_nothing(lambda x: neighbour_positive(x, torch.ones(0, 0, dtype=torch.bool)), torch.empty(0, 3))


def test_zero_equal_and_huge_rows_stay_finite() -> None:
    for x in (torch.zeros(COUNT, 3), torch.ones(COUNT, 3), 1e30 * torch.eye(COUNT, 3)):
        assert_finite(lambda x: neighbour_positive(x, POSITIVES, KNOWN, temperature=0.001), x)


def test_order_does_not_matter() -> None:
    x = points(COUNT, 3).detach()
    order = torch.randperm(COUNT, generator=torch.Generator().manual_seed(1))
    shuffled = neighbour_positive(x[order], POSITIVES[order][:, order], KNOWN[order][:, order])
    torch.testing.assert_close(shuffled, neighbour_positive(x, POSITIVES, KNOWN))

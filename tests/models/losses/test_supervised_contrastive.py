import pytest
import torch
from torch import Tensor

from models.losses.supervised_contrastive import supervised_contrastive
from tests.models.losses.agreement import assert_agree, assert_finite, assert_nothing, cosine, points

LABELS = torch.tensor([4, 4, -1, 7, 4, -1, 7, 9])


def naive(x: Tensor, labels: list[int], temperature: float) -> Tensor:
    terms = []
    for i, label in enumerate(labels):
        near = [j for j, other in enumerate(labels) if j != i and other == label and label != -1]
        if not near:
            continue
        total = torch.zeros((), dtype=x.dtype)
        for j in range(len(x)):
            if j != i:
                total = total + (cosine(x[i], x[j]) / temperature).exp()
        term = torch.zeros((), dtype=x.dtype)
        for j in near:
            term = term - ((cosine(x[i], x[j]) / temperature).exp() / total).log()
        terms.append(term / len(near))
    return torch.stack(terms).sum() / len(terms)


@pytest.mark.parametrize("temperature", [0.07, 1.0])
def test_it_is_the_loop_over_anchors(temperature: float) -> None:
    assert_agree(
        lambda x: supervised_contrastive(x, LABELS, temperature=temperature),
        lambda x: naive(x, LABELS.tolist(), temperature),
        points(8, 3),
    )


def test_labels_met_once_or_unknown_ask_nothing() -> None:
    assert_nothing(lambda x: supervised_contrastive(x, torch.tensor([-1, -1, -1, 2, 3])), points(5, 3))
    assert_nothing(lambda x: supervised_contrastive(x, torch.tensor([5])), points(1, 3))
    assert_nothing(lambda x: supervised_contrastive(x, torch.empty(0, dtype=torch.int64)), torch.empty(0, 3))


def test_an_unknown_track_is_a_negative() -> None:
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    assert supervised_contrastive(x, torch.tensor([1, 1, -1])).item() == pytest.approx(0.6931, abs=1e-4)


def test_zero_and_equal_rows_stay_finite() -> None:
    for x in (torch.zeros(8, 3), torch.ones(8, 3)):
        assert_finite(lambda x: supervised_contrastive(x, LABELS, temperature=0.001), x)


def test_order_and_names_of_labels_do_not_matter() -> None:
    x = points(8, 3).detach()
    expected = supervised_contrastive(x, LABELS)
    order = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(supervised_contrastive(x[order], LABELS[order]), expected)
    torch.testing.assert_close(supervised_contrastive(x, torch.where(LABELS == -1, -1, 100 - LABELS)), expected)

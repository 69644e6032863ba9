import pytest
import torch
from torch import Tensor

from models.errors import ModelError
from models.joint.modality_dropout import drop_modalities

MASK = torch.rand(4000, 6, generator=torch.Generator().manual_seed(1)) < 0.5


def dropped(mask: Tensor, probability: float, seed: int = 0) -> Tensor:
    return drop_modalities(mask, probability=probability, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.9, 1.0])
def test_nothing_is_added_and_no_track_loses_everything(probability: float) -> None:
    assert not MASK.any(dim=1).all()
    kept = dropped(MASK, probability)
    assert kept.dtype == torch.bool
    assert not (kept & ~MASK).any()
    assert torch.equal(kept.any(dim=1), MASK.any(dim=1))


def test_none_and_all() -> None:
    assert torch.equal(dropped(MASK, 0.0), MASK)
    assert torch.equal(dropped(MASK, 1.0).sum(dim=1), MASK.any(dim=1).long())


def test_each_subset_comes_as_often_as_it_should() -> None:
    mask = torch.tensor([[False, True, True, False, False, True]]).expand(40_000, 6)
    kept = dropped(mask, 0.4)[:, [1, 2, 5]]
    counts = torch.bincount((kept * torch.tensor([1, 2, 4])).sum(dim=1), minlength=8) / len(mask)
    expected = torch.tensor([0.6 ** bin(s).count("1") * 0.4 ** (3 - bin(s).count("1")) for s in range(8)])
    expected[[1, 2, 4]] += expected[0] / 3
    expected[0] = 0
    torch.testing.assert_close(counts, expected, atol=0.012, rtol=0)


def test_the_seed_decides() -> None:
    assert torch.equal(dropped(MASK, 0.5), dropped(MASK, 0.5))
    assert not torch.equal(dropped(MASK, 0.5), dropped(MASK, 0.5, seed=1))
    assert dropped(MASK[:0], 0.5).shape == (0, 6)


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_a_probability_out_of_range_is_refused(probability: float) -> None:
    with pytest.raises(ModelError, match="give a number from 0 to 1"):
        dropped(MASK, probability)

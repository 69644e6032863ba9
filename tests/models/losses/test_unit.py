import pytest
import torch

from models.losses.unit import unit
from tests.models.losses.agreement import assert_finite, points


@pytest.mark.parametrize("length", [1e-30, 1e-6, 1.0, 1e30])
def test_rows_of_any_length_become_one_long(length: float) -> None:
    x = length * points(5, 4, dtype=torch.float32).detach()
    torch.testing.assert_close(torch.linalg.vector_norm(unit(x), dim=1), torch.ones(5))


def test_the_gradient_is_that_of_a_division_by_the_length() -> None:
    assert torch.autograd.gradcheck(unit, (points(5, 4),))


def test_a_zero_row_stays_zero_with_a_finite_gradient() -> None:
    x = torch.zeros(2, 3)
    assert (unit(x) == 0).all()
    assert_finite(lambda x: unit(x).sum(), x)
    assert unit(torch.empty(0, 3)).shape == (0, 3)

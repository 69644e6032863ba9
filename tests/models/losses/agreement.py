from collections.abc import Callable

import torch
from torch import Tensor

Loss = Callable[..., Tensor]


def points(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=dtype).requires_grad_()


def yes_or_no(*shape: int, share: float, seed: int = 0) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < share


def gradients(value: Tensor, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """Return the gradient with respect to each input; fail where there is no path to one."""
    return list(torch.autograd.grad(value, inputs))


def assert_agree(loss: Loss, naive: Loss, *inputs: Tensor) -> None:
    """Compare value and gradients with a loop over torch scalars, and the gradients with finite differences."""
    assert all(x.dtype == torch.float64 for x in inputs)
    value, expected = loss(*inputs), naive(*inputs)
    assert value.shape == ()
    assert expected > 0, "a loss of nothing compares nothing"
    torch.testing.assert_close(value, expected, rtol=1e-11, atol=1e-12)
    for ours, theirs in zip(gradients(value, inputs), gradients(expected, inputs), strict=True):
        assert theirs.abs().max() > 0
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)
    assert torch.autograd.gradcheck(loss, inputs)
    singles = [x.detach().float().requires_grad_() for x in inputs]
    single = loss(*singles)
    assert single.dtype == torch.float32
    torch.testing.assert_close(single, expected.float(), rtol=1e-4, atol=1e-5)


def assert_finite(loss: Loss, *inputs: Tensor) -> None:
    """Check that value and gradients are finite, in float32 as in float64."""
    for dtype in (torch.float32, torch.float64):
        cast = tuple(x.detach().to(dtype).requires_grad_() for x in inputs)
        value = loss(*cast)
        assert value.dtype == dtype
        assert torch.isfinite(value)
        assert all(torch.isfinite(gradient).all() for gradient in gradients(value, cast))


def assert_nothing(loss: Loss, *inputs: Tensor) -> None:
    """Check that the loss is zero and hands zero gradients back."""
    for dtype in (torch.float32, torch.float64):
        cast = tuple(x.detach().to(dtype).requires_grad_() for x in inputs)
        value = loss(*cast)
        assert value.dtype == dtype
        assert value == 0
        assert all((gradient == 0).all() for gradient in gradients(value, cast))


def cosine(a: Tensor, b: Tensor) -> Tensor:
    dot = squares_a = squares_b = torch.zeros((), dtype=a.dtype)
    for p, q in zip(a, b, strict=True):
        dot, squares_a, squares_b = dot + p * q, squares_a + p * p, squares_b + q * q
    return dot / (squares_a.sqrt() * squares_b.sqrt())


def distance(a: Tensor, b: Tensor) -> Tensor:
    total = torch.zeros((), dtype=a.dtype)
    for p, q in zip(a, b, strict=True):
        total = total + (p - q) ** 2
    return total.sqrt()

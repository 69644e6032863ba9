import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.covariance import ledoit_wolf as reference_ledoit_wolf

from models.errors import ModelError
from models.joint.whitening import BLOCK, fit_whitening, ledoit_wolf, principal, unit_rows


def cloud(count: int, width: int, *, seed: int = 0) -> NDArray[np.float64]:
    """Correlated rows with a falling spectrum and a mean far from zero."""
    rng = np.random.default_rng(seed)
    mixing = rng.standard_normal((width, width)) * 0.9 ** np.arange(width)[:, None]
    return np.asarray(rng.standard_normal((count, width)) @ mixing + 5 * rng.standard_normal(width))


@pytest.mark.parametrize(("count", "width"), [(500, 80), (40, 80), (300, 10), (2, 5)])
def test_equals_the_eigenvectors_of_the_shrunken_covariance(count: int, width: int) -> None:
    x = cloud(count, width)
    whitening = fit_whitening(x)
    covariance, _ = reference_ledoit_wolf(x)
    values, vectors = np.linalg.eigh(covariance)
    rank = min(BLOCK, width, count - 1)
    order = np.argsort(values)[::-1][:rank]
    expected = vectors[:, order] * values[order] ** -0.25
    signs = np.sign((expected * whitening.projection[:, :rank]).sum(axis=0))
    np.testing.assert_allclose(whitening.projection[:, :rank], expected * signs, rtol=1e-3, atol=1e-4)
    assert not whitening.projection[:, rank:].any()
    np.testing.assert_allclose(whitening.mean, x.mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize(("count", "width"), [(500, 80), (40, 80), (10, 300)])
def test_shrinkage_equals_the_reference(count: int, width: int) -> None:
    x = cloud(count, width)
    centred = x - x.mean(axis=0)
    assert ledoit_wolf(centred, principal(centred)[0]) == pytest.approx(reference_ledoit_wolf(x)[1], rel=1e-6)


def test_full_whitening_of_many_rows_gives_unit_covariance() -> None:
    rng = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(rng.standard_normal((12, 12)))
    x = rng.standard_normal((20_000, 12)) * np.linspace(3, 1, 12) @ rotation + 7
    whitening = fit_whitening(x, exponent=1.0)
    covariance = np.cov(whitening.apply(x)[:, :12].T)
    np.testing.assert_allclose(covariance, np.eye(12), atol=0.05)


def test_exponent_zero_keeps_distances() -> None:
    x = cloud(200, 20)
    projected = fit_whitening(x, exponent=0.0).apply(x)
    np.testing.assert_allclose(projected @ projected.T, (x - x.mean(0)) @ (x - x.mean(0)).T, rtol=1e-3, atol=1e-2)


def test_signs_do_not_depend_on_the_order_of_rows() -> None:
    x = cloud(300, 40)
    shuffled = x[np.random.default_rng(1).permutation(300)]
    np.testing.assert_allclose(fit_whitening(x).projection, fit_whitening(shuffled).projection, atol=1e-4)
    largest = np.abs(fit_whitening(x).projection).argmax(axis=0)
    assert (fit_whitening(x).projection[largest[:40], np.arange(40)] > 0).all()


@pytest.mark.parametrize("x", [np.ones((1, 7)), np.full((9, 7), 3.5), np.zeros((2, 7))])
def test_rows_without_a_difference_project_to_zero(x: NDArray[np.float64]) -> None:
    whitening = fit_whitening(x)
    assert whitening.projection.shape == (7, BLOCK)
    assert not whitening.apply(x).any()
    assert np.isfinite(whitening.projection).all()


@pytest.mark.parametrize("x", [np.zeros((0, 7)), np.zeros((3, 0)), np.zeros(4), np.array([[1.0, np.nan], [0, 0]])])
def test_what_cannot_be_fitted_is_refused(x: NDArray[np.float64]) -> None:
    with pytest.raises(ModelError):
        fit_whitening(x)


def test_unit_rows_leaves_zero_rows() -> None:
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(rows, np.array([[0.6, 0.8], [0.0, 0.0]]))

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.closed_form import fit_shared_maps, views_of
from models.joint.gcca import ROWS_AT_MOST, shrunken_correlation
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality

AUDIO, LYRICS, COVER = Modality.AUDIO, Modality.LYRICS, Modality.COVER
Data = tuple[dict[Modality, NDArray[np.float64]], dict[Modality, NDArray[np.bool_]]]


def views(count: int, *, seed: int = 0, present: float = 1.0, common: int = 6) -> Data:
    """Three views that see the same few causes through their own mixing, beside louder causes of their own."""
    rng = np.random.default_rng(seed)
    causes = np.random.default_rng(seed + 1000).standard_normal((count, common))
    x, masks = {}, {}
    for m, width in ((AUDIO, 40), (LYRICS, 60), (COVER, 30)):
        mixing = np.random.default_rng(width)
        own = 2 * rng.standard_normal((count, 5)) @ mixing.standard_normal((5, width))
        x[m] = causes @ mixing.standard_normal((common, width)) + own + 3.0
        masks[m] = rng.random(count) < present
    return x, masks


def fit_gcca(
    x: dict[Modality, NDArray[np.float64]],
    masks: dict[Modality, NDArray[np.bool_]],
    *,
    rows_at_most: int = ROWS_AT_MOST,
) -> dict[Modality, NDArray[np.float32]]:
    """Fit W_m [d, 64] for every modality, on the encoders' own numbers."""
    present = np.zeros((len(next(iter(masks.values()))), len(MODALITIES)), np.bool_)
    for m, mask in masks.items():
        present[:, MODALITIES.index(m)] = mask
    seen, rows = views_of(x, present, rows_at_most=rows_at_most)
    return {m: seen[m].unfolded(projection) for m, projection in fit_shared_maps(seen, len(rows)).items()}


def recall_at_1(shared: dict[Modality, NDArray[np.float32]], x: dict[Modality, NDArray[np.float64]]) -> float:
    z = {m: unit_rows((x[m] - x[m].mean(0)) @ shared[m]) for m in (AUDIO, LYRICS)}
    return float(np.mean((z[AUDIO] @ z[LYRICS].T).argmax(axis=1) == np.arange(len(x[AUDIO]))))


def test_two_complete_views_give_the_canonical_correlations() -> None:
    x, masks = views(4000)
    shared = fit_gcca({AUDIO: x[AUDIO], LYRICS: x[LYRICS]}, {AUDIO: masks[AUDIO], LYRICS: masks[LYRICS]})
    a, b = ((x[m] - x[m].mean(0)) @ shared[m] for m in (AUDIO, LYRICS))
    kept = np.abs(shared[AUDIO]).sum(axis=0) > 0
    projected = [np.corrcoef(a[:, i], b[:, i])[0, 1] for i in np.flatnonzero(kept)[:6]]

    def basis(view: NDArray[np.float64]) -> NDArray[np.float64]:
        left, values, _ = np.linalg.svd(view - view.mean(0), full_matrices=False)
        return np.asarray(left[:, values > 1e-6 * values[0]])

    exact = np.linalg.svd(basis(x[AUDIO]).T @ basis(x[LYRICS]), compute_uv=False)[:6]
    np.testing.assert_allclose(projected, exact, atol=0.02)


@pytest.mark.parametrize(("count", "present", "least"), [(60, 1.0, 0.5), (1000, 1.0, 0.9), (1000, 0.6, 0.9)])
def test_finds_the_same_track_across_views(count: int, present: float, least: float) -> None:
    shared = fit_gcca(*views(count, present=present))
    # New tracks through the same mixing: each must be found among 50 by another modality.
    fresh, _ = views(50, seed=7)
    assert recall_at_1(shared, fresh) > least


def test_a_third_view_bridges_two_that_are_never_seen_together() -> None:
    x, masks = views(2000)
    half = np.arange(2000) < 1000
    masks = {AUDIO: half, LYRICS: ~half, COVER: np.ones(2000, dtype=np.bool_)}
    assert recall_at_1(fit_gcca(x, masks), views(50, seed=7)[0]) > 0.8


def test_unrelated_views_share_nothing() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((500, 20)), rng.standard_normal((500, 20))
    assert np.linalg.norm(shrunken_correlation(a, b)) < 0.3 * np.linalg.norm(a.T @ b / 500)
    related = a + 0.1 * b
    assert np.linalg.norm(shrunken_correlation(a, related)) > 0.9 * np.linalg.norm(a.T @ related / 500)


def test_a_pair_with_few_common_tracks_shrinks_to_nothing() -> None:
    rng = np.random.default_rng(4)
    for count in (0, 1, 3, 10):
        few = shrunken_correlation(rng.standard_normal((count, 20)), rng.standard_normal((count, 20)))
        assert np.linalg.norm(few) < 0.5 * np.sqrt(20 * 20 / max(count, 1))
    assert not shrunken_correlation(np.ones((0, 4)), np.ones((0, 3))).any()


def test_missing_rows_are_not_looked_at() -> None:
    x, masks = views(300, present=0.7)
    expected = fit_gcca(x, masks)
    spoiled = {m: np.where(masks[m][:, None], rows, 1e6) for m, rows in x.items()}
    for m, projection in fit_gcca(spoiled, masks).items():
        np.testing.assert_array_equal(projection, expected[m])


def test_repeats_exactly_and_samples_large_libraries() -> None:
    x, masks = views(3000)
    one = fit_gcca(x, masks, rows_at_most=500)
    two = fit_gcca(x, masks, rows_at_most=500)
    for m in one:
        np.testing.assert_array_equal(one[m], two[m])
    assert recall_at_1(one, views(50, seed=7)[0]) > 0.9


@pytest.mark.parametrize("count", [2, 3, 12])
def test_tiny_libraries_are_answered_with_finite_numbers(count: int) -> None:
    x, masks = views(count)
    for m, projection in fit_gcca(x, masks).items():
        assert projection.shape == (x[m].shape[1], 64)
        assert np.isfinite(projection).all()


def test_one_modality_is_refused() -> None:
    x, masks = views(20)
    with pytest.raises(ModelError, match="two modalities"):
        fit_gcca({AUDIO: x[AUDIO]}, masks)
    with pytest.raises(ModelError, match="two modalities"):
        fit_gcca(x, {m: np.arange(20) < (20 if m is AUDIO else 1) for m in x})

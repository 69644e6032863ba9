from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.dataset import Dataset
from models.errors import ModelError
from models.joint.attribution import PAIRS_AT_ONCE, additivity, attribute, random_pairs
from models.joint.model import JointModel, Vectors
from models.modality import MODALITIES, Modality
from tests.models.test_binding import COLUMN, WIDTHS, binding, library


@dataclass(frozen=True)
class SideBySide:
    """A model whose score is a sum over modalities, with a constant for tracks without any."""

    constant: float = 0.0

    def embed(self, x: Vectors, present: NDArray[np.bool_]) -> NDArray[np.float32]:
        rows = [np.where(present[:, [COLUMN[m]]], x[m], 0) for m in MODALITIES if m in x]
        return np.hstack([np.full((len(present), 1), self.constant), *rows]).astype(np.float32)


def naive(model: JointModel, x: Vectors, present: NDArray[np.bool_], first: int, second: int) -> dict[Modality, float]:
    """Let the modalities come in every order, and average what each adds when it comes."""

    def score(kept: tuple[Modality, ...]) -> float:
        mask = present & np.isin(MODALITIES, kept)
        vectors = model.embed(x, mask).astype(np.float64)
        return float(vectors[first] @ vectors[second])

    added: dict[Modality, list[float]] = {m: [] for m in MODALITIES}
    for order in permutations([m for m in MODALITIES if m in x]):
        for place, m in enumerate(order):
            added[m].append(score(order[: place + 1]) - score(order[:place]))
    return {m: float(np.mean(values)) if values else 0.0 for m, values in added.items()}


def dataset(count: int = 60) -> Dataset:
    x, present = library(count)
    label = np.arange(count)
    names = tuple(str(i) for i in range(count))
    return Dataset(names, x, present, {m: f"{m}@1" for m in WIDTHS}, label, label, label, tuple(() for _ in names))


def test_it_is_the_mean_over_all_orders() -> None:
    model, (x, present) = binding(), library(8)
    pairs = np.array([[0, 1], [2, 3], [4, 5], [6, 7], [3, 3]])
    got = attribute(model, x, present, pairs)
    for row, (first, second) in enumerate(pairs):
        expected = naive(model, x, present, first, second)
        np.testing.assert_allclose(got.by_modality[row], [expected[m] for m in MODALITIES], atol=1e-6)
    assert np.abs(got.by_modality).max() > 0.01


def test_contributions_add_up_to_the_score_also_over_batches() -> None:
    model, (x, present) = binding(), library(40)
    pairs = random_pairs(40, PAIRS_AT_ONCE + 11, seed=3)
    got = attribute(model, x, present, pairs)
    vectors = model.embed(x, present).astype(np.float64)
    np.testing.assert_allclose(got.scores, np.einsum("pd,pd->p", vectors[pairs[:, 0]], vectors[pairs[:, 1]]), atol=1e-6)
    np.testing.assert_allclose(got.empty + got.by_modality.sum(axis=1), got.scores, atol=1e-12)
    assert (got.empty == 0).all()


def test_of_a_sum_every_modality_gets_its_own_term() -> None:
    x, present = library(20)
    pairs = random_pairs(20, 30, seed=0)
    got = attribute(SideBySide(constant=2.0), x, present, pairs)
    np.testing.assert_allclose(got.empty, 4.0)
    for m, vectors in x.items():
        both = present[pairs, COLUMN[m]].all(axis=1)
        own = np.einsum("pd,pd->p", vectors[pairs[:, 0]].astype(float), vectors[pairs[:, 1]].astype(float)) * both
        np.testing.assert_allclose(got.by_modality[:, COLUMN[m]], own, rtol=1e-6, atol=1e-9)


def test_what_neither_track_has_adds_nothing_and_sides_do_not_matter() -> None:
    model, (x, present) = binding(), library(20)
    present[:, COLUMN[Modality.TAGS]] = True  # no vectors of these
    pairs = random_pairs(20, 30, seed=0)
    got = attribute(model, x, present, pairs)
    absent = ~present[pairs].any(axis=1)
    assert absent.any()
    assert (np.abs(got.by_modality[absent]) < 1e-12).all()
    assert (got.by_modality[:, COLUMN[Modality.TAGS]] == 0).all()
    np.testing.assert_allclose(attribute(model, x, present, pairs[:, ::-1]).by_modality, got.by_modality, atol=1e-6)


def test_no_pairs_and_tracks_without_anything() -> None:
    model, (x, present) = binding(), library(5)
    assert attribute(model, x, present, np.empty((0, 2), np.int64)).by_modality.shape == (0, 6)
    nothing = attribute(model, x, np.zeros_like(present), np.array([[0, 1]]))
    assert (nothing.by_modality == 0).all()
    assert nothing.scores.tolist() == [0]


def test_a_sum_is_additive_and_a_network_is_less_so() -> None:
    data = dataset()
    assert additivity(SideBySide(constant=1.0), data) == pytest.approx(1, abs=1e-9)
    network = additivity(binding(), data)
    assert 0 < network < 0.99
    assert network == additivity(binding(), data)


def test_r2_is_that_of_a_regression_on_single_scores() -> None:
    model, data = binding(), dataset()
    pairs = random_pairs(len(data), 300, seed=1)
    full = model.embed(data.x, data.present).astype(float)
    columns = [np.ones(300)]
    for m in WIDTHS:
        alone = model.embed({m: data.x[m]}, data.present).astype(float)
        columns.append((alone[pairs[:, 0]] * alone[pairs[:, 1]]).sum(axis=1))
    scores = (full[pairs[:, 0]] * full[pairs[:, 1]]).sum(axis=1)
    design = np.stack(columns, axis=1)
    fitted = design @ np.linalg.solve(design.T @ design, design.T @ scores)
    expected = np.corrcoef(fitted, scores)[0, 1] ** 2
    assert additivity(model, data, pairs=300, seed=1) == pytest.approx(expected, abs=1e-6)


def test_scores_all_alike_are_additive_and_one_track_has_no_pairs() -> None:
    data = dataset()
    nobody = Dataset(
        data.ids,
        data.x,
        np.zeros_like(data.present),
        data.encoders,
        data.artists,
        data.albums,
        data.titles,
        data.genres,
    )
    assert additivity(binding(), nobody) == 1
    with pytest.raises(ModelError, match="two tracks"):
        additivity(binding(), data.take(np.array([0])))
    with pytest.raises(ModelError, match="two tracks"):
        additivity(binding(), data, pairs=0)


def test_random_pairs_are_two_different_tracks_each_as_often() -> None:
    pairs = random_pairs(3, 6000, seed=0)
    assert (pairs[:, 0] != pairs[:, 1]).all()
    counts = np.bincount(pairs[:, 0] * 3 + pairs[:, 1], minlength=9)
    assert (counts[[1, 2, 3, 5, 6, 7]] > 800).all()

"""The ways to fit a space to a library: what a blend is made of, and which of them is chosen."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.report import Measured
from indexer.spaces.choice import fitting_of, start
from indexer.spaces.fits import ENOUGH_DISTINCT, FITS, Fitting, Material, blend
from indexer.spaces.inputs import Inputs
from indexer.stages.space import place
from indexer.storing.store import Store
from models.errors import ModelError
from models.joint.additive import Head, Space
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality
from tests.indexer.placed import fill
from tests.indexer.rows import open_store

A, B, C = Modality.AUDIO, Modality.TAGS, Modality.COVER
Vectors = Mapping[Modality, NDArray[np.float32]]


def material(counts: Mapping[Modality, int], *, seed: int = 0, count: int = 400) -> Material:
    """Draw vectors of a hidden point a track, present for the first `counts[m]`; the base is fitted to other tracks."""
    generator = np.random.default_rng(seed)
    mixing = {m: generator.normal(size=(10, 20)) for m in counts}

    def drawn(rows: int) -> Vectors:
        hidden = generator.normal(size=(rows, 10))
        return {
            m: (hidden @ mixing[m] + 0.3 * generator.normal(size=(rows, 20)) + 5).astype(np.float32) for m in counts
        }

    def mask(rows: int, present: Mapping[Modality, int]) -> NDArray[np.bool_]:
        return np.column_stack([np.arange(rows) < present.get(m, 0) for m in MODALITIES])

    encoders = {m: f"{m.value}@1" for m in counts}
    elsewhere = drawn(500)
    base = fit_shared_space(elsewhere, mask(500, dict.fromkeys(counts, 500)), encoders=encoders, name="base")
    return Material(drawn(count), mask(count, counts), encoders, base)


def shared_of(space: Space, m: Modality) -> NDArray[np.float32]:
    shared = space.heads[m].shared
    assert shared is not None
    return shared


def agreement(space: Space, x: Vectors, a: Modality, b: Modality) -> float:
    """Return the mean cosine of the shared blocks of two modalities of the same tracks."""
    rows = {m: (x[m] - space.heads[m].mean) @ shared for m in (a, b) if (shared := space.heads[m].shared) is not None}
    one, other = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in rows.values())
    return float((one * other).sum(axis=1).mean())


def test_blend_fits_what_has_data_and_turns_the_rest_into_its_frame() -> None:
    stuff = material({A: 400, B: 400, C: ENOUGH_DISTINCT - 1})
    space = blend(stuff)
    for m in (A, B):
        np.testing.assert_array_equal(space.heads[m].shared, stuff.refit.heads[m].shared)
    base, turned = shared_of(stuff.base, C), shared_of(space, C)
    np.testing.assert_allclose(turned @ turned.T, base @ base.T, atol=1e-4)
    for m in (A, B, C):
        np.testing.assert_array_equal(space.heads[m].private, stuff.base.heads[m].private)
        np.testing.assert_allclose(
            space.heads[m].mean, stuff.x[m][stuff.present[:, MODALITIES.index(m)]].mean(0), atol=1e-4
        )
    assert agreement(space, stuff.x, A, C) > 0.8
    mixed = Space({**space.heads, C: Head("cover@1", space.heads[C].mean, base, space.heads[C].private)}, alpha=0.5)
    assert agreement(mixed, stuff.x, A, C) < 0.4


def test_blend_without_enough_data_is_the_base_about_the_librarys_mean() -> None:
    stuff = material({A: 70, B: 70})
    space = blend(stuff)
    for m in (A, B):
        np.testing.assert_allclose(shared_of(space, m), shared_of(stuff.base, m))
    assert space.alpha == stuff.base.alpha


def test_blend_without_a_shipped_head_is_the_refit() -> None:
    """A local head has seen the tracks of every fold: measured in a blend it would flatter."""
    drawn = material({A: 400, B: 400})
    space = blend(Material(drawn.x, drawn.present, drawn.encoders, drawn.base, local={A, B}))
    for m in (A, B):
        np.testing.assert_array_equal(space.heads[m].private, drawn.refit.heads[m].private)
        np.testing.assert_array_equal(shared_of(space, m), shared_of(drawn.refit, m))


def test_better_than_another_fit_is_not_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refit gains across and loses a little, the blend is better than it but no better than what is in use."""

    def measured(_: Fitting, __: Store, space: Space | str) -> Measured:
        retrieval, across = {"refit": (0.495, 0.6), "blend": (0.5, 0.5)}.get(str(space), (0.5, 0.5))
        return Measured(np.arange(200) // 2, np.full((200, 3), retrieval), np.full(200, across))

    monkeypatch.setattr(Fitting, "measured", measured)
    with open_store(tmp_path) as store:
        fill(store, 60)
        inputs = Inputs(store)
        verdict = fitting_of(inputs).best(store, "base", {"base": start(store, inputs).space})
    assert verdict.best == "refit"
    assert verdict.reason == "retrieval is as good, cross-modal recall better"


def test_repeated_vectors_are_not_many() -> None:
    stuff = material({A: 400, B: 400})
    same = {m: np.repeat(x[:50], 8, axis=0) for m, x in stuff.x.items()}
    space = blend(Material(same, stuff.present, stuff.encoders, stuff.base))
    np.testing.assert_allclose(shared_of(space, A), shared_of(stuff.base, A))


def test_fits_of_folds_see_no_track_of_the_fold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path) as store:
        fill(store, 80)
        inputs = Inputs(store)
        fitting = fitting_of(inputs)
        sizes = []

        def seen(stuff: Material) -> Space:
            sizes.append(len(stuff.present))
            return stuff.base

        monkeypatch.setitem(FITS, "seen", seen)
        fitting.measured(store, "seen")
        assert sum(80 - size for size in sizes) == 80
        fitting.whole("seen")
        assert sizes[-1] == 80


def failing(_: Material) -> Space:
    raise ModelError("no such thing")


def test_fit_that_fails_is_named_and_the_others_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FITS, "failing", failing)
    with open_store(tmp_path) as store:
        fill(store, 90)
        list(place(store))
        inputs = Inputs(store)
        verdict = fitting_of(inputs).best(store, "base", {"base": start(store, inputs).space})
        assert verdict.best == "refit"
        assert verdict.failed == {"failing": "no such thing"}
        assert set(verdict.measured) == {"base", "refit", "blend"}


def test_all_fits_failing_keeps_the_space_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FITS:
        monkeypatch.setitem(FITS, name, failing)
    with open_store(tmp_path) as store:
        fill(store, 90)
        list(place(store))
        rows = store.connection.execute("SELECT name, report FROM spaces").fetchall()
        assert [row[0] for row in rows] == ["embedded-local"]
        assert "no such thing" in rows[0][1]
        assert store.fact("refit_tried") == 90


@pytest.mark.parametrize(("gains", "best"), [((0.0, 0.0), "base"), ((0.3, 0.0), "refit"), ((0.1, 0.4), "blend")])
def test_the_best_by_the_report_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gains: tuple[float, float], best: str
) -> None:
    def measured(_: Fitting, __: Store, space: Space | str) -> Measured:
        gain = dict(zip(FITS, gains, strict=True)).get(space, 0.0) if isinstance(space, str) else 0.0
        groups = np.arange(200) // 2
        noise = 0.01 * np.random.default_rng(0).normal(size=(200, 3))
        return Measured(groups, 0.5 + gain + noise, np.full(200, 0.5))

    monkeypatch.setattr(Fitting, "measured", measured)
    with open_store(tmp_path) as store:
        fill(store, 60)
        inputs = Inputs(store)
        verdict = fitting_of(inputs).best(store, "base", {"base": start(store, inputs).space})
    assert verdict.best == best
    report = verdict.report("said")
    assert set(report["measured"]) == {"base", "refit", "blend"}
    assert report["note"] == "said"

"""Every recipe on small data: it learns what is there, and says in one line what it cannot learn from."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.dataset import UNKNOWN, Dataset
from models.errors import ModelError
from models.joint.additive import Space
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality
from models.training.binding_recipe import LOSSES, BindingOptions
from models.training.binding_task import BindingTask
from models.training.contrastive_recipe import ContrastiveOptions
from models.training.contrastive_task import ContrastiveTask
from models.training.fit import fitting
from models.training.loop import Trainer
from models.training.recipes import RECIPES
from tests.models.training.small_data import TWO, small_dataset

SMALL: dict[str, dict[str, Any]] = {
    "pca": {},
    "gcca": {},
    "contrastive": {"epochs": 4, "batch": 40, "least_inputs": 2},
    "binding": {"epochs": 4, "batch": 128, "size": 16},
}


def fitted(name: str, dataset: Dataset, **values: Any) -> Any:
    return fitting(RECIPES[name], SMALL[name] | values)(dataset, 0)


@pytest.mark.parametrize("name", SMALL)
def test_every_recipe_makes_a_model_that_embeds(tmp_path: Path, name: str) -> None:
    dataset = small_dataset(tmp_path, missing=0.3, positives=True)
    vectors = fitted(name, dataset).embed(dataset.x, dataset.present)
    assert vectors.dtype == np.float32
    assert len(vectors) == len(dataset)
    assert np.isfinite(vectors).all()
    assert (np.linalg.norm(vectors, axis=1) > 0).all()
    assert (vectors == fitted(name, dataset).embed(dataset.x, dataset.present)).all()


@pytest.mark.parametrize("loss", LOSSES)
def test_binding_learns_by_every_loss(tmp_path: Path, loss: str) -> None:
    dataset = small_dataset(tmp_path, count=150, artists=25, noise=0.3, positives=True)
    options = BindingOptions(loss=loss, epochs=25, batch=128, size=16, learning_rate=3e-3, validation_share=0.2)
    task = BindingTask(dataset, options, seed=0, device="cpu")
    ends = [moment for moment in Trainer(task, options, seed=0).run() if moment.epoch_ended]
    best = min(moment.validation_loss for moment in ends)
    assert ends[-1].loss < 0.8 * ends[0].loss
    assert best < ends[0].validation_loss
    with torch.no_grad():
        untrained = BindingTask(dataset, options, seed=0, device="cpu").model().embed(dataset.x, dataset.present)
    assert same_artist_first(dataset, task.model().embed(dataset.x, dataset.present)) > same_artist_first(
        dataset, untrained
    )


def same_artist_first(dataset: Dataset, vectors: NDArray[np.float32]) -> float:
    """Return how often the nearest other track is of the same artist."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    return float((dataset.artists[scores.argmax(axis=1)] == dataset.artists).mean())


def test_contrastive_starts_from_the_closed_form_and_improves_on_it(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, count=300, artists=50, dimension=40)
    options = ContrastiveOptions(epochs=30, batch=64, least_inputs=2, validation_share=0.2, modality_dropout=0.1)
    task = ContrastiveTask(dataset, options, seed=0, device="cpu")
    rows = task.examples
    closed = fit_shared_space(
        {m: dataset.x[m][rows] for m in TWO}, dataset.present[rows], encoders=dataset.encoders, name="contrastive"
    )
    before, _ = task.model().blocks(dataset.x, dataset.present)
    expected, _ = closed.blocks(dataset.x, dataset.present)
    np.testing.assert_allclose(before.astype(np.float64), expected.astype(np.float64), atol=2e-3)
    trainer = Trainer(task, options, seed=0)
    start = trainer._validate()
    list(trainer.run())
    assert trainer.counters.best_loss < start
    assert trainer._validate() == trainer.counters.best_loss
    space = task.model()
    for m in TWO:
        assert (space.heads[m].private == closed.heads[m].private).all()
        assert (space.heads[m].mean == closed.heads[m].mean).all()
        assert not np.allclose(space.heads[m].shared, closed.heads[m].shared)  # type: ignore[arg-type]


def test_model_gives_the_blocks_that_were_trained(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, missing=0.4)
    options = ContrastiveOptions(epochs=3, least_inputs=2)
    task = ContrastiveTask(dataset, options, seed=0, device="cpu")
    list(Trainer(task, options, seed=0).run())
    x = {m: torch.from_numpy(np.array(dataset.x[m])) for m in TWO}
    with torch.no_grad():
        trained = task.module(x, torch.from_numpy(dataset.present)).numpy()
    blocks, _ = task.model().blocks(dataset.x, dataset.present)
    shared = blocks.reshape(len(dataset), len(MODALITIES), 2, -1)[:, [MODALITIES.index(m) for m in TWO], 0]
    np.testing.assert_allclose(shared.astype(np.float64), trained, atol=2e-3)


def test_modality_with_few_inputs_keeps_its_closed_form(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, modalities=(Modality.AUDIO, Modality.TAGS, Modality.COVER), count=200)
    covers = np.array(dataset.x[Modality.COVER])[np.arange(200) % 30]
    dataset = replace(dataset, x={**dataset.x, Modality.COVER: covers})
    options = ContrastiveOptions(epochs=2, least_inputs=40)
    task = ContrastiveTask(dataset, options, seed=0, device="cpu")
    list(Trainer(task, options, seed=0).run())
    assert set(task.module.modalities) == {Modality.AUDIO, Modality.TAGS}  # type: ignore[arg-type]
    kept, start = task.model().heads[Modality.COVER].shared, task.space.heads[Modality.COVER].shared
    assert kept is start is not None


def test_held_out_artists_are_not_trained_on(tmp_path: Path) -> None:
    """Other vectors of the held-out tracks leave every weight as it was."""
    dataset = small_dataset(tmp_path, positives=True)
    for name in ("contrastive", "binding"):
        options: Any = RECIPES[name].options(**SMALL[name])
        build = RECIPES[name].build
        assert build is not None
        task = build(dataset, options, 0, "cpu")
        rows = np.unique(task.held_out.reshape(len(task.held_out), -1)[:, :2])
        artists = set(dataset.artists[rows].tolist())
        trained = np.unique(task.examples.reshape(len(task.examples), -1)[:, :2])
        assert artists
        assert not artists & set(dataset.artists[trained].tolist())
        other = {m: np.array(x) for m, x in dataset.x.items()}
        for x in other.values():
            x[rows] = np.random.default_rng(9).normal(size=x[rows].shape)
        again = build(replace(dataset, x=other), options, 0, "cpu")
        for one in (task, again):
            trainer = Trainer(one, options, seed=0)
            list(trainer._epoch())
        for a, b in zip(task.module.parameters(), again.module.parameters(), strict=True):
            assert torch.equal(a, b)


def test_contradicting_pairs_are_left_out(tmp_path: Path) -> None:
    from models.training.pairs import pairs_of

    plain = small_dataset(tmp_path, count=6, artists=3)
    names = ("ids", "x", "present", "encoders", "artists", "albums", "titles", "genres")
    fields: dict[str, Any] = {name: getattr(plain, name) for name in names}
    rows = [[1, 2], [3], [], [], [], []], [[4], [], [0], [], [3, 5], []]
    positives, negatives = (tuple(np.array(one, np.int64) for one in lists) for lists in rows)
    dataset = Dataset(**fields, positives=positives, negatives=negatives)
    pairs = pairs_of(dataset)
    assert pairs.alike.tolist() == [[0, 1], [1, 3]]  # 0 with 2 is listed as both, from the other side
    assert pairs.apart.tolist() == [[0, 4], [4, 3], [4, 5]]
    options = BindingOptions(validation_share=0.0)
    examples = BindingTask(dataset, options, seed=0, device="cpu").examples
    assert examples.tolist() == [[0, 1, 1], [1, 3, 1], [0, 4, 0], [4, 3, 0], [4, 5, 0]]


def test_drawn_negatives_never_belong_together(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, count=30, positives=True)
    task = BindingTask(dataset, BindingOptions(negatives=20), seed=0, device="cpu")
    drawn = task._drawn_apart(task.examples, torch.Generator().manual_seed(0))
    assert len(drawn) > 15 * len(task.examples)
    known = {(i, j) for i, near in enumerate(dataset.positives) for j in near.tolist()}
    assert not any((a, b) in known or (b, a) in known or a == b for a, b, _ in drawn.tolist())
    held = set(np.unique(task.held_out[:, :2]).tolist())
    assert not held & set(drawn[:, 1].tolist())
    assert (drawn[:, 2] == 0).all()


@pytest.mark.parametrize("name", SMALL)
def test_one_track_is_a_model_or_one_line(tmp_path: Path, name: str) -> None:
    dataset = small_dataset(tmp_path, count=1, artists=1)
    if name == "pca":
        assert isinstance(fitted(name, dataset), Space)
        return
    with pytest.raises(ModelError) as caught:
        fitted(name, dataset)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", SMALL)
def test_constant_vectors_are_a_model_or_one_line(tmp_path: Path, name: str) -> None:
    dataset = small_dataset(tmp_path, positives=True)
    dataset = replace(dataset, x={m: np.ones_like(np.array(x)) for m, x in dataset.x.items()})
    if name == "contrastive":
        with pytest.raises(ModelError, match="use --recipe hybrid or gcca"):
            fitted(name, dataset)
        return
    vectors = fitted(name, dataset).embed(dataset.x, dataset.present)
    assert np.isfinite(vectors).all()
    assert np.ptp(vectors, axis=0).max() < 1e-6


@pytest.mark.parametrize("name", SMALL)
def test_modality_that_is_missing_everywhere_is_left_out(tmp_path: Path, name: str) -> None:
    dataset = small_dataset(tmp_path, modalities=(Modality.AUDIO, Modality.TAGS, Modality.COVER), positives=True)
    present = dataset.present.copy()
    present[:, MODALITIES.index(Modality.COVER)] = False
    x = {**dataset.x, Modality.COVER: np.full((len(dataset), 22), np.nan, np.float32)}
    dataset = replace(dataset, x=x, present=present)
    model = fitted(name, dataset)
    known = model.heads if isinstance(model, Space) else model.network.modalities()
    assert set(known) == {Modality.AUDIO, Modality.TAGS}
    assert np.isfinite(model.embed(dataset.x, dataset.present)).all()


def test_one_modality_alone_cannot_be_trained_contrastively(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, modalities=(Modality.AUDIO,))
    with pytest.raises(ModelError, match="two modalities"):
        fitted("contrastive", dataset)


@pytest.mark.parametrize("loss", LOSSES)
def test_binding_without_pairs_learns_from_artists(tmp_path: Path, loss: str) -> None:
    dataset = small_dataset(tmp_path)
    assert not dataset.positives
    vectors = fitted("binding", dataset, loss=loss).embed(dataset.x, dataset.present)
    assert np.isfinite(vectors).all()
    nobody = replace(dataset, artists=np.full(len(dataset), UNKNOWN))
    with pytest.raises(ModelError, match="no two tracks of the data belong together"):
        fitted("binding", nobody, loss=loss)

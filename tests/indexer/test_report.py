"""The report on a space: nDCG and recall against plain loops, folds without a leak, and who counts as better."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.report import FOLDS, Measured, measure
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space, fit_shared_space
from models.modality import MODALITIES, Modality
from tests.indexer.rows import artist_vectors, open_store, put_songs, song

Rows = NDArray[np.bool_]


def present_in(x: dict[Modality, NDArray[np.float32]]) -> Rows:
    count = len(next(iter(x.values())))
    return np.column_stack([np.full(count, m in x) for m in MODALITIES])


def library(
    path: Path, artists: list[str], x: dict[Modality, NDArray[np.float32]], shared: bool = False
) -> tuple[Measured, list[Rows]]:
    """Measure spaces fitted to the folds, private unless `shared`; return the figures and the rows of each fit."""
    present, fitted = present_in(x), list[Rows]()
    encoders = {m: f"{m}@1" for m in x}

    def fit_rows(rows: Rows) -> Space:
        fitted.append(rows)
        return (fit_shared_space if shared else fit_private_space)(
            {m: v[rows] for m, v in x.items()}, present[rows], encoders=encoders
        )

    with open_store(path) as store:
        songs = [song("T", *([artist] if artist else [])) for artist in artists]
        ids = np.array(put_songs(store, *songs), np.int64)
        return measure(store.connection, ids, x, present, fit_rows), fitted


def test_folds_keep_artists_together_and_cover_everybody(tmp_path: Path) -> None:
    artists = [f"A{number}" for number in (0, 1, 1, 2, 2, 2, 3, 4, 5, 6, 7, 7, 8, 9, 9, 9, 9)] + [""] * 13
    x = {Modality.AUDIO: np.random.default_rng(0).normal(size=(30, 6)).astype(np.float32)}
    _, fitted = library(tmp_path, artists, x)
    assert len(fitted) == FOLDS
    held_out = np.array([~rows for rows in fitted])
    assert (held_out.sum(axis=0) == 1).all()
    for name in set(artists) - {""}:
        members = [i for i, artist in enumerate(artists) if artist == name]
        assert len({int(held_out[:, i].argmax()) for i in members}) == 1
    assert held_out.sum(axis=1).min() >= 5


def test_same_artist_figure_is_the_plain_ndcg(tmp_path: Path) -> None:
    artists = [f"A{number % 12}" for number in range(60)]
    numbers = np.array([int(artist[1:]) for artist in artists])
    x = {Modality.AUDIO: artist_vectors(numbers, seed=3, noise=1.5)[Modality.AUDIO]}
    measured, fitted = library(tmp_path, artists, x)
    figures = []
    for rows in fitted:
        here = np.flatnonzero(~rows)
        space = fit_private_space(
            {m: v[rows] for m, v in x.items()}, present_in(x)[rows], encoders={Modality.AUDIO: "a@1"}
        )
        blocks, mask = space.blocks({m: v[here] for m, v in x.items()}, present_in(x)[here])
        for q in range(len(here)):
            query = space.query(blocks[q], mask[q])
            scores = {t: float(query @ blocks[t].astype(np.float64)) for t in range(len(here)) if t != q}
            ranked = sorted(scores, key=lambda t: -scores[t])[:10]
            fellows = sum(numbers[here[t]] == numbers[here[q]] for t in scores)
            if fellows:
                gain = sum(
                    (numbers[here[t]] == numbers[here[q]]) / np.log2(place + 2) for place, t in enumerate(ranked)
                )
                figures.append(gain / sum(1 / np.log2(place + 2) for place in range(min(fellows, 10))))
    assert measured.same_artist_ndcg10 == pytest.approx(np.mean(figures))
    assert np.isnan(measured.cross_modal_recall10)


def test_space_without_shared_blocks_finds_across_modalities_by_chance(tmp_path: Path) -> None:
    artists = [f"A{number}" for number in range(150)]
    x = artist_vectors(np.arange(150), seed=4)
    private, _ = library(tmp_path / "private", artists, x)
    assert private.cross_modal_recall10 == pytest.approx(10 / 30)
    shared, _ = library(tmp_path / "shared", artists, x, shared=True)
    assert shared.cross_modal_recall10 > 0.6


def test_nothing_to_ask_is_no_figure(tmp_path: Path) -> None:
    x = {Modality.AUDIO: np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)}
    measured, _ = library(tmp_path, [""] * 20, x)
    assert measured.figures() == {"same_artist_ndcg10": None, "cross_modal_recall10": None}


NAN = float("nan")


@pytest.mark.parametrize(
    ("mine", "theirs", "better"),
    [
        ((0.6, 0.6), (0.5, 0.5), True),
        ((0.5, 0.5), (0.5, 0.5), False),
        ((0.504, 0.504), (0.5, 0.5), False),
        ((0.47, 0.9), (0.5, 0.1), False),
        ((0.49, 0.9), (0.5, 0.1), True),
        ((NAN, 0.6), (NAN, 0.5), True),
        ((NAN, NAN), (NAN, NAN), False),
    ],
)
def test_better_is_more_on_the_whole_and_no_loss_of_artists(
    mine: tuple[float, float], theirs: tuple[float, float], better: bool
) -> None:
    assert Measured(*mine).better_than(Measured(*theirs)) is better

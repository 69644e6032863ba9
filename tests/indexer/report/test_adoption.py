"""Whether to adopt a space: figures against plain loops, folds without a leak, and the rule itself."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.graph import rebuild_graph
from indexer.report import Measured, measure
from indexer.report.adoption import RETRIEVAL, TOLERANCE
from models.evaluation.folds import FOLDS
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space, fit_shared_space
from models.modality import MODALITIES, Modality
from tests.indexer.rows import artist_vectors, open_store, put_songs, song

Rows = NDArray[np.bool_]
X = dict[Modality, NDArray[np.float32]]


def present_in(x: X) -> Rows:
    count = len(next(iter(x.values())))
    return np.column_stack([np.full(count, m in x) for m in MODALITIES])


def library(
    path: Path, artists: list[str], x: X, *, shared: bool = False, genres: list[str] | None = None, albums: int = 1
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
        songs = [
            song(
                f"T{number}",
                *([artist] if artist else []),
                album=f"{artist} {number % albums}",
                album_artist=artist,
                genres=(genres[number],) if genres else (),
            )
            for number, artist in enumerate(artists)
        ]
        ids = np.array(put_songs(store, *songs), np.int64)
        rebuild_graph(store)
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


def test_retrieval_figures_are_the_plain_ndcg(tmp_path: Path) -> None:
    """Same artist, same artist on the other of two albums, and same genre with the tags left out."""
    numbers = np.arange(60) % 12
    genres = [f"g{number % 3}" for number in numbers]
    x = artist_vectors(numbers, seed=3, noise=1.5)
    measured, fitted = library(tmp_path, [f"A{n}" for n in numbers], x, genres=genres, albums=36)
    faders: dict[Modality, float] = {m: 0.0 for m in MODALITIES if m != Modality.AUDIO}
    figures: dict[str, list[float]] = {name: [] for name in RETRIEVAL}
    for rows in fitted:
        here = np.flatnonzero(~rows)
        space = fit_private_space(
            {m: v[rows] for m, v in x.items()}, present_in(x)[rows], encoders={m: "a@1" for m in x}
        )
        blocks, mask = space.blocks({m: v[here] for m, v in x.items()}, present_in(x)[here])
        for q, track in enumerate(here):
            for name in RETRIEVAL:
                query = space.query(blocks[q], mask[q], faders=faders if "genre" in name else None)
                shown = [
                    t
                    for t, other in enumerate(here)
                    if t != q
                    and not ("album" in name and numbers[other] == numbers[track] and other % 36 == track % 36)
                ]
                right = {
                    t
                    for t in shown
                    if (genres[here[t]] == genres[track] if "genre" in name else numbers[here[t]] == numbers[track])
                }
                ranked = sorted(shown, key=lambda t: -float(query @ blocks[t].astype(np.float64)))[:10]
                if right:
                    gain = sum((t in right) / np.log2(place + 2) for place, t in enumerate(ranked))
                    ideal = sum(1 / np.log2(place + 2) for place in range(min(len(right), 10)))
                    figures[name].append(gain / ideal)
    found = measured.figures()
    for name in RETRIEVAL:
        assert found[name] == pytest.approx(np.mean(figures[name])), name
    assert found["same_artist_ndcg10"] != pytest.approx(found["other_album_ndcg10"])


def test_genre_is_not_read_off_the_tags(tmp_path: Path) -> None:
    """TAGS vectors that are the genre itself help to find the genre no more than chance."""
    generator = np.random.default_rng(0)
    genres = generator.integers(4, size=200)
    x = {
        Modality.AUDIO: generator.normal(size=(200, 12)).astype(np.float32),
        Modality.TAGS: (10 * np.eye(4)[genres] + 0.1 * generator.normal(size=(200, 4))).astype(np.float32),
    }
    measured, _ = library(tmp_path, [f"A{i}" for i in range(200)], x, genres=[f"g{g}" for g in genres])
    assert (measured.figures()["shared_genre_ndcg10"] or 1) < 0.35


def test_space_without_shared_blocks_finds_across_modalities_by_chance(tmp_path: Path) -> None:
    artists = [f"A{number}" for number in range(150)]
    x = artist_vectors(np.arange(150), seed=4)
    private, _ = library(tmp_path / "private", artists, x)
    assert private.figures()["cross_modal_recall10"] == pytest.approx(10 / 30)
    shared, _ = library(tmp_path / "shared", artists, x, shared=True)
    assert (shared.figures()["cross_modal_recall10"] or 0) > 0.6


def test_nothing_to_ask_is_no_figure(tmp_path: Path) -> None:
    x = {Modality.AUDIO: np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)}
    measured, _ = library(tmp_path, [""] * 20, x)
    assert set(measured.figures().values()) == {None}
    verdict = measured.compared_with(measured)
    assert not verdict.adopt
    assert verdict.to_json()["retrieval"] == {"mean": None, "low": None, "high": None, "queries": 0, "artists": 0}


def measured(retrieval: float, across: float, *, noise: float = 0.0, queries: int = 200, seed: int = 0) -> Measured:
    """Make figures around two means; `noise` is that of a query, which the other space does not share."""
    generator = np.random.default_rng(seed)
    base = np.random.default_rng(99).random((queries, 3))
    figures = base + retrieval + noise * generator.normal(size=(queries, 3))
    return Measured(np.arange(queries) // 2, figures, np.full(queries, across) + 0.01 * generator.normal(size=queries))


USED = measured(0.0, 0.2)


@pytest.mark.parametrize(
    ("made", "adopted", "why"),
    [
        (measured(0.05, 0.2, noise=0.05), True, "retrieval is better"),
        (measured(0.0, 0.3, noise=0.05, seed=2), True, "retrieval is as good, cross-modal recall better"),
        (measured(0.0, 0.2, noise=0.05, seed=2), False, "retrieval is as good, cross-modal recall not better"),
        (measured(-0.05, 0.9, noise=0.05), False, "retrieval may be worse"),
        (measured(-0.015, 0.9, noise=0.3), False, "retrieval may be worse"),
        (measured(0.05, 0.1, noise=0.05), False, "cross-modal recall is worse"),
        (USED, False, "retrieval is as good, cross-modal recall not better"),
    ],
)
def test_neither_may_be_worse_and_one_must_be_better(made: Measured, adopted: bool, why: str) -> None:
    verdict = made.compared_with(USED)
    assert (verdict.adopt, verdict.reason) == (adopted, why)
    assert made.better_than(USED) is adopted


def test_a_small_loss_is_allowed_only_where_it_is_shown_to_be_small() -> None:
    shown = measured(-0.005, 0.5, noise=0.02).compared_with(USED)
    assert shown.retrieval.low > -TOLERANCE
    assert shown.adopt
    noisy = measured(-0.02, 0.5, noise=0.3).compared_with(USED)
    assert noisy.retrieval.low < -TOLERANCE < noisy.retrieval.high
    assert not noisy.adopt


def test_few_queries_leave_it_to_cross_modal_recall_unless_they_got_worse() -> None:
    few = measured(0.0, 0.2, queries=12)
    assert measured(0.02, 0.5, noise=0.1, queries=12).better_than(few)
    assert not measured(0.02, 0.2, noise=0.1, queries=12).better_than(few)
    assert not measured(-0.5, 0.9, noise=0.1, queries=12).better_than(few)
    nobody = Measured(few.groups, np.full((12, 3), np.nan), few.cross_modal)
    better = Measured(few.groups, np.full((12, 3), np.nan), few.cross_modal + 0.2)
    assert better.better_than(nobody)
    assert not nobody.better_than(better)


def test_noise_alone_is_seldom_adopted() -> None:
    """Two spaces that differ by nothing but chance: the interval is two-sided, so about one in forty seems better."""
    chosen = sum(measured(0.0, 0.2, noise=0.1, seed=seed).better_than(USED) for seed in range(60))
    assert chosen <= 5

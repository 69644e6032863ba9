import numpy as np
import pytest

from models.dataset import UNKNOWN, Dataset
from models.errors import ModelError
from models.evaluation.folds import artist_folds
from models.evaluation.protocol_folds import measure
from models.evaluation.retrieval import fold_of
from models.joint.additive import Space
from models.joint.balance import balanced, within_scatter
from models.joint.closed_form import fit_shared_space
from models.joint.genre_directions import genre_indicators, private_map, private_map_with_genres
from models.joint.hybrid import fit_hybrid
from models.joint.hybrid_private import Refinement
from models.joint.hybrid_shared import Tuning
from models.joint.views import view_of
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality
from tests.models.evaluation.datasets import clusters

DATA = clusters(artists=60, tracks_an_artist=5, noise=1.2)


def figures(space: Space, data: Dataset, folds: np.ndarray) -> dict[str, float]:
    return measure(data, space, fold_of(data, folds, 0)).figures


def test_unknown_artists_are_told_apart_and_found_across_modalities() -> None:
    data = clusters(artists=60, tracks_an_artist=5, noise=0.5)
    folds = artist_folds(data.artists, seed=1)
    train = data.take(np.flatnonzero(folds != 0))
    trained = figures(fit_hybrid(train, weights=dict.fromkeys(MODALITIES, 1.0)), data, folds)
    closed = figures(fit_shared_space(train.x, train.present, encoders=train.encoders), data, folds)
    assert trained["artist nDCG@10"] > 0.9 * closed["artist nDCG@10"] > 0.6
    assert trained["cross-modal R@10"] > 0.6  # chance is .17


def test_equal_seeds_give_equal_spaces_and_others_do_not() -> None:
    one, two, other = (fit_hybrid(DATA, seed=seed).heads[Modality.AUDIO] for seed in (0, 0, 1))
    assert one.shared is not None
    assert two.shared is not None
    np.testing.assert_array_equal(one.shared, two.shared)
    np.testing.assert_array_equal(one.private, two.private)
    assert (one.private != other.private).any()


@pytest.mark.parametrize("count", [1, 2, 5, 25])
def test_few_tracks_give_a_space_of_finite_numbers(count: int) -> None:
    some = DATA.take(np.arange(count))
    space = fit_hybrid(some)
    vectors = space.embed(some.x, some.present)
    assert np.isfinite(vectors).all()
    assert vectors.shape[0] == count


def test_one_modality_has_nothing_to_share() -> None:
    space = fit_hybrid(DATA.without([Modality.LYRICS]))
    assert space.alpha == 0
    assert space.heads[Modality.AUDIO].shared is None


def test_missing_labels_and_missing_modalities_are_no_obstacle() -> None:
    count = len(DATA)
    nobody = np.full(count, UNKNOWN)
    present = DATA.present & (np.random.default_rng(0).random((count, len(MODALITIES))) < 0.7)
    bare = Dataset(DATA.ids, DATA.x, present, DATA.encoders, nobody, nobody, np.arange(count), ((),) * count)
    vectors = fit_hybrid(bare).embed(bare.x, bare.present)
    assert np.isfinite(vectors).all()
    assert not vectors[~present.any(axis=1)].any()


def test_constant_vectors_are_no_obstacle_and_nan_is_refused() -> None:
    same = {**DATA.x, Modality.LYRICS: np.ones_like(DATA.x[Modality.LYRICS])}
    constant = Dataset(DATA.ids, same, DATA.present, DATA.encoders, DATA.artists, DATA.albums, DATA.titles, DATA.genres)
    assert np.isfinite(fit_hybrid(constant).embed(same, DATA.present)).all()
    spoiled = {**DATA.x, Modality.AUDIO: np.full_like(DATA.x[Modality.AUDIO], np.nan)}
    with pytest.raises(ModelError, match="not finite"):
        fit_hybrid(
            Dataset(DATA.ids, spoiled, DATA.present, DATA.encoders, DATA.artists, DATA.albums, DATA.titles, DATA.genres)
        )


def test_an_artist_counts_by_the_root_of_its_tracks() -> None:
    weights = balanced(np.array([3, 3, 3, 3, 7, UNKNOWN, UNKNOWN]))
    np.testing.assert_allclose(weights / weights[4], [0.5, 0.5, 0.5, 0.5, 1, 1, 1])
    assert weights.mean() == pytest.approx(1)


def test_within_scatter_equals_a_naive_loop() -> None:
    rng = np.random.default_rng(0)
    rows, artists = rng.normal(size=(12, 3)), np.array([0, 0, 1, 1, 1, 5, 5, UNKNOWN, UNKNOWN, 2, 2, 2])
    expected = np.zeros((3, 3))
    for artist in (0, 1, 5, 2):
        own = rows[artists == artist]
        for row in own:
            expected += np.outer(row - own.mean(axis=0), row - own.mean(axis=0))
    np.testing.assert_allclose(within_scatter(rows, artists), expected)


def test_genre_directions_bring_tracks_of_a_genre_together() -> None:
    rng = np.random.default_rng(2)
    genre = np.arange(300) % 3
    x = rng.normal(size=(300, 20)) * np.linspace(4, 1, 20)
    x[:, 15:18] += 2 * np.eye(3)[genre]
    genres = tuple((f"g{one}",) for one in genre)
    view = view_of(x, np.ones(300, np.bool_))
    maps = (
        private_map(Modality.AUDIO, view),
        private_map_with_genres(Modality.AUDIO, view, genre_indicators(genres), np.ones(300)),
    )

    def gap(projection: np.ndarray) -> float:
        block = unit_rows(view.scores @ projection)
        likeness, same = block @ block.T, genre[:, None] == genre[None]
        return float(likeness[same].mean() - likeness[~same].mean())

    assert gap(maps[1]) > 1.3 * gap(maps[0]) > 0
    assert genre_indicators([("rare",), ()]).shape == (2, 0)


def test_labels_leave_out_of_the_closed_form_what_they_do_not_know() -> None:
    count = len(DATA)
    nobody = np.full(count, UNKNOWN)
    bare = Dataset(DATA.ids, DATA.x, DATA.present, DATA.encoders, nobody, nobody, np.arange(count), ((),) * count)
    labelled = fit_hybrid(bare, tuning=Tuning(members=1, epochs=0), refinement=Refinement(steps=0))
    plain = fit_shared_space(DATA.x, DATA.present, encoders=DATA.encoders)
    ours, theirs = (space.blocks(DATA.x, DATA.present)[0].astype(float) for space in (labelled, plain))
    assert np.abs(theirs).max() > 0.1
    np.testing.assert_allclose(ours, theirs, atol=2e-3)

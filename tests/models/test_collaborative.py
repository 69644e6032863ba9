import numpy as np
import pytest

from models.encoders.collaborative import collaborative_vectors
from models.encoders.hashing import seeded_gaussian
from models.errors import ModelError


def test_equals_the_sum_over_memberships() -> None:
    memberships = [(0, "evening", 1.0), (1, "evening", 2.0), (1, "road", 1.0), (2, "road", 1.0), (2, "road", 1.0)]
    tracks, playlists, weights = zip(*memberships, strict=True)
    vectors, present = collaborative_vectors(
        np.array(tracks), playlists=playlists, weights=np.array(weights), count=5, dimension=16
    )
    expected = np.zeros((5, 16))
    for track, playlist, weight in memberships:
        expected[track] += weight * np.log(5 / 2) * seeded_gaussian(playlist, dimension=16)
    expected[:3] /= np.linalg.norm(expected[:3], axis=1, keepdims=True)
    np.testing.assert_allclose(vectors, expected, atol=1e-6)
    assert present.tolist() == [True, True, True, False, False]


def test_a_playlist_with_the_whole_library_says_nothing() -> None:
    tracks = np.array([0, 1, 2, 3, 0, 1])
    names = ["everything"] * 4 + ["two"] * 2
    vectors, present = collaborative_vectors(tracks, playlists=names, weights=np.ones(6), count=4)
    without, _ = collaborative_vectors(tracks[4:], playlists=names[4:], weights=np.ones(2), count=4)
    np.testing.assert_allclose(vectors, without, atol=1e-6)
    assert present.tolist() == [True, True, False, False]


def test_a_scarce_list_weighs_more_than_a_broad_one() -> None:
    tracks = np.concatenate([np.arange(90), [0, 1]])
    names = ["broad"] * 90 + ["scarce"] * 2
    vectors, _ = collaborative_vectors(tracks, playlists=names, weights=np.ones(92), count=100)
    scarce = seeded_gaussian("scarce", dimension=128)
    assert vectors[0] @ scarce / np.linalg.norm(scarce) > 0.9


def test_order_does_not_matter_and_empty_input_is_answered() -> None:
    tracks, names = np.array([0, 1, 1]), ["a", "a", "b"]
    forward, _ = collaborative_vectors(tracks, playlists=names, weights=np.ones(3), count=3)
    backward, _ = collaborative_vectors(tracks[::-1], playlists=names[::-1], weights=np.ones(3), count=3)
    np.testing.assert_allclose(forward, backward, atol=1e-6)
    for count in (0, 4):
        none = np.array([], dtype=np.int64)
        vectors, present = collaborative_vectors(none, playlists=[], weights=np.array([]), count=count)
        assert vectors.shape == (count, 128)
        assert not present.any()


@pytest.mark.parametrize(("track", "weights"), [(3, [1.0]), (-1, [1.0]), (0, [np.inf]), (0, [0.0]), (0, [1.0, 1.0])])
def test_memberships_that_cannot_be_are_refused(track: int, weights: list[float]) -> None:
    with pytest.raises(ModelError):
        collaborative_vectors(np.array([track]), playlists=["a"], weights=np.array(weights), count=3)

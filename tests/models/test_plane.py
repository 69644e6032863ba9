"""Laying out in two dimensions: principal components against a plain SVD, neighbours kept, further ones placed."""

import numpy as np
import pytest

from models.plane import Reduction, _without_islands, framed, neighbour_plane, place, principal_plane, reduction


def groups(count: int, *, seed: int = 0, dimensions: int = 20) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 5, count)
    rows = 4 * random.normal(size=(5, dimensions))[labels] + random.normal(size=(count, dimensions))
    return rows.astype(np.float32), labels


def test_principal_components_are_those_of_a_singular_value_decomposition() -> None:
    rows, _ = groups(300)
    found = reduction([rows[:100], rows[100:120], rows[120:]], kept=6)
    assert (found.mean.shape, found.components.shape) == ((20,), (20, 6))
    centred = rows - rows.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(np.abs(found.components.T @ directions[:6].T) - np.eye(6)).max() < 1e-3
    assert np.allclose(np.abs(found(rows)), np.abs(centred @ directions[:6].T), atol=1e-2)


def test_same_rows_give_the_same_signs_whatever_the_parts() -> None:
    rows, _ = groups(200, seed=3)
    once, parted = reduction([rows]), reduction(np.array_split(rows, 7))
    assert np.allclose(once.components, parted.components, atol=1e-4)


def test_fewer_dimensions_than_are_kept() -> None:
    assert reduction([np.eye(3, dtype=np.float32)])(np.eye(3)).shape == (3, 3)
    one = principal_plane(np.array([[1.0], [2.0], [5.0]], np.float32))
    assert one.shape == (3, 2)
    assert (one[:, 1] == 0).all()
    with pytest.raises(ValueError, match="no vector"):
        reduction([])


@pytest.mark.parametrize("count", [1, 5, 9, 10, 40, 400])
def test_places_are_within_the_frame_and_repeat(count: int) -> None:
    rows, _ = groups(count)
    reduced = reduction([rows])(rows)
    laid = neighbour_plane(reduced)
    assert laid.shape == (count, 2)
    assert laid.dtype == np.float32
    assert np.abs(laid).max() <= 1
    assert (laid == neighbour_plane(reduced)).all()


def test_neighbours_stay_neighbours() -> None:
    rows, labels = groups(400)
    laid = neighbour_plane(reduction([rows])(rows))
    distances = ((laid[:, None] - laid[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.98


def test_progress_rises_to_one_and_an_exception_ends_the_work() -> None:
    rows, _ = groups(60)
    told: list[float] = []
    neighbour_plane(rows, report=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < 0.2
    assert told[-1] == 1.0

    def stop(_share: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        neighbour_plane(rows, report=stop)


def test_further_rows_lie_among_their_neighbours_and_known_ones_where_they_lie() -> None:
    rows, labels = groups(300)
    projection = reduction([rows[:250]])
    known = projection(rows[:250])
    laid = neighbour_plane(known)
    placed = place(projection(rows[250:]), known, laid)
    nearest = ((placed[:, None] - laid[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (labels[:250][nearest] == labels[250:]).mean() > 0.95
    assert np.allclose(place(known[:20], known, laid), laid[:20], atol=1e-3)


def test_frame_keeps_the_proportions_and_holds_outliers_at_the_rim() -> None:
    plane = np.array([[x, x / 2] for x in range(1000)] + [[1e6, 0.0]])
    scaled = framed(plane)
    assert np.abs(scaled).max() == 1
    assert scaled[-1, 0] == 1
    assert (scaled[600] - scaled[400])[0] == pytest.approx(2 * (scaled[600] - scaled[400])[1], rel=1e-4)
    assert framed(np.zeros((0, 2))).shape == (0, 2)
    assert not framed(np.ones((3, 2))).any()


def test_an_island_is_brought_in_and_a_real_group_is_not() -> None:
    random = np.random.default_rng(5)
    disc = random.uniform(-1, 1, (1000, 2)).astype(np.float32)
    assert np.array_equal(_without_islands(disc), disc)
    island = np.array([40, 3], np.float32) + random.normal(size=(12, 2), scale=0.01).astype(np.float32)
    brought = _without_islands(np.vstack([disc, island]))
    assert np.array_equal(brought[:1000], disc)
    assert 2 < brought[1000:, 0].min() <= brought[1000:, 0].max() < 4
    group = np.array([40, 3], np.float32) + random.normal(size=(120, 2), scale=0.01).astype(np.float32)
    both = np.vstack([disc, group])
    assert np.abs(_without_islands(both) - both).max() < 0.1


def test_reduction_projects_as_it_says() -> None:
    projection = Reduction(np.ones(3, np.float32), np.eye(3, 2, dtype=np.float32))
    assert projection(np.array([[2.0, 3.0, 9.0]])).tolist() == [[1.0, 2.0]]

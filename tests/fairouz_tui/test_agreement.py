"""Where lists of neighbours agree: against counting one by one."""

import numpy as np
import pytest

from fairouz_tui.agreement import COLUMNS, ordinal, places, recordings, shared


def test_a_track_in_several_lists_is_counted_and_has_its_places() -> None:
    lists = {"joint": (1, 2, 3), "audio": (3, 1, 9), "tags": (1, 7)}
    assert shared(lists) == {1: 3, 3: 2}
    assert places(lists, 1) == {"joint": 1, "audio": 2, "tags": 1}
    assert places(lists, 5) == {}
    assert shared({}) == {}


def test_versions_of_one_recording_are_called_the_same_whoever_heads_their_row() -> None:
    rows = [(7, 3), (5, 9), (4, 7), (9, 8)]
    assert recordings(rows) == {3: 3, 4: 3, 7: 3, 5: 5, 8: 5, 9: 5}
    assert recordings([]) == {}


@pytest.mark.parametrize("seed", range(8))
def test_recordings_are_what_hangs_together(seed: int) -> None:
    """Against walking from track to track."""
    rng = np.random.default_rng(seed)
    rows = [tuple(rng.choice(40, 2, replace=False).tolist()) for _ in range(20)]
    named = recordings(rows)
    for track in {track for row in rows for track in row}:
        reached, old = {track}, set[int]()
        while reached != old:
            old = set(reached)
            reached |= {one for row in rows if reached & set(row) for one in row}
        assert named[track] == min(reached)


@pytest.mark.parametrize("seed", range(8))
def test_counts_and_places_are_those_of_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lists = {name: tuple(rng.choice(60, 30, replace=False).tolist()) for name in COLUMNS}
    counts = shared(lists)
    for track in range(60):
        holding = [name for name in COLUMNS if track in lists[name]]
        assert counts.get(track, 1) == max(len(holding), 1)
        assert places(lists, track) == {name: lists[name].index(track) + 1 for name in holding}


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (30, "30th"),
    ],
)
def test_places_are_said_as_people_say_them(place: int, said: str) -> None:
    assert ordinal(place) == said

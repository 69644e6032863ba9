"""Where lists of neighbours agree: against counting one by one."""

import numpy as np
import pytest

from fairouz_tui.agreement import COLOURS, COLUMNS, colour_of, marks, places, shared_with


def test_a_track_in_several_lists_has_one_letter_the_most_shared_the_first() -> None:
    lists = {"joint": (1, 2, 3), "audio": (3, 1, 9), "tags": (1, 7)}
    assert marks(lists) == {1: "a", 3: "b"}
    assert shared_with(lists, "joint") == {"audio": 2, "tags": 1}
    assert shared_with(lists, "lyrics") == {}
    assert places(lists, 1) == {"joint": 1, "audio": 2, "tags": 1}
    assert places(lists, 5) == {}
    assert marks({}) == {}


@pytest.mark.parametrize("seed", range(8))
def test_letters_and_counts_are_those_of_counting(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lists = {name: tuple(rng.choice(60, 30, replace=False).tolist()) for name in COLUMNS}
    letters = marks(lists)
    assert set(letters) == {t for t in range(60) if sum(t in ids for ids in lists.values()) > 1}
    told = [letter for letter in letters.values() if letter != "•"]
    assert len(set(told)) == len(told) == min(26, len(letters))
    assert {colour_of(letter) for letter in letters.values()} <= set(range(COLOURS))
    for name in COLUMNS:
        for other, count in shared_with(lists, name).items():
            assert count == sum(track in lists[other] for track in lists[name])
            assert shared_with(lists, other)[name] == count

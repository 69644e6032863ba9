"""The time left of a whole run, told by its stages: with a clock that the test turns."""

from collections.abc import Iterator

import pytest

from indexer.forecast import SECONDS_AN_ITEM, SECONDS_TO_START, Forecast, Step
from indexer.progress import Progress


class Clock:
    """A clock that stands still until it is turned."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def stage(clock: Clock, name: str, items: int, seconds_an_item: float) -> Iterator[Progress]:
    """Go through a stage at a steady pace, after its start."""
    clock.now += SECONDS_TO_START.get(name, 0.0)
    for done in range(1, items + 1):
        clock.now += seconds_an_item
        yield Progress(name, done, items)


def test_nothing_is_told_before_anything_is_known() -> None:
    assert Forecast({}).told(Progress("scanning", 0, 0)).seconds_left is None


@pytest.mark.parametrize("slower", [0.2, 1.0, 5.0])
def test_time_left_is_of_the_whole_run_and_follows_what_is_measured(slower: float) -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    plan = [("reading tags", 1000), ("listening", 48), ("looking closer", 1000), ("listening", 2000)]
    forecast.expect([Step(*step) for step in plan])
    told: list[tuple[float, str, float]] = []
    for place, (name, items) in enumerate(plan):
        # Listening costs something else than was known; the sample tells.
        pace = SECONDS_AN_ITEM[name] * (slower if name == "listening" else 1.0)
        for progress in stage(clock, name, items, pace):
            left = forecast.told(progress).seconds_left
            assert left is not None
            told.append((clock.now, f"{place} {name}", left))
    assert told[-1][2] == 0.0
    later = [(at, left) for at, name, left in told if name[0] in "23" and clock.now - at > 1.0]
    assert max(abs(left - (clock.now - at)) / (clock.now - at) for at, left in later) < 0.25
    assert forecast.measured["listening"] == pytest.approx(SECONDS_AN_ITEM["listening"] * slower, rel=0.1)


def test_stages_that_have_nothing_to_do_are_passed_over() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("looking closer", 1000), Step("reading lyrics", 1000), Step("listening", 0)])
    before = forecast.told(Progress("looking at covers", 1, 2)).seconds_left
    assert before is not None
    assert before > 1000 * SECONDS_AN_ITEM["reading lyrics"]
    for progress in stage(clock, "reading lyrics", 1000, 0.01):
        after = forecast.told(progress).seconds_left
    assert after == 0.0


def test_a_stage_that_says_nothing_of_how_far_it_is_counts_down() -> None:
    clock = Clock()
    forecast = Forecast({"joint space": 0.01}, clock=clock)
    forecast.expect([Step("joint space", 1000)])
    lefts = []
    for _ in range(3):
        lefts.append(forecast.told(Progress("joint space", 1, 2)).seconds_left)
        clock.now += 4.0
    assert lefts == [11.0, 7.0, 3.0]


def test_a_second_round_begins_anew_and_costs_what_the_first_did() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("reading words", 500), Step("joint space", 10), Step("reading words", 500)])
    for progress in stage(clock, "reading words", 500, 0.02):
        forecast.told(progress)
    left = forecast.told(Progress("joint space", 1, 2)).seconds_left
    assert left == pytest.approx(500 * 0.02 + SECONDS_TO_START["joint space"], rel=0.01)


def test_costs_that_are_none_of_ours_are_left_alone() -> None:
    forecast = Forecast({"dancing": 3.0})
    forecast.expect([Step("graph", 10)])
    assert forecast.told(Progress("dancing", 1, 2)).seconds_left is not None

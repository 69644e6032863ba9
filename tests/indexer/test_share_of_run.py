"""The share of a whole run that is behind it, and which of its stages is under way."""

import pytest

from indexer.forecast import Forecast
from indexer.progress import Progress
from indexer.underway import Step


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


COSTS = {"reading tags": 0.1, "graph": 0.01, "listening": 0.5, "joint space": 0.02}
STAGES = ("scanning", "reading tags", "graph", "listening", "joint space")


def ahead(items: int) -> list[Step]:
    return [Step(stage, items) for stage in STAGES[1:]]


def test_share_and_time_left_are_of_the_same_whole() -> None:
    clock = Clock()
    forecast = Forecast(COSTS, clock=clock)
    assert forecast.told(Progress("scanning", 0, 0)).share is None
    forecast.expect(ahead(100))
    shares, steps = [], []
    for step in ahead(100):
        for done in range(1, 101):
            clock.now += COSTS[step.stage]
            told = forecast.told(Progress(step.stage, done, 100))
            assert told.share is not None
            assert told.seconds_left is not None
            passed = clock.now - 100.0
            assert told.share == pytest.approx(min(passed / (passed + told.seconds_left), 0.99))
            shares.append(told.share)
        steps.append((told.step, told.steps))
    assert steps == [(2, 5), (3, 5), (4, 5), (5, 5)]
    assert shares[99] < 0.3
    assert 0.9 < shares[-2] <= shares[-1] == 0.99


def test_a_pause_is_no_part_of_the_run() -> None:
    clock = Clock()
    forecast = Forecast(COSTS, clock=clock)
    forecast.expect(ahead(100))
    clock.now += 5.0
    before = forecast.told(Progress("reading tags", 50, 100))
    clock.now += 500.0
    forecast.stood_still(500.0)
    assert forecast.told(Progress("reading tags", 50, 100)).share == before.share


def test_stages_that_are_left_out_are_not_counted_and_folders_are_one() -> None:
    forecast = Forecast(COSTS)
    assert (forecast.told(Progress("scanning", 0, 0)).step, forecast.told(Progress("scanning", 0, 0)).steps) == (1, 0)
    forecast.expect(ahead(10))
    for total in (4, 6):
        for done in range(1, total + 1):
            told = forecast.told(Progress("reading tags", done, total))
            assert (told.step, told.steps) == (2, 5)
    told = forecast.told(Progress("listening", 1, 10))
    assert (told.step, told.steps) == (3, 4)

"""The time left of a whole run, told by its stages: with a clock that the test turns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

import pytest

from indexer.forecast import SECONDS_A_UNIT, Forecast
from indexer.progress import Progress
from indexer.underway import SECONDS_TO_START, UNCOUNTED, Step
from indexer.workload import SAMPLE, seconds_of_sound

TRACKS = 4000


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


@dataclass
class MadeUpRun:
    """A run over a library whose first third are long files, on a machine unlike the one that was guessed."""

    seed: int
    slows_at: float = float("inf")
    """Seconds after which everything takes twice as long."""
    clock: Clock = field(default_factory=Clock)
    told: list[tuple[float, float]] = field(default_factory=list)
    """Seconds after the start, and seconds left as told."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.costs = {name: seconds * self.random.lognormvariate(0.0, 0.2) for name, seconds in SECONDS_A_UNIT.items()}
        # The same encoder, longer texts.
        self.costs["reading words again"] = 2 * self.costs["reading words"] * self.random.lognormvariate(0.0, 0.1)
        self.machine = self.random.choice((0.7, 1.0, 1.6))
        long = [self.random.uniform(150, 400) for _ in range(TRACKS // 3)]
        self.lengths = long + [self.random.uniform(15, 60) for _ in range(TRACKS - len(long))]
        self.known: Sequence[float] = ()
        self.began = self.clock.now

    def plan(self) -> list[Step]:
        """List the steps as a first run over the library has them."""
        typical = seconds_of_sound(210.0)
        return [
            Step("reading tags", TRACKS),
            Step("graph", TRACKS),
            Step("relations", TRACKS),
            Step("looking closer", SAMPLE),
            Step("listening", SAMPLE, work=SAMPLE * typical),
            Step("reading words", TRACKS),
            Step("joint space", TRACKS),
            Step("looking closer", TRACKS),
            Step("listening", TRACKS, work=TRACKS * typical),
            Step("reading words", TRACKS, cost="reading words again"),
            Step("joint space", TRACKS, cost="fitting", work=1.2 * TRACKS),
            Step("search index", TRACKS),
        ]

    def go(self, remembered: dict[str, float]) -> dict[str, float]:
        """Run, keep what is told, and return what was measured."""
        forecast = Forecast(remembered, so_far=self._so_far, clock=self.clock)
        forecast.expect(self.plan())
        begun: set[str] = set()
        for step in self.plan():
            self._measure_lengths(step)
            if step.stage == "joint space" or step.stage not in begun:
                self.clock.now += SECONDS_TO_START.get(step.stage, 0.0) * self._slowness()
            begun.add(step.stage)
            for done, seconds in self._reports(step):
                self.clock.now += seconds * self._slowness()
                total = 0 if step.stage in ("graph", "search index") else step.items
                left = forecast.told(Progress(step.stage, done, total)).seconds_left
                assert left is not None
                self.told.append((self.clock.now - self.began, left))
            if step.name in UNCOUNTED:
                self.clock.now += step.units * self.costs[step.name] * self._slowness()
        forecast.finish()
        return forecast.measured

    def errors(self, *, least_left: float) -> list[tuple[float, float]]:
        """Return the moments, once a second from 20 s on, with how far off they were."""
        end, last, found = self.clock.now - self.began, 19.0, []
        for at, left in self.told:
            if at >= last + 1.0 and end - at >= least_left:
                found.append((at, abs(left - (end - at)) / (end - at)))
                last = at
        return found

    def _slowness(self) -> float:
        return self.machine * (2.0 if self.clock.now - self.began > self.slows_at else 1.0)

    def _measure_lengths(self, step: Step) -> None:
        """Know the lengths of the sample at first, of all later."""
        if step.stage == "listening":
            lengths = self.lengths if step.items == TRACKS else self.lengths[:: TRACKS // SAMPLE][:SAMPLE]
            self.known = list(accumulate(map(seconds_of_sound, lengths)))

    def _so_far(self, name: str) -> Sequence[float]:
        return self.known if name == "listening" else ()

    def _reports(self, step: Step) -> Iterator[tuple[int, float]]:
        """Yield what is done at each report, and the seconds since the one before, on a machine of pace 1."""
        cost = self.costs[step.name]
        if step.name in UNCOUNTED:
            yield 0, 0.0
            return
        at_once = 256 if step.stage == "reading words" else 1
        for start in range(0, step.items, at_once):
            done = min(start + at_once, step.items)
            work = float(done - start)
            if step.stage == "listening":
                work = self.known[start] - (self.known[start - 1] if start else 0.0)
            yield done, cost * work * self.random.lognormvariate(0.0, 0.4 if at_once == 1 else 0.1)


@pytest.mark.parametrize("seed", range(8))
def test_after_twenty_seconds_the_time_left_is_within_a_quarter(seed: int) -> None:
    run = MadeUpRun(seed)
    run.go({})
    errors = run.errors(least_left=5.0)
    assert len(errors) > 20
    assert sum(error <= 0.25 for _, error in errors) >= 0.95 * len(errors)
    assert max(error for _, error in errors) < 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_later_run_knows_what_the_first_has_measured(seed: int) -> None:
    first, later = MadeUpRun(seed), MadeUpRun(seed)
    later.go(first.go({}))
    assert max(error for _, error in later.errors(least_left=3.0)) < 0.25


@pytest.mark.parametrize("seed", range(4))
def test_a_machine_that_slows_down_is_noticed_in_half_a_minute(seed: int) -> None:
    steady = MadeUpRun(seed)
    costs = steady.go({})
    half = (steady.clock.now - steady.began) / 2
    slowed = MadeUpRun(seed, slows_at=half)
    slowed.go(costs)
    later = [error for at, error in slowed.errors(least_left=5.0) if at > half + 30]
    assert len(later) > 20
    assert sum(error <= 0.25 for error in later) >= 0.9 * len(later)


def test_nothing_is_told_before_anything_is_known() -> None:
    assert Forecast({}).told(Progress("scanning", 0, 0)).seconds_left is None


@pytest.mark.parametrize("slower", [0.2, 1.0, 5.0])
def test_time_left_is_of_the_whole_run_and_follows_what_is_measured(slower: float) -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    plan = [("reading tags", 1000), ("listening", 48), ("looking closer", 1000), ("listening", 2000)]
    units = {"listening": 30.0}
    forecast.expect([Step(name, items, work=items * units.get(name, 1.0)) for name, items in plan])
    told: list[tuple[float, str, float]] = []
    for place, (name, items) in enumerate(plan):
        # Listening costs something else than was known; the sample tells.
        pace = units.get(name, 1.0) * SECONDS_A_UNIT[name] * (slower if name == "listening" else 1.0)
        for progress in stage(clock, name, items, pace):
            left = forecast.told(progress).seconds_left
            assert left is not None
            told.append((clock.now, f"{place} {name}", left))
    assert told[-1][2] == 0.0
    begun = next(at for at, name, _ in told if name[0] == "3")
    later = [(left, clock.now - at) for at, _, left in told if at > begun + 5.0 and clock.now - at > 1.0]
    assert max(abs(left - truth) / truth for left, truth in later) < 0.25
    assert forecast.measured["listening"] == pytest.approx(SECONDS_A_UNIT["listening"] * slower, rel=0.1)


def test_stages_that_have_nothing_to_do_are_passed_over() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("looking closer", 1000), Step("reading lyrics", 1000), Step("listening", 0)])
    before = forecast.told(Progress("looking at covers", 1, 2)).seconds_left
    assert before is not None
    assert before > 1000 * SECONDS_A_UNIT["reading lyrics"]
    for progress in stage(clock, "reading lyrics", 1000, 0.01):
        after = forecast.told(progress).seconds_left
    assert after == 0.0


def test_a_stage_that_says_nothing_of_how_far_it_is_counts_down_and_never_to_nothing() -> None:
    clock = Clock()
    forecast = Forecast({"joint space": 0.0105}, clock=clock)
    forecast.expect([Step("joint space", 1000)])
    lefts = []
    for _ in range(5):
        lefts.append(forecast.told(Progress("joint space", 1, 2)).seconds_left)
        clock.now += 4.0
    assert lefts == pytest.approx([11.0, 7.0, 3.0, 1.2, 1.6], rel=0.01)
    assert forecast.told(Progress("joint space", 2, 2)).seconds_left == 0.0


def test_a_later_round_of_listening_is_as_long_as_the_tracks_of_the_sample() -> None:
    clock = Clock()
    sizes = list(accumulate([50.0] * 48))
    forecast = Forecast({}, so_far=lambda _: sizes, clock=clock)
    forecast.expect([Step("listening", 48, work=48 * 30.0), Step("listening", 1000, work=1000 * 30.0)])
    left = forecast.told(Progress("listening", 1, 48)).seconds_left
    assert left is not None
    assert left > 1040 * 50.0 * SECONDS_A_UNIT["listening"]


def test_what_is_done_in_between_does_not_make_listening_look_slow() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("listening", 2000)])
    for progress in stage(clock, "listening", 2000, 0.01):
        forecast.told(progress)
        if progress.done == 1000:
            break
    for _ in range(2):
        clock.now += 15.0
        left = forecast.told(progress).seconds_left
    assert left == pytest.approx(10.0, rel=0.1)


def test_costs_that_are_none_of_ours_are_left_alone() -> None:
    forecast = Forecast({"dancing": 3.0})
    forecast.expect([Step("graph", 10)])
    assert forecast.told(Progress("dancing", 1, 2)).seconds_left is not None


def test_a_note_after_the_last_item_is_no_new_stage() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("reading lyrics", 100), Step("joint space", 10), Step("reading lyrics", 50)])
    for progress in stage(clock, "reading lyrics", 100, 0.01):
        before = forecast.told(progress).seconds_left
    assert forecast.told(Progress("reading lyrics", 0, 0, note="slow")).seconds_left == pytest.approx(before)


def test_folders_are_read_one_after_the_other_and_the_rest_is_foretold() -> None:
    clock = Clock()
    forecast = Forecast(dict(SECONDS_A_UNIT), clock=clock)
    forecast.expect([Step("reading tags", 1001), Step("listening", 10)])
    left = []
    for items in (1, 1000):
        for progress in stage(clock, "reading tags", items, SECONDS_A_UNIT["reading tags"]):
            left.append(forecast.told(progress).seconds_left or 0.0)
    assert min(left) >= 0
    after_the_first, at_the_end = left[0], left[-1]
    assert after_the_first - at_the_end == pytest.approx(1000 * SECONDS_A_UNIT["reading tags"], rel=0.3)


def test_a_stage_that_has_nothing_to_do_and_takes_its_time_teaches_nothing() -> None:
    clock = Clock()
    forecast = Forecast({}, clock=clock)
    forecast.expect([Step("listening", 5)])
    for name in ("graph", "listening", "search index"):
        forecast.told(Progress(name, 0, 0))
        clock.now += 3.0
    forecast.finish()
    assert "graph" not in forecast.measured


def test_a_pause_is_not_taken_for_work() -> None:
    measured = []
    for pause in (0.0, 3600.0):
        clock = Clock()
        forecast = Forecast({}, clock=clock)
        forecast.expect([Step("looking at covers", 200), Step("reading lyrics", 200)])
        for progress in stage(clock, "looking at covers", 200, 0.05):
            told = forecast.told(progress)
            if progress.done == 100:
                clock.now += pause
                forecast.stood_still(pause)
        forecast.finish()
        measured.append((forecast.measured["looking at covers"], told.seconds_left))
    assert measured[1] == pytest.approx(measured[0], rel=0.01)

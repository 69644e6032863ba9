"""Foretell how long the rest of a whole run takes, from what its stages have left and what a unit of each costs.

What a unit costs is known from earlier runs, and from this one as soon as a stage is under way (indexer/costs.py,
indexer/underway.py); how much there is to do, indexer/workload.py says. Before the long stage of listening, a few
tracks from all over the library are heard, so that its cost is no guess (indexer/embedding.py).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from indexer.costs import Costs
from indexer.progress import Progress
from indexer.underway import SECONDS_TO_START, UNCOUNTED, Step, Underway

SECONDS_A_UNIT = {
    "reading tags": 0.0004,
    "graph": 0.00005,
    "relations": 0.0001,
    "reading words": 0.0012,
    "reading words again": 0.002,
    "joint space": 0.0002,
    "fitting": 0.0007,
    "looking closer": 0.002,
    "looking at covers": 0.003,
    "reading lyrics": 0.006,
    "listening": 0.0011,
    "search index": 0.0003,
}
"""Where no run has measured them yet: two cores of 2020. A unit is a file, a text or a track, and a second of sound for
"listening". Texts of tags are longer when read again, with the words of the sound."""
_KIN = {"reading words again": "reading words"}
"""Both go through the same encoder."""
_ALMOST = 0.99
_STARTS_EACH_TIME = "joint space"
_A_FOLDER_EACH = "reading tags"
"""Comes once for every folder, and is foretold as one."""


class Forecast:
    """Follow a run: `told` gives each moment of a stage the time left of the whole run.

    `so_far` gives the work of a stage's first item, of the first two, and so on, in its cost's units; nothing where all
    items are alike.
    """

    def __init__(
        self,
        remembered: Mapping[str, float],
        *,
        so_far: Callable[[str], Sequence[float]] = lambda _: (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        known = {name: cost for name, cost in remembered.items() if name in SECONDS_A_UNIT}
        self._costs = Costs(SECONDS_A_UNIT, known, kin=_KIN)
        self._so_far = so_far
        self._clock = clock
        self._ahead: list[Step] = []
        self._here: Underway | None = None
        self._begun: set[str] = set()
        self._expected = False
        self._stages_before = 0
        self._began = clock()
        self._stood_still = 0.0
        self._drifted = clock()

    @property
    def measured(self) -> dict[str, float]:
        """Return the seconds a unit of the stages that this run went through."""
        return self._costs.learned

    def expect(self, steps: Sequence[Step]) -> None:
        """Replace what lies ahead of the present stage."""
        self._expected = True
        self._ahead = [step for step in steps if step.items]

    def told(self, progress: Progress) -> Progress:
        """Take in a moment of a stage and return it with what is known of the whole run: its time left, its share done.

        Both are None before anything is known.
        """
        now = self._now
        self._costs.drift(now - self._drifted)
        self._drifted = now
        here = self._here
        if here is None or not here.goes_on(progress):
            self._stages_before += here is not None and here.step.stage != progress.stage
            here = self._here = self._entered(progress, now)
        if progress.total or not here.done:  # a note may follow the last item, without a count
            here.follow(progress, now)
            left = here.left(progress, now)
        else:
            left = 0.0
        progress = replace(progress, step=self._stages_before + 1, steps=self._steps(progress.stage))
        if not self._ahead and here.step.name not in self._costs:
            return replace(progress, seconds_left=None)
        seconds_left = max(0.0, left) + sum(map(self._cost, self._ahead))
        return replace(progress, seconds_left=seconds_left, share=self._share(now, seconds_left))

    def _share(self, now: float, seconds_left: float) -> float:
        """Return the part of the run's time that has passed; never all of it, while it is not over."""
        passed = now - self._began
        return min(passed / (passed + seconds_left), _ALMOST) if passed > 0 else 0.0

    def _steps(self, stage: str) -> int:
        """Return how many stages the run has, with those behind it; 0 before it is known what comes."""
        stages = [stage, *(step.stage for step in self._ahead), ""]
        changes = sum(one != other for one, other in pairwise(stages))
        return self._stages_before + changes if self._expected else 0

    def finish(self) -> None:
        """Take the last stage as done."""
        if self._here is not None:
            self._here.leave(self._now)

    def stood_still(self, seconds: float) -> None:
        """Leave a pause out of what the stage under way is taken to cost."""
        self._stood_still += seconds

    @property
    def _now(self) -> float:
        return self._clock() - self._stood_still

    def _entered(self, progress: Progress, now: float) -> Underway:
        self.finish()
        step, so_far = Step(progress.stage, progress.total), self._so_far(progress.stage)
        stages = [step.stage for step in self._ahead]
        if progress.stage in stages:
            place = stages.index(progress.stage)
            step, self._ahead = self._ahead[place], self._ahead[place + 1 :]
        others = step.items - progress.total if step.stage == _A_FOLDER_EACH and progress.total else 0
        starts = self._starts(step)
        self._begun.add(step.stage)
        if step.name not in UNCOUNTED:
            step = self._sized(step, progress.total, so_far)
        if others > 0:
            self._ahead.insert(0, replace(step, items=others, work=0.0))
        return Underway(step, so_far, self._costs, starts=starts, now=now)

    def _sized(self, step: Step, items: int, so_far: Sequence[float]) -> Step:
        """Return a step with the items that it really has, and take a later round to be like it."""
        if not step.items:
            return step
        a_unit = so_far[-1] / len(so_far) if so_far else step.units / step.items
        # Fewer items than tracks are texts that several have; with the words of the sound, some of these differ.
        share = (1 + min(1.0, items / step.items)) / 2
        self._ahead = [
            replace(other, work=other.items * a_unit if so_far else other.units * share)
            if other.stage == step.stage
            else other
            for other in self._ahead
        ]
        return replace(step, items=items, work=items * a_unit)

    def _starts(self, step: Step) -> bool:
        return step.stage == _STARTS_EACH_TIME or step.stage not in self._begun

    def _cost(self, step: Step) -> float:
        start = SECONDS_TO_START.get(step.stage, 0.0) if self._starts(step) else 0.0
        return self._costs[step.name] * step.units + start * self._costs.pace

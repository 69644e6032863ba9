"""Follow one stage of a run: measure what its units cost, and say how long it still takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, hypot

from indexer.costs import Costs
from indexer.progress import Progress

UNCOUNTED = frozenset(("graph", "relations", "joint space", "fitting", "search index"))
"""What says nothing of how far it is."""
SECONDS_TO_START = {
    "reading tags": 1.0,
    "reading words": 2.0,
    "listening": 1.5,
    "joint space": 0.5,
    "search index": 0.5,
}
"""By stage: processes to start, libraries and models to load; once a run, but for the joint space."""
_OVERDUE = 0.1
"""What takes longer than foretold goes on for such a part of the time it took."""
_WINDOW_SECONDS, _WINDOW_ITEMS = 1.0, 8
"""So much of a stage is measured at a time."""
_TELLING_SECONDS = 0.1
"""Less tells nothing, also at the end of a stage or of one that is measured as a whole."""
_WARM_ITEMS = 16
"""The first ones wait for libraries to be loaded, in one process after the other; of few items, a third."""
_DOUBT, _DOUBT_OF_ITEM, _DOUBT_OF_WHOLE = 0.1, 0.6, 0.25
"""Deviations of a measured cost's logarithm: of any window, of a single item, of what is measured once, as a whole."""
_PLACED_AFTER, _PLACING_COST = 0.2, 10.0
"""While listening, what was heard is placed after every fifth, unless hearing it takes less than ten times as long
(indexer/embedding.py)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the run, to come or under way."""

    stage: str
    items: int
    cost: str = ""
    """The name of what its units cost, where it is not the stage's."""
    work: float = 0.0
    """Units to do, where they are not the items."""

    @property
    def name(self) -> str:
        """Return the name of its cost."""
        return self.cost or self.stage

    @property
    def units(self) -> float:
        """Return the units to do."""
        return self.work or float(self.items)


class Underway:
    """The stage of a run that is under way; `so_far` is the work of its first item, of the first two, and so on."""

    def __init__(self, step: Step, so_far: Sequence[float], costs: Costs, *, starts: bool, now: float) -> None:
        self.step = step
        self._so_far, self._costs = so_far, costs
        self._start = SECONDS_TO_START.get(step.stage, 0.0) if starts else 0.0
        self._since = self._at = self._reported_at = now
        self._from: int | None = None
        self.done = self.total = 0

    @property
    def warm(self) -> bool:
        """Return whether its start is behind it."""
        return self._from is not None

    def follow(self, progress: Progress, now: float) -> None:
        """Take in a moment, and learn the cost of what was done since the last time when that tells something."""
        if self._from is None:
            if progress.done > min(_WARM_ITEMS, progress.total // 3):
                self._at, self._from = now, progress.done
        elif progress.done == self.done:  # something else went on meanwhile
            self._at += now - self._reported_at
        elif now - self._at >= _WINDOW_SECONDS and progress.done - self._from >= _WINDOW_ITEMS:
            self._learn(now - self._at, self._from, progress.done)
            self._at, self._from = now, progress.done
        self.done, self.total, self._reported_at = progress.done, progress.total, now

    def goes_on(self, progress: Progress) -> bool:
        """Tell whether a moment is of this stage, and not of the next one of the same name: that of another folder."""
        if progress.stage != self.step.stage:
            return False
        another = 0 < self.total <= self.done and progress.total != self.total
        return not progress.total or not (another or progress.done < self.done)

    def leave(self, now: float) -> None:
        """Learn what the stage has cost since it was last measured."""
        if self.step.name in UNCOUNTED:
            seconds = now - self._since - self._start * self._costs.pace
            if seconds > _TELLING_SECONDS and self.step.units > 0:
                self._costs.learn(self.step.name, seconds / self.step.units, doubt=_DOUBT_OF_WHOLE)
        elif self._from is not None and self.done - self._from >= _WINDOW_ITEMS:
            self._learn(self._reported_at - self._at, self._from, self.done)

    def left(self, progress: Progress, now: float) -> float:
        """Return the seconds that it still takes."""
        if self.step.name not in self._costs or 0 < progress.total == progress.done:
            return 0.0
        passed, start = now - self._since, self._start * self._costs.pace
        work = self._costs[self.step.name] * (self.step.units - self._work(progress.done))
        if self.step.name in UNCOUNTED:
            return max(start + work - passed, _OVERDUE * passed)
        return work + (0.0 if self.warm else max(0.0, start - passed)) + self._placings(progress, work)

    def _placings(self, progress: Progress, seconds: float) -> float:
        """Return the seconds for what is placed on the way."""
        if self.step.stage != "listening" or progress.total < 1 / _PLACED_AFTER:
            return 0.0
        cost = self._costs["joint space"] * self.step.items
        if cost <= 0:
            return 0.0
        left = ceil((1 - progress.done / progress.total) / _PLACED_AFTER) - 1
        return cost * min(left, seconds / (_PLACING_COST * cost))

    def _learn(self, seconds: float, before: int, after: int) -> None:
        work = self._work(after) - self._work(before)
        if self.step.name in self._costs and work > 0 and seconds > _TELLING_SECONDS:
            doubt = hypot(_DOUBT, _DOUBT_OF_ITEM / (after - before) ** 0.5)
            self._costs.learn(self.step.name, seconds / work, doubt=doubt)

    def _work(self, items: int) -> float:
        """Return the work of the first so many items."""
        if not items or not self.step.items:
            return 0.0
        if not self._so_far:
            return self.step.units * items / self.step.items
        place = round(len(self._so_far) * min(1.0, items / self.step.items))
        return self.step.units * self._so_far[max(0, place - 1)] / self._so_far[-1]

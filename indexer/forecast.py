"""Foretell how long the rest of a whole run takes, from what its stages have left and what an item of each costs.

What an item costs is known from earlier runs, and from this one as soon as a stage is under way. Before the long stage
of listening, a few tracks from all over the library are heard, so that its cost is no guess (indexer/embedding.py).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indexer.progress import Progress

if TYPE_CHECKING:
    from indexer.storing.store import Store

SMALL = 1000
"""Up to so many tracks to hear, a run goes through its stages once; beyond, tags and graph answer before the sound."""
SAMPLE = 48
"""Tracks heard ahead of the others; their mean cost is within a tenth of the library's."""

SECONDS_AN_ITEM = {
    "reading tags": 0.0004,
    "graph": 0.0001,
    "relations": 0.0002,
    "reading words": 0.003,
    "joint space": 0.0005,
    "looking closer": 0.0015,
    "looking at covers": 0.003,
    "reading lyrics": 0.04,
    "listening": 0.04,
}
"""Where no run has measured them yet: two cores of 2020."""
SECONDS_TO_START = {"reading tags": 1.0, "reading words": 7.0, "listening": 2.0, "joint space": 1.0}
"""Processes to start, libraries and models to load; once a run, but for the joint space."""
_REFIT = 5
"""So many times as long as a placing takes one with a refit and its report; tried when a library grew by a fifth."""
_UNCOUNTED = frozenset(("graph", "relations", "joint space"))
"""Stages that say nothing of how far they are: their items are the tracks of the library."""
_WEIGHT_SECONDS = 2.0
"""A cost known before counts like so many seconds of measuring."""
_TELLING_ITEMS, _TELLING_SECONDS = 20, 0.1
"""Less than this of a stage says nothing about what an item costs."""
_WARM_ITEMS = 16
"""The first ones wait for libraries to be loaded, in one process after the other; of few items, a third."""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the run that is still to come."""

    stage: str
    items: int


class Forecast:
    """Follow a run: `told` gives each moment of a stage the time left of the whole run."""

    def __init__(self, costs: Mapping[str, float], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._costs = {**SECONDS_AN_ITEM, **{k: v for k, v in costs.items() if k in SECONDS_AN_ITEM}}
        self._clock = clock
        self.measured: dict[str, float] = {}
        """Seconds an item of the stages that this run went through."""
        self._ahead: list[Step] = []
        self._here: Step | None = None
        self._begun: set[str] = set()
        self._since = 0.0
        self._first: tuple[float, int] | None = None
        self._last = (0.0, 0)

    def expect(self, steps: Sequence[Step]) -> None:
        """Replace what lies ahead of the present stage."""
        self._ahead = [step for step in steps if step.items]

    def told(self, progress: Progress) -> Progress:
        """Take in a moment of a stage and return it with the seconds left of the run; None before anything is known."""
        now = self._clock()
        if self._here is None or progress.stage != self._here.stage or progress.done < self._last[1]:
            self._enter(progress, now)
        if self._first is None and progress.done > min(_WARM_ITEMS, progress.total // 3):
            self._first = now, progress.done
        self._last = now, progress.done
        if not self._ahead and not progress.total:
            return replace(progress, seconds_left=None)
        return replace(progress, seconds_left=self._left_here(progress, now) + sum(map(self._cost, self._ahead)))

    def finish(self) -> None:
        """Take the last stage as done."""
        self._learn()

    def _enter(self, progress: Progress, now: float) -> None:
        self._learn()
        stages = [step.stage for step in self._ahead]
        self._here = Step(progress.stage, progress.total)
        if progress.stage in stages:
            place = stages.index(progress.stage)
            self._here, self._ahead = self._ahead[place], self._ahead[place + 1 :]
        self._begun.add(progress.stage)
        self._since, self._first, self._last = now, None, (now, 0)

    def _learn(self) -> None:
        """Keep what an item of the stage that ends has cost."""
        if self._here is None:
            return
        stage, items = self._here.stage, self._here.items
        if stage in _UNCOUNTED:
            seconds = self._clock() - self._since
        elif self._first is not None:
            seconds, items = self._last[0] - self._first[0], self._last[1] - self._first[1]
        else:
            return
        if stage in self._costs and items >= _TELLING_ITEMS and seconds >= _TELLING_SECONDS:
            self._costs[stage] = self.measured[stage] = seconds / items

    def _left_here(self, progress: Progress, now: float) -> float:
        assert self._here is not None
        stage = self._here.stage
        known = self._costs.get(stage, 0.0)
        if stage in _UNCOUNTED:
            return max(0.0, known * self._here.items + SECONDS_TO_START.get(stage, 0.0) - (now - self._since))
        if self._first is None:
            starting = max(0.0, SECONDS_TO_START.get(stage, 0.0) - (now - self._since))
            return starting + known * (progress.total or self._here.items)
        seconds, items = now - self._first[0], progress.done - self._first[1]
        weight = _WEIGHT_SECONDS / known if known else 1.0
        return (progress.total - progress.done) * (seconds + weight * known) / (items + weight)

    def _cost(self, step: Step) -> float:
        starts = step.stage == "joint space" or step.stage not in self._begun
        return self._costs[step.stage] * step.items + (SECONDS_TO_START.get(step.stage, 0.0) if starts else 0.0)


def steps_ahead(store: "Store", *, unread: int = 0) -> list[Step]:
    """List what a run has to do after the tags; `unread` files more are about to be read."""
    one = store.connection.execute
    present = "FROM tracks t WHERE t.missing_since IS NULL"
    without = " AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = '{}')"
    tracks = one(f"SELECT count(*) {present}").fetchone()[0] + unread
    unheard = one(f"SELECT count(*) {present}{without.format('audio')}").fetchone()[0] + unread
    wordless = one(f"SELECT count(*) {present}{without.format('tags')}").fetchone()[0] + unread
    unseen = one(f"SELECT count(*) {present} AND NOT examined").fetchone()[0] + unread
    lyrics = one(
        f"SELECT count(DISTINCT lyrics_hash) {present} AND lyrics_hash IS NOT NULL{without.format('lyrics')}"
    ).fetchone()[0]
    beginning = [Step("graph", tracks), Step("relations", tracks)]
    looking = [Step("looking closer", unseen), Step("looking at covers", unseen // 12), Step("reading lyrics", lyrics)]
    placing = Step("joint space", tracks)
    last = Step("joint space", tracks * (_REFIT if tracks >= 1.2 * (store.fact("refit_tried") or 0) else 1))
    if unheard <= SMALL:
        return [
            *beginning,
            *looking[:1],
            Step("listening", unheard),
            *looking[1:],
            Step("reading words", wordless),
            last,
        ]
    sample = [Step("looking closer", SAMPLE), Step("listening", SAMPLE)]
    first = [*sample, Step("reading words", wordless), placing]
    return [*beginning, *first, *looking, Step("listening", unheard), Step("reading words", unheard), last]

"""Keep what the stages of an indexing run have reported: how far each is, how long it took, how fast it goes."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from fairouz_tui.messages import Progressed

DONE, STOPPED = "done", "stopped; what is done is kept"
"""How a run may end; anything else says what went wrong."""
TELLING_SECONDS = 0.5
"""A rate over less time says nothing."""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """One stage; one that comes again, for another folder or after a first part, is added up."""

    name: str
    done: int = 0
    total: int = 0
    """0 where the stage does not count."""
    failed: int = 0
    note: str = ""
    seconds: float = 0.0
    """Without pauses."""
    over: bool = False

    @property
    def rate_per_second(self) -> float | None:
        """Return how many items a second it takes; None where that says nothing."""
        if self.total <= 0 or not self.done or self.seconds < TELLING_SECONDS:
            return None
        return self.done / self.seconds

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds left of this stage at its rate so far; None where nothing is known."""
        rate = self.rate_per_second
        return None if rate is None or self.over else max(self.total - self.done, 0) / rate


@dataclass
class RunRecord:
    """The run under way, or the last one of this screen, fed with every report of the child."""

    clock: Callable[[], float] = time.monotonic
    seconds_left: float | None = None
    """Of the whole run."""
    running: bool = False
    paused: bool = False
    trying_again: bool = False
    """Whether it reads failed files alone."""
    ended: str = ""
    """How it ended: DONE, STOPPED or why it could not go on; "" before that."""
    _stages: dict[str, StageRecord] = field(default_factory=dict)
    _before: dict[str, StageRecord] = field(default_factory=dict)
    """What earlier rounds of a stage have done."""
    _last: Progressed | None = None
    _told_at: float = 0.0
    _began: float = 0.0
    _stood: float = 0.0
    _ended_at: float = 0.0

    def begin(self, *, trying_again: bool = False) -> None:
        """Forget the run before."""
        now = self.clock()
        self._stages, self._before, self._last = {}, {}, None
        self._began = self._told_at = now
        self._stood, self.ended, self.seconds_left = 0.0, "", None
        self.running, self.paused, self.trying_again = True, False, trying_again

    def end(self, how: str) -> None:
        """Note that the run ended, and how."""
        self._pass_time()
        self.running, self.paused, self.ended, self.seconds_left = False, False, how, None
        self._ended_at = self.clock()
        if self._last is not None:
            self._close(self._last.stage)

    def take(self, progress: Progressed) -> None:
        """Take in a report."""
        self._pass_time()
        self.paused, self.seconds_left = progress.paused, progress.seconds_left
        last = self._last
        if last is not None and last.stage != progress.stage:
            self._close(last.stage)
        before = self._rounds_before(progress)
        known = self._stages.get(progress.stage, StageRecord(progress.stage))
        self._stages[progress.stage] = replace(
            known,
            done=before.done + progress.done,
            total=before.total + progress.total,
            failed=before.failed + progress.failed,
            note=progress.note or known.note,
            over=False,
        )
        self._last = progress

    def _rounds_before(self, progress: Progressed) -> StageRecord:
        """Return what earlier rounds of this stage did; a count that falls, or another stage between, ends a round."""
        last, known = self._last, self._stages.get(progress.stage)
        fell = last is not None and last.stage == progress.stage and progress.done < last.done
        if known is not None and (fell or known.over):
            self._before[progress.stage] = replace(known, total=known.done)
        return self._before.get(progress.stage, StageRecord(progress.stage))

    def _close(self, stage: str) -> None:
        self._stages[stage] = replace(self._stages[stage], over=True)

    def _pass_time(self) -> None:
        now = self.clock()
        passed, self._told_at = now - self._told_at, now
        if self.paused:
            self._stood += passed
        elif self._last is not None and self.running:
            known = self._stages[self._last.stage]
            self._stages[known.name] = replace(known, seconds=known.seconds + passed)

    @property
    def seconds(self) -> float:
        """Return how long the run has worked, without pauses; 0 before there was one."""
        if not self._began:
            return 0.0
        now = self.clock() if self.running else self._ended_at
        standing = now - self._told_at if self.paused else 0.0
        return max(0.0, now - self._began - self._stood - standing)

    @property
    def now(self) -> str:
        """Return the stage under way, "" for none."""
        return self._last.stage if self._last is not None and self.running else ""

    def __iter__(self) -> Iterator[StageRecord]:
        """Yield the stages in the order in which they began, the time of the present one up to now."""
        since = 0.0 if self.paused or not self.running else self.clock() - self._told_at
        for stage in self._stages.values():
            yield replace(stage, seconds=stage.seconds + since) if stage.name == self.now else stage

    def __len__(self) -> int:
        """Return how many stages there have been."""
        return len(self._stages)

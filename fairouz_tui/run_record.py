"""Keep what the stages of an indexing run have reported: how far each is, how long it took, how fast it goes."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from indexer.progress import Progress
from indexer.underway import UNCOUNTED

if TYPE_CHECKING:
    from fairouz_tui.messages import Progressed

    Moment: TypeAlias = Progressed | Progress
    """A report as the child's reader makes it, or as a run itself does."""
DONE, STOPPED = "done", "stopped; what is done is kept"
"""How a run may end; anything else says what went wrong."""
SCANNING = "scanning"
TELLING_SECONDS = 0.5
"""A rate over less time says nothing."""


_TOLD = ("stage", "done", "total", "note", "seconds_left", "share", "step", "steps", "paused")


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
    cut: bool = False
    """Whether the run ended in the middle of it."""

    @property
    def took_part(self) -> bool:
        """Return whether there was anything to do; a stage that does not count always does something."""
        return bool(self.done) or self.name == SCANNING or self.name in UNCOUNTED

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
    share: float | None = None
    """Of the whole run, by time: what is behind it, 0 to 1."""
    step: int = 0
    steps: int = 0
    """Which stage it is of how many; 0 while that is not known."""
    running: bool = False
    paused: bool = False
    trying_again: bool = False
    """Whether it reads failed files alone."""
    ended: str = ""
    """How it ended: DONE, STOPPED or why it could not go on; "" before that."""
    _stages: dict[str, StageRecord] = field(default_factory=dict)
    _before: dict[str, StageRecord] = field(default_factory=dict)
    """What earlier rounds of a stage have done."""
    _last: "Moment | None" = None
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
        self.share, self.step, self.steps = None, 0, 0
        self.running, self.paused, self.trying_again = True, False, trying_again

    def end(self, how: str) -> None:
        """Note that the run ended, and how."""
        self._pass_time()
        self.running, self.paused, self.ended, self.seconds_left = False, False, how, None
        self._ended_at = self.clock()
        if self._last is not None:
            self._close(self._last.stage)
            stage = self._stages[self._last.stage]
            self._stages[stage.name] = replace(stage, cut=how != DONE)

    def take(self, progress: "Moment") -> None:
        """Take in a report."""
        self._pass_time()
        self.paused, self.seconds_left = progress.paused, progress.seconds_left
        self.share, self.step, self.steps = progress.share, progress.step, progress.steps
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
            note=known.note if progress.paused else progress.note or known.note,
            over=False,
        )
        self._last = progress

    def _rounds_before(self, progress: "Moment") -> StageRecord:
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

    @property
    def last(self) -> "Moment | None":
        """Return what the run under way reported last."""
        return self._last if self.running else None

    def as_table(self) -> dict[str, Any]:
        """Return the run under way as it stands, ready for JSON."""
        return {
            "stages": [asdict(stage) for stage in self],
            "last": None if self._last is None else {name: getattr(self._last, name) for name in _TOLD},
            "seconds": self.seconds,
            "trying_again": self.trying_again,
        }

    @classmethod
    def of_table(cls, table: Mapping[str, Any]) -> "RunRecord":
        """Make the record of another process's run of what it wrote; its clock stands still.

        Raises TypeError, ValueError, KeyError or AttributeError on what is no such table.
        """
        ran = _amount(table["seconds"])
        record = cls(clock=lambda: ran + 1.0)
        record.begin(trying_again=bool(table["trying_again"]))
        record._began = 1.0
        stages = [_stage_of(one) for one in table["stages"]]
        if table["last"] is not None:
            record.take(_progress_of(table["last"]))
        record._stages = {stage.name: stage for stage in stages}
        return record

    def __iter__(self) -> Iterator[StageRecord]:
        """Yield the stages in the order in which they began, the time of the present one up to now."""
        since = 0.0 if self.paused or not self.running else self.clock() - self._told_at
        for stage in self._stages.values():
            yield replace(stage, seconds=stage.seconds + since) if stage.name == self.now else stage

    def __len__(self) -> int:
        """Return how many stages there have been."""
        return len(self._stages)


def _stage_of(table: Mapping[str, Any]) -> StageRecord:
    done, total, failed = (_count(table[name]) for name in ("done", "total", "failed"))
    name, note, over = str(table["name"]), str(table["note"]), bool(table["over"])
    return StageRecord(name, done, total, failed, note, _amount(table["seconds"]), over)


def _progress_of(table: Mapping[str, Any]) -> Progress:
    known = {key: table.get(key) for key in ("seconds_left", "share")}
    return Progress(
        stage=str(table["stage"]),
        done=_count(table["done"]),
        total=_count(table["total"]),
        note=str(table["note"]),
        seconds_left=None if known["seconds_left"] is None else _amount(known["seconds_left"]),
        share=None if known["share"] is None else _amount(known["share"]),
        step=_count(table["step"]),
        steps=_count(table["steps"]),
        paused=bool(table["paused"]),
    )


def _count(value: Any) -> int:
    """Return a count of files or steps. Raises ValueError for what is none."""
    return int(_amount(value))


def _amount(value: Any) -> float:
    """Return an amount from 0 up. Raises ValueError for what is none, as NaN and what is endless."""
    amount = float(value)
    if not 0.0 <= amount < math.inf:
        raise ValueError(f"{value} is no amount")
    return amount

"""Tell how far a long job is: the record that stages yield."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a stage; `total` 0 means not known yet."""

    stage: str
    done: int
    total: int
    failed: int = 0
    note: str = ""
    rate_per_second: float | None = None
    seconds_left: float | None = None
    share: float | None = None
    """Of the whole run, by time: what is behind it, 0 to 1; None before anything is known."""
    step: int = 0
    """Which stage of the run it is, counted from 1; 0 where nobody counts."""
    steps: int = 0
    """How many stages the run has; 0 while that is not known."""
    paused: bool = False
    """Whether nothing goes on until it is told to; `note` says why."""


@dataclass(slots=True)
class Pace:
    """Measure the rate of one stage and turn counts into Progress."""

    stage: str
    total: int
    done: int = 0
    failed: int = 0
    started: float = field(default_factory=time.monotonic)

    def advance(self, count: int = 1, *, failed: int = 0, note: str = "") -> Progress:
        """Count finished items and return the moment; rate and time left appear once two seconds tell."""
        self.done += count
        self.failed += failed
        elapsed = time.monotonic() - self.started
        rate = self.done / elapsed if elapsed > 2 and self.done else None
        left = (self.total - self.done) / rate if rate else None
        return Progress(self.stage, self.done, self.total, self.failed, note, rate, left)


@dataclass(slots=True)
class Counts:
    """What a run saw and did, over audio files: seen = new + changed + moved + unchanged + failed."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    moved: int = 0
    unchanged: int = 0
    missing: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    """One line each on roots that were absent, files that were lost at once, and the like."""

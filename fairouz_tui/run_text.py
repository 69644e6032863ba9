"""Say in a line how an indexing run goes, or how one ended."""

from typing import TYPE_CHECKING

from fairouz_tui.run_record import DONE, RunRecord
from fairouz_tui.show import clock, one_line
from fairouz_tui.widgets.folder_list import ago
from indexer.exploring.indexed import Job

if TYPE_CHECKING:
    from fairouz_tui.run_record import Moment

INDEX_COUNTS = ("seen", "new", "changed", "moved", "unchanged", "failed", "missing", "skipped")
RETRY_COUNTS = {"seen": "tried again", "changed": "read now", "failed": "still failed"}


def run_title(record: RunRecord, *, pausing: bool, name: str = "") -> str:
    """Return "this run · 62 % · 4:10 left · stage 4 of 9: listening 204 of 312 · 1:23 so far", or how it stands.

    name : whose run it is, where it is not ours.
    """
    if not record.running:
        return f"{_name(record)} · {'done' if record.ended == DONE else 'ended'}" if record.ended else "last run"
    said = [name or _name(record)]
    if record.paused:
        said.append("paused" if name else "paused · p goes on")
    elif pausing:
        said.append("pausing after this step · p goes on")
    said += [percent(record.share)] * (record.share is not None)
    if record.seconds_left is not None and not record.paused:
        said.append(f"{clock(record.seconds_left)} left")
    said += [stage_text(record.last)] * (record.last is not None)
    return " · ".join([*said, f"{clock(record.seconds)} so far"])


def percent(share: float | None) -> str:
    """Return "62 %"; "" for None."""
    return "" if share is None else f"{share * 100:.0f} %"


def stage_text(progress: "Moment | None") -> str:
    """Return "stage 4 of 9: listening 1,204 of 10,000", with what is known of it; "" before there is a stage."""
    if progress is None:
        return ""
    place = f"stage {progress.step} of {progress.steps}: " if progress.steps else ""
    count = f" {progress.done:,} of {progress.total:,}" if progress.total > 0 else ""
    return f"{place}{one_line(progress.stage)}{count}"


def _name(record: RunRecord) -> str:
    return "trying files again" if record.trying_again else "this run"


def job_line(job: Job, *, now: float) -> str:
    """Return "Last run 5 m ago: done in 0:12", or how else it ended."""
    seconds = clock(job.counts.get("seconds", 0.0))
    tried = " tried failed files again and" if job.kind == "retry" else ""
    if job.finished is None:
        return f"The last run{tried} began {ago(job.started, now=now)} and was ended from outside: u goes on."
    when = f"The last run, {ago(job.finished, now=now)},{tried}"
    if job.state == "done":
        return f"{when} was done in {seconds}."
    if job.state == "interrupted":
        return f"{when} was stopped after {seconds}: u goes on."
    return f"{when} failed after {seconds}: u tries again."


def counts_text(job: Job) -> str:
    """Return "36 seen · 2 new · ..." without what is 0; of a run that counted nothing "". Notes follow."""
    names = RETRY_COUNTS if job.kind == "retry" else dict(zip(INDEX_COUNTS, INDEX_COUNTS, strict=True))
    counted = [f"{job.counts[key]:,} {name}" for key, name in names.items() if job.counts.get(key)]
    return one_line(" · ".join(counted))

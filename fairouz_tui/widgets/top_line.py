"""Say on the first line what is here: the name, the library, how far the indexing is."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from textual import work
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.worker import Worker

from fairouz_tui.bars import meter
from fairouz_tui.indexing import IndexingChild
from fairouz_tui.messages import IndexingEnded, Progressed
from fairouz_tui.notices import told_failure
from fairouz_tui.run_record import DONE, STOPPED, RunRecord
from fairouz_tui.run_text import percent, stage_text
from fairouz_tui.show import one_line

METER_CELLS = 10
SHORT_METER_CELLS = 5
ROOMY, WIDE = 90, 120
BETWEEN = " · "
SECONDS_PER_MINUTE = 60


class TopLine(Widget):
    """The header line; it owns the indexing child."""

    DEFAULT_CSS = """
    TopLine { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; }
    """

    summary: reactive[dict[str, Any]] = reactive(dict)
    progress: reactive[Progressed | None] = reactive(None)
    indexing: reactive[bool] = reactive(False)

    def __init__(self, library: Path) -> None:
        super().__init__()
        self._child = IndexingChild(library)
        self.record = RunRecord()
        """What the run under way has reported, or the last one."""
        self.pausing = False
        """Whether the child was asked to pause; `record` tells whether it has done so."""

    @property
    def child_id(self) -> int | None:
        """Return the process id of the indexing child, or None while there is none."""
        return self._child.process_id

    def index(self, folders: Sequence[Path], *, retry: Sequence[Path] | None = None) -> None:
        """Index `folders` in a child process, or try files again that failed; IndexingEnded tells when it is done.

        A run that is under way goes on, and nothing else is begun.
        """
        if not self.indexing:
            self.indexing, self.progress, self.pausing = True, None, False
            self.record.begin(trying_again=retry is not None)
            self._index(folders, retry)

    @work(exclusive=True, exit_on_error=False, group="index")
    async def _index(self, folders: Sequence[Path], retry: Sequence[Path] | None) -> None:
        how = "it could not be started"
        try:
            problem = await self._child.run(folders, report=self._report, retry=retry)
            how = problem or (STOPPED if self._child.stopped else DONE)
        finally:
            self.record.end(how)
            self.indexing = self.pausing = False
        self.post_message(IndexingEnded(problem))

    def _report(self, progress: Progressed) -> None:
        self.record.take(progress)
        self.post_message(progress)

    def stop(self) -> None:
        """Stop the child; what it has done is kept."""
        self._child.stop()

    def pause(self) -> None:
        """Let the child pause after the step in hand, or go on."""
        self.pausing = not self.pausing
        self._child.pause(on=self.pausing)
        self.refresh()

    def on_progressed(self, message: Progressed) -> None:
        """Draw the newest report."""
        self.progress = message

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say why indexing could not be started."""
        told_failure(self, event)

    def render(self) -> Content:
        """Draw the library at the left and the indexing at the right."""
        width = self.size.width
        right = self._progress(width)
        left = Content.assemble(("fairouz", "$primary bold"), ("  ▸ ", "$text-disabled"), (self._library(width), ""))
        gap = width - left.cell_length - right.cell_length
        if gap < 1:
            left = Content.assemble(("fairouz", "$primary bold"))
            gap = max(width - left.cell_length - right.cell_length, 1)
        return Content.assemble(left, " " * gap, right)

    def _library(self, width: int) -> str:
        tracks = int(self.summary.get("tracks", 0))
        modalities = self.summary.get("modalities", {})
        present = sum(1 for one in modalities.values() if one.get("present"))
        said = [plural(tracks, "track")]
        missing = int(self.summary.get("missing", 0))
        if missing:
            said.append(f"{missing:,} missing")
        if width >= ROOMY:
            counts = {name: int(self.summary.get(name, 0)) for name in ("artists", "albums")}
            said += [plural(count, name[:-1]) for name, count in counts.items() if count]
        if tracks and present:
            said.append(plural(present, "modality", "modalities"))
        return " · ".join(said)

    def _progress(self, width: int) -> Content:
        if not self.indexing and self.summary.get("stopped"):
            return Content.styled("indexing " * (width >= ROOMY) + "stopped · u goes on", "$warning")
        if not self.indexing:
            failed = int(self.summary.get("failed", 0))
            return Content.styled(f"{plural(failed, 'file')} not read" if failed and width >= ROOMY else "", "$warning")
        pausing = self.pausing and not self.record.paused
        return Content.styled(progress_text(self.record, width, pausing=pausing), "$warning" if pausing else "$accent")


def progress_text(record: RunRecord, width: int, *, pausing: bool) -> str:
    """Return "indexing ▓▓▓▓░ 62 % · 4 m left · stage 4 of 9", all of it of the whole run; before that the stage."""
    last = record.last
    if pausing:
        return "pausing after this step …"
    if last is None:
        return "indexing …"
    if last.paused:
        return BETWEEN.join([one_line(last.note) or "paused", *[percent(record.share)] * (record.share is not None)])
    if record.share is None or record.seconds_left is None:
        return f"indexing · {stage_text(last)}"
    bar = meter(record.share, METER_CELLS if width >= ROOMY else SHORT_METER_CELLS)
    said = [f"indexing {bar} {percent(record.share)}", time_left(record.seconds_left)]
    return BETWEEN.join(said + [f"stage {record.step} of {record.steps}"] * (width >= WIDE and record.steps > 0))


def time_left(seconds: float) -> str:
    """Return "40 s left" or "4 m left"."""
    if seconds < SECONDS_PER_MINUTE:
        return f"{seconds:.0f} s left"
    return f"{seconds / SECONDS_PER_MINUTE:.0f} m left"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return "1 track" or "12,480 tracks"."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"

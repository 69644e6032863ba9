"""Show how far an indexing run is: a line for each stage with its count, its pace, its failures and its time."""

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from fairouz_tui.bars import meter
from fairouz_tui.run_record import StageRecord
from fairouz_tui.show import clip, clock, fit, one_line

NAME_CELLS, NARROW_NAME_CELLS = 20, 18
COUNT_CELLS, RATE_CELLS, FAILED_CELLS, TIME_CELLS, LEFT_CELLS = 19, 9, 8, 8, 8
NARROW_COUNT_CELLS, NARROW_RATE_CELLS, NARROW_FAILED_CELLS = 15, 7, 5
METER_CELLS = 10
ROOMY = 84
FAST = 100.0
"""From so many items a second on, tenths say nothing."""
DONE_SIGN, HERE_SIGN, PAUSED_SIGN, ABSENT_SIGN, CUT_SIGN = "✓", "▸", "‖", "–", "■"


class StageTable(Widget):
    """The stages of a run, the last ones where there is no room for all; under them what is to be said."""

    DEFAULT_CSS = """
    StageTable { height: auto; padding: 0 1; text-wrap: nowrap; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.stages: Sequence[StageRecord] = ()
        self.now = ""
        self.paused = False
        self.lines: Sequence[Content] = ()

    def show(self, stages: Sequence[StageRecord], lines: Sequence[Content], *, now: str, paused: bool) -> None:
        """Show a run: `now` names the stage under way, `lines` stand under all of them."""
        layout = (len(stages), len(lines)) != (len(self.stages), len(self.lines))
        self.stages, self.lines, self.now, self.paused = tuple(stages), tuple(lines), now, paused
        self.refresh(layout=layout)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return a line for each stage, one for their names and those under them."""
        return len(self.stages) + bool(self.stages) + len(self.lines)

    def render(self) -> Content:
        """Draw what there is room for, the newest stages first of all."""
        width, room = self.size.width, max(self.size.height - len(self.lines), 0)
        shown = [*self._stage_lines(width, room), *(line.truncate(width, ellipsis=True) for line in self.lines)]
        return Content("\n").join(shown)

    def _stage_lines(self, width: int, room: int) -> list[Content]:
        if not self.stages or not room:
            return []
        names = Content.styled(stage_names(width), "$text-muted bold")
        drawn = [self._drawn(stage, width) for stage in self.stages]
        return drawn[-1:] if room == 1 else [names, *drawn[1 - room :]]

    def _drawn(self, stage: StageRecord, width: int) -> Content:
        here = stage.name == self.now
        if not here and not stage.cut and not stage.took_part:
            note = clip(one_line(stage.note), max(width - NAME_CELLS - 4, 0)) or "nothing to do in this run"
            absent = f"{ABSENT_SIGN} {fit(one_line(stage.name), NAME_CELLS)} {note}"
            return Content.styled(absent, "$text-disabled").truncate(width)
        lit = "$accent" if here else "$text-muted"
        sign = HERE_SIGN if here else DONE_SIGN
        if stage.cut or (here and self.paused):
            lit, sign = "$warning", CUT_SIGN if stage.cut else PAUSED_SIGN
        before, failed, after = stage_columns(stage, width)
        note = clip(one_line(stage.note), width - len(before + failed + after) - 5)
        plain = "" if here else "$text-muted"
        said = (f"  {note}", lit) if note else ""
        drawn = Content.assemble((f"{sign} ", lit), (before, plain), (failed, "$warning bold"), (after, plain), said)
        return drawn.truncate(width)


def stage_names(width: int) -> str:
    """Return the names of the columns."""
    if width < ROOMY:
        name = "  " + "stage".ljust(NARROW_NAME_CELLS) + "done".rjust(NARROW_COUNT_CELLS)
        return name + "rate".rjust(NARROW_RATE_CELLS) + "fail".rjust(NARROW_FAILED_CELLS) + "time".rjust(TIME_CELLS)
    name = "  " + "stage".ljust(NAME_CELLS) + " " * METER_CELLS + "done".rjust(COUNT_CELLS)
    rest = "rate".rjust(RATE_CELLS) + "failed".rjust(FAILED_CELLS) + "time".rjust(TIME_CELLS)
    return name + rest + "left".rjust(LEFT_CELLS)


def stage_columns(stage: StageRecord, width: int) -> tuple[str, str, str]:
    """Return one stage in columns that fit into `width` cells beside its sign: up to the failures, these, the rest."""
    name, count, rate, time = one_line(stage.name), count_text(stage), rate_text(stage), clock(stage.seconds)
    failed = f"{stage.failed:,}" if stage.failed else ""
    if width < ROOMY:
        before = fit(name, NARROW_NAME_CELLS) + count.rjust(NARROW_COUNT_CELLS) + rate.rjust(NARROW_RATE_CELLS)
        return before + " " * (NARROW_FAILED_CELLS - len(failed)), failed, time.rjust(TIME_CELLS)
    drawn = meter(stage.done / stage.total, METER_CELLS) if stage.total > 0 else " " * METER_CELLS
    before = fit(name, NAME_CELLS) + drawn + count.rjust(COUNT_CELLS) + rate.rjust(RATE_CELLS)
    left = "" if stage.seconds_left is None else clock(stage.seconds_left)
    return before + " " * (FAILED_CELLS - len(failed)), failed, time.rjust(TIME_CELLS) + left.rjust(LEFT_CELLS)


def count_text(stage: StageRecord) -> str:
    """Return "312 / 1,000"; "" for a stage that does not count."""
    if stage.total > 0:
        return f"{stage.done:,} / {stage.total:,}"
    return f"{stage.done:,}" if stage.done else ""


def rate_text(stage: StageRecord) -> str:
    """Return items a second, "8.1/s", or "" where that says nothing yet."""
    rate = stage.rate_per_second
    if rate is None:
        return ""
    return f"{rate:,.0f}/s" if rate >= FAST else f"{rate:.1f}/s"

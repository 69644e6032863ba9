"""List the files that could not be read, with the stage and the reason; remarks on files that were read come last."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.show import fit, one_line
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow
from indexer.exploring.indexed import Problem

STAGE_CELLS, NARROW_STAGE_CELLS = 18, 9
ROOMY = 76
FAILED_SIGN, REMARK_SIGN = "✗ ", "· "


class ProblemList(LineList):
    """The problems of a library, a line each."""

    empty_text = "Every file was read: nothing to do here.\n{index_start} looks for new and changed files."

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return len(self.problems)

    @property
    def current(self) -> Problem | None:
        """Return the problem under the cursor."""
        return self.problems[self.cursor] if self.problems else None

    @property
    def failures(self) -> int:
        """Return how many are no mere remarks."""
        return sum(problem.failed for problem in self.problems)

    def show(self, problems: Sequence[Problem], *, at: tuple[str, str] | None = None) -> None:
        """Show these problems, with the cursor on the one of this path and stage.

        Where that is gone it stays on its line, unless that holds a remark: then it goes to the first failure.
        """
        here = self.current
        wanted = at or ((here.path, here.stage) if here is not None else None)
        self.problems = tuple(problems)
        places = (index for index, one in enumerate(self.problems) if (one.path, one.stage) == wanted)
        gone = self.cursor if self.cursor < self.failures else 0
        self.rows_changed(cursor=next(places, gone))

    def row_at(self, index: int) -> TrackRow | None:
        """Return no track: a file that cannot be read need not be one."""
        return None

    def header(self, width: int) -> str:
        """Return the names of the columns."""
        path, stage, reason = self._cells(width)
        return "  " + fit("file", path) + " " + fit("stage", stage) + " " + fit("reason", reason)

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one problem."""
        problem = self.problems[index]
        dim = style + self.component("line-list--dim")
        path, stage, reason = self._cells(width)
        return [
            Segment(FAILED_SIGN if problem.failed else REMARK_SIGN, style if problem.failed else dim),
            Segment(fit_end(one_line(problem.path), path) + " ", style if problem.failed else dim),
            Segment(fit(one_line(problem.stage), stage) + " ", dim),
            Segment(fit(one_line(problem.reason), reason), style if problem.failed else dim),
        ]

    def _cells(self, width: int) -> tuple[int, int, int]:
        stage = STAGE_CELLS if width >= ROOMY else NARROW_STAGE_CELLS
        rest = max(width - stage - 4, 0)
        path = rest // 2
        return path, stage, rest - path


def fit_end(path: str, width: int) -> str:
    """Return a safe path in exactly `width` cells; where it is too long its start goes: the name says more."""
    from rich.cells import cell_len

    if cell_len(path) <= width:
        return fit(path, width)
    while path and cell_len(path) > width - 1:
        path = path[max(1, (cell_len(path) - width) // 2) :]
    return fit("…" + path, width)

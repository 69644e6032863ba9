"""Say under the query line what is wrong with it, over the upper border of the panes: nothing moves for it."""

from textual.content import Content
from textual.widgets import Static

from fairouz_tui.show import one_line

SIGN = "✗ "
"""Tells an error where there are no colours."""


class QueryProblem(Static):
    """One line that is there while the query cannot be read."""

    DEFAULT_CSS = """
    QueryProblem {
        display: none;
        overlay: screen;
        width: 1fr;
        height: 1;
        padding: 0 1;
        background: $background;
        color: $error;
        text-style: bold;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &.-wrong { display: block; }
    }
    """

    problem = ""
    """What is said; "" while nothing is wrong."""

    def show(self, problem: str) -> None:
        """Say what is wrong; "" takes the line away."""
        if problem != self.problem:
            self.problem = problem
            self.update(Content(SIGN + one_line(problem)))
            self.set_class(bool(problem), "-wrong")

"""Show where the reader came from, as one line of steps."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from fairouz_tui.show import clip
from fairouz_tui.steps import START
from fairouz_tui.steps import Trail as Steps

LONGEST_LABEL, LONGEST_LAST = 24, 72
BETWEEN = " › "


class Trail(Widget):
    """The trail; what does not fit is cut at its old end."""

    DEFAULT_CSS = """
    Trail { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    steps: reactive[Steps] = reactive(START)

    def render(self) -> Content:
        """Draw the steps, the newest bright."""
        labels = [clip(step.label, LONGEST_LABEL) for step in self.steps[:-1]]
        labels.append(clip(self.steps[-1].label, LONGEST_LAST))
        cut = False
        while len(labels) > 1 and Content(BETWEEN.join(labels)).cell_length > self.size.width - 2:
            labels.pop(0)
            cut = True
        before = BETWEEN.join(["…"] * cut + labels[:-1])
        back = ("  ⌫ back", "$text-disabled") if len(self.steps) > 1 else ""
        return Content.assemble(
            (before + BETWEEN if before else "", "$text-muted"), (labels[-1], "$primary bold"), back
        )

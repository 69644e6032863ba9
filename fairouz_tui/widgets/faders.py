"""Weigh the modalities: six faders, moved with the arrow keys, that rank again as they move."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from fairouz_tui.bars import bar
from fairouz_tui.reasons.page import COLOURS
from fairouz_tui.show import fit
from models.modality import MODALITIES

NAMES = tuple(str(modality) for modality in MODALITIES)
NEUTRAL = 1.0
HIGHEST = 2.0
STEP = 0.1
NAME_CELLS = 10
BAR_CELLS = 20
AROUND = 6
"""Cells before a fader's name and behind its bar."""
SIDE_BY_SIDE = 3
"""Faders in a line where there is no line for each."""


class Faders(Widget, can_focus=True):
    """The six faders, one a line; where there are but two lines they stand in columns, one below the other."""

    DEFAULT_CSS = """
    Faders { height: 8; padding: 0 1; border: round $border-blurred; }
    Faders:focus { border: round $border; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "change(-1)", "Less", id="faders_less", tooltip="Count this modality less"),
        Binding("right,l", "change(1)", "More", id="faders_more", tooltip="Count this modality more"),
        Binding("up,k", "pick(-1)", "Above", show=False, id="faders_up", tooltip="The fader above"),
        Binding("down,j", "pick(1)", "Below", show=False, id="faders_down", tooltip="The fader below"),
        Binding("0", "reset", "All to 1", id="faders_reset", tooltip="Put all faders back to 1"),
        Binding("escape", "leave", "Close", id="faders_leave", tooltip="Close the faders; they stay as they are"),
    ]

    values: reactive[dict[str, float]] = reactive(dict)
    picked: reactive[int] = reactive(0)

    @dataclass
    class Changed(Message):
        """A fader was moved."""

        values: dict[str, float]

    class Left(Message):
        """The reader is done with the faders."""

    def value(self, name: str) -> float:
        """Return a fader's value; 1 unless it was moved."""
        return self.values.get(name, NEUTRAL)

    def render(self) -> Content:
        """Draw the faders."""
        names = range(len(NAMES))
        if self.size.height >= len(NAMES):
            return Content("\n").join(self._drawn(index, NAME_CELLS, BAR_CELLS) for index in names)
        rows = len(NAMES) // SIDE_BY_SIDE
        bar_cells = self.size.width // SIDE_BY_SIDE - NAME_CELLS - AROUND
        lines = [[self._drawn(index, NAME_CELLS, bar_cells) for index in names[row::rows]] for row in range(rows)]
        return Content("\n").join(Content("").join(line) for line in lines)

    def _drawn(self, index: int, name_cells: int, bar_cells: int) -> Content:
        """Draw one fader."""
        name, chosen = NAMES[index], index == self.picked
        return Content.assemble(
            ("▸ " if chosen else "  ", "$accent bold"),
            (fit(name, name_cells), "bold" if chosen else "$text-muted"),
            (bar(self.value(name) / HIGHEST, bar_cells), COLOURS[name]),
            (f" {self.value(name):.1f}", "bold" if chosen else ""),
        )

    def action_pick(self, lines: int) -> None:
        """Choose another fader."""
        self.picked = (self.picked + lines) % len(NAMES)

    def action_change(self, steps: int) -> None:
        """Move the chosen fader by tenths, between 0 and 2."""
        name = NAMES[self.picked]
        value = round(min(max(self.value(name) + steps * STEP, 0.0), HIGHEST), 1)
        self._set({**self.values, name: value})

    def action_reset(self) -> None:
        """Put every fader back to 1."""
        self._set({})

    def action_leave(self) -> None:
        """Close the faders."""
        self.post_message(self.Left())

    def _set(self, values: Mapping[str, float]) -> None:
        kept = {name: value for name, value in values.items() if value != NEUTRAL}
        if kept != self.values:
            self.values = kept
            self.post_message(self.Changed(kept))


def faders_text(values: Mapping[str, float]) -> str:
    """Return the faders that were moved as "audio 1.3 cover 0"; "" when none was."""
    return " ".join(f"{name} {values[name]:g}" for name in NAMES if values.get(name, NEUTRAL) != NEUTRAL)

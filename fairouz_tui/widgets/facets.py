"""Show what the tracks at hand have in common, value by value with its count; each narrows the question."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from fairouz_tui.hints import hint
from fairouz_tui.show import clip, fit, one_line
from fairouz_tui.terms import field_terms, holds, negation
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow
from indexer.exploring.facets import Facet, Value

FEW = 6
"""Values of a facet that are shown before it is opened."""
IN_QUESTION = "in the question"
MARK_CELLS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the pane: a value, a term of the question, or the name of the facet where neither is given."""

    facet: str
    value: Value | None = None
    more: int = 0
    """How many values a line stands for that are not shown."""
    is_said: bool = False
    """Whether it says something of what is not counted, which stands in place of the facet."""


class FacetsPane(LineList):
    """The facets of what is shown."""

    header_lines = 0
    empty_text = "Counting …"

    COMPONENT_CLASSES: ClassVar[set[str]] = {"facets--name", "facets--with", "facets--without"}

    DEFAULT_CSS = """
    FacetsPane {
        & > .facets--name { color: $primary; text-style: bold; }
        & > .facets--with { color: $success; text-style: bold; }
        & > .facets--without { color: $error; text-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pick(False)", "Narrow", id="facets_pick", tooltip="Only these; again: take the term out"),
        Binding("minus", "pick(True)", "Leave out", id="facets_exclude", tooltip="All but these; again: take it out"),
        Binding("right", "unfold(True)", "All values", id="facets_open", tooltip="Show every value of the facet"),
        Binding("left", "unfold(False)", "Few", show=False, id="facets_close", tooltip="Show few values, then none"),
    ]

    @dataclass
    class Picked(Message):
        """A value was chosen: what has it is wanted, or with `against` what has it not."""

        term: str
        against: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facets: tuple[Facet, ...] = ()
        self._text = ""
        self._lines: tuple[Line, ...] = ()
        self.said = ""
        """What is said under the facets of one that is not there."""
        self._opened: dict[str, bool] = {}
        """Facets that show all their values (True) or none (False); the others show a few."""

    def __len__(self) -> int:
        return len(self._lines)

    def show(self, facets: tuple[Facet, ...], text: str) -> None:
        """Show facets, and which of their values the query `text` asks for."""
        self._facets, self._text = facets, text
        self.empty_text = hint(self, "Nothing to count here.\n{facets} closes this.")
        self._made_anew()

    def _made_anew(self) -> None:
        """Make the lines anew; the cursor stays on its value, wherever that stands now."""
        before = self._lines[self.cursor] if self._lines else None
        self._lines = tuple(self._made())
        self.rows_changed(cursor=self._place_of(before))

    def _made(self) -> Iterator[Line]:
        asked = field_terms(self._text)
        if asked:
            yield Line(IN_QUESTION)
            for term in asked:
                yield Line(IN_QUESTION, Value(one_line(term), term, 0))
        for facet in self._facets:
            yield Line(facet.name)
            opened = self._opened.get(facet.name)
            shown = facet.values if opened else facet.values[:FEW] if opened is None else ()
            for value in shown:
                yield Line(facet.name, value)
            if opened is None and len(facet.values) > FEW:
                yield Line(facet.name, more=len(facet.values) - FEW)
        if self.said and self._facets:
            yield Line(self.said, is_said=True)

    def _place_of(self, line: Line | None) -> int:
        if line is None:
            return 0
        term = line.value.term if line.value is not None else ""
        for index, one in enumerate(self._lines):
            if one.facet == line.facet and (one.value.term if one.value is not None else "") == term:
                return index
        return self.cursor

    def row_at(self, index: int) -> TrackRow | None:
        """Return None: no line is a track."""
        return None

    def header(self, width: int) -> str:
        """Return no names."""
        return ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one line."""
        line = self._lines[index]
        dim = style + self.component("line-list--dim")
        if line.is_said:
            return [Segment(fit(line.facet, width), dim)]
        if line.more:
            return [Segment(fit(f"  {line.more} more …", width), dim)]
        if line.value is None:
            sign = "▸" if self._opened.get(line.facet) is False else "▾"
            return [Segment(fit(f"{sign} {line.facet}", width), style + self.component("facets--name"))]
        count = f" {line.value.tracks:,}" if line.value.tracks else ""
        room = width - MARK_CELLS - cell_len(count)
        label = fit(clip(one_line(line.value.label), room), room)
        return [self._mark(line.value, style), Segment(label, style), Segment(count, dim)]

    def _mark(self, value: Value, style: Style) -> Segment:
        """Draw whether the question asks for a value, or for what has it not."""
        if holds(self._text, negation(value.term)) and not value.term.startswith("-"):
            return Segment("− ", style + self.component("facets--without"))
        if holds(self._text, value.term):
            left_out = value.term.startswith("-") and not value.tracks
            sign, name = ("− ", "without") if left_out else ("✓ ", "with")
            return Segment(sign, style + self.component(f"facets--{name}"))
        return Segment("  ", style)

    @property
    def chosen(self) -> Value | None:
        """Return the value under the cursor; None on the name of a facet."""
        return self._lines[self.cursor].value if self._lines else None

    def action_pick(self, against: bool) -> None:
        """Choose the value under the cursor; the name of a facet opens and closes it."""
        if self.chosen is not None:
            self.post_message(self.Picked(self.chosen.term, against))
        elif self._lines and not self._lines[self.cursor].is_said:
            line = self._lines[self.cursor]
            self._open(line.facet, True if line.more else None if self._opened.get(line.facet) is False else False)

    def action_unfold(self, opening: bool) -> None:
        """Show more values of the facet under the cursor, or fewer: none, a few, all."""
        if self._lines:
            facet = self._lines[self.cursor].facet
            states = (False, None, True)
            place = states.index(self._opened.get(facet)) + (1 if opening else -1)
            self._open(facet, states[min(max(place, 0), 2)])

    def _open(self, facet: str, state: bool | None) -> None:
        self._opened.pop(facet, None)
        if state is not None:
            self._opened[facet] = state
        self._made_anew()

    def on_click(self, event: events.Click) -> None:
        """Choose what the mouse points at."""
        offset = event.get_content_offset(self)
        index = self.scroll_offset.y + offset.y if offset is not None else len(self)
        if index < len(self):
            self.cursor = index
            self.action_pick(False)

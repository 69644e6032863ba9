"""Walk a trail of questions: ask in a worker, show what is still wanted, go back."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.dom import DOMNode
from textual.worker import Worker, WorkerState, get_current_worker

from fairouz_tui.hints import hint
from fairouz_tui.messages import Answered
from fairouz_tui.notices import told_failure
from fairouz_tui.open_library import HITS_WANTED, OpenLibrary
from fairouz_tui.screens.browsing import BrowsingScreen
from fairouz_tui.show import clip, one_line
from fairouz_tui.sorting import RANK, SORTS, ordered
from fairouz_tui.steps import Kind, Step, popped, pushed, with_last
from fairouz_tui.terms import has_words
from fairouz_tui.widgets.trail import Trail as TrailLine
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from textual.timer import Timer

SPIN_SECONDS = 0.06
"""Also how long nothing is said: what takes longer than the blink of an eye says that it is asked."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
BETWEEN = " · "
TITLE_MARGIN, SHORTEST_TITLE = 4, 12
"""Cells that the border keeps for itself, and those of a question that is cut for the place behind it."""
NOTHING_CLOSE = "nothing close"
"""Stands in the note of an answer whose best is farther than nearly all neighbours are."""


class AskingScreen(BrowsingScreen):
    """A screen with a list and a trail of questions."""

    def __init__(self, library: OpenLibrary, *, order: str = "") -> None:
        super().__init__(library, order=order)
        self._ask = 0
        self._ranking = 0
        """The question that ranks again under way, by its number."""
        self._rank_once_more = False
        self._spinning: Timer | None = None
        self._busy = ""
        self._said = Content("")
        """What is to be said of the answer that is shown, or of the query that is typed."""

    @property
    def faders(self) -> Mapping[str, float]:
        """Return the weights to ask with."""
        raise NotImplementedError

    def go(self, step: Step) -> None:
        """Ask for a step; until it is answered everything stays as it is."""
        self._ask += 1
        self._spin(step)
        self._answer(self._ask, replace(step, typed=False), dict(self.faders))

    def rank_again(self) -> None:
        """Ask the step that is shown with other weights, at once; what comes meanwhile is asked when it is answered.

        So a held key sees the list move with it, and the last weights are answered in any case.
        """
        if self._ranking and self._ranking == self._ask:
            self._rank_once_more = True
            return
        self._rank_once_more = False
        self.go(self.here)
        self._ranking = self._ask

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def _answer(self, ask: int, step: Step, faders: dict[str, float]) -> None:
        if not get_current_worker().is_cancelled:
            version = self.library.open().version()  # before it is asked: what changes meanwhile may be left out
            self.post_message(Answered(ask, step, self.library.answer(step, faders=faders), version))

    def on_answered(self, message: Answered) -> None:
        """Show an answer that is still wanted: at the end of the trail, or in the place of the same question's."""
        if message.ask != self._ask:
            return
        self._rest()
        if self.here.asks_like(message.step):
            # A cursor that was not moved stays on the first row, whichever track that is now.
            keep = self.results.current if self.here.answer is not None and self.results.cursor else None
            asked = message.step
            self.trail = with_last(self.trail, answer=message.answer, whole=asked.whole, typed=asked.typed)
            self.show_here(keep=keep)
        else:
            left = with_last(self.trail, cursor=self.results.cursor)
            self.trail = pushed(left, replace(message.step, answer=message.answer))
            self.show_here()
        if message.ask == self._ranking:
            self._ranking = 0
            if self._rank_once_more:
                self.rank_again()

    def _spin(self, step: Step) -> None:
        self._rest()
        slow = not self.library.words_are_quick and self.library.needs_text_model(step)
        text = "loading the text model …" if slow else "asking"
        frames: Iterator[str] = cycle(SPINNER)

        def turn() -> None:
            self._busy = f"{next(frames)} {text}"
            self.put_subtitle()

        self._spinning = self.set_interval(SPIN_SECONDS, turn)

    def _rest(self) -> None:
        if self._spinning is not None:
            self._spinning.stop()
            self._spinning = None
            self._busy = ""
            self.put_subtitle()

    _failed: Mapping[str, str] = MappingProxyType({})
    """What the work that comes back every moment failed on the last time, by its group."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what failed; the screen stays as it was. What is tried again every moment is said once."""
        group = event.worker.group
        if group in ("look", "remember") and event.state in (WorkerState.ERROR, WorkerState.SUCCESS):
            told, failed = self._failed.get(group), str(event.worker.error or "")
            self._failed = {**self._failed, group: failed}
            if failed and failed == told:
                return
        if told_failure(self, event) and event.worker.group == "ask":
            self._ranking = 0
            self._rest()

    # Showing

    def go_back(self) -> None:
        """Show the step before this one, its rows and its cursor as they were."""
        self._ask += 1
        self._rest()
        self.trail = popped(self.trail)
        self.show_here()

    def show_here(self, *, keep: TrackRow | None = None) -> None:
        """Show the last step of the trail; a step without an answer is asked."""
        step = self.here
        self.query_one(TrailLine).steps = self.trail
        self.say_of_answer(Content(""))
        if step.kind is Kind.LIBRARY:
            self.show_library(step.cursor)
        elif step.answer is None:
            self.go(step)
        else:
            self._show_answer(step, keep)

    def _show_answer(self, step: Step, keep: TrackRow | None) -> None:
        if step.answer is None:
            return
        note = one_line(step.answer.note)
        self.results.empty_text = hint(self, empty_answer(step, note=note), note=note, label=step.label, text=step.text)
        self.results.show_hits(ordered(step.answer.hits, step.order), cursor=step.cursor)
        if keep is not None:
            self.results.cursor_to(keep.id)
        said = answer_note(self, step, note)
        self.say_of_answer(said)
        if step.kind is Kind.PATH and keep is None and said.cell_length > self.results.size.width - TITLE_MARGIN:
            self.notify(said.plain, markup=False)  # whole, for the border cuts it

    def say_of_answer(self, said: Content) -> None:
        """Write under the list what is to be said of what it shows."""
        self._said = said
        self.put_subtitle()

    def put_subtitle(self) -> None:
        """Write the lower border of the list: what goes on, else what is to be said."""
        self.results.put_subtitle(Content(self._busy) if self._busy else self.subtitle())

    def subtitle(self) -> Content:
        """Return what stands under the list while nothing goes on."""
        return self._said

    def results_title(self) -> str:
        """Return what the list shows, where the cursor is and how long the answer took."""
        step, count = self.here, len(self.results)
        cut = "+" if step.answer is not None and len(step.answer.hits) >= HITS_WANTED else ""
        place = f" · {self.results.cursor + 1:,} of {count:,}{cut}" if count else " · nothing"
        if step.kind is Kind.LIBRARY:
            return f"Library{place} · {SORTS[self.order].removeprefix('Sort ')}"
        took = self.behind_title()
        by = "" if step.order == RANK else f" · {SORTS[step.order].removeprefix('Sort ')}"
        before = {Kind.TRACK: "Like ", Kind.MIX: "Like ", Kind.PATH: "Path "}.get(step.kind, "")
        room = self.results.size.width - len(place + by + took) - TITLE_MARGIN
        return clip(before + step.label, max(room, SHORTEST_TITLE)) + place + by + took

    def behind_title(self) -> str:
        """Return what ends the heading of an answer: how long it took."""
        return f" · {self.here.answer.took_ms:.0f} ms" if self.here.answer is not None else ""


def answer_note(node: DOMNode, step: Step, note: str) -> Content:
    """Return what is to be said under an answer; that nothing is close, so that nobody misses it.

    An empty list says it itself, where there is room for all of it.
    """
    if not note or (step.answer is not None and not step.answer.hits):
        return Content("")
    if NOTHING_CLOSE in note:
        return Content.styled(note, "$warning bold")
    return Content.assemble((hint(node, "{caps} shows all") + BETWEEN if capped(step, note) else "", "$accent"), note)


def capped(step: Step, note: str) -> bool:
    """Return whether caps left something out."""
    return step.kind in (Kind.TRACK, Kind.MIX) and "left out" in note


def empty_answer(step: Step, *, note: str) -> str:
    """Return what stands in the list when nothing answers, as `hint` reads it: {text} and {label} are the step's."""
    said = "{note}" if note else ""
    if step.kind in (Kind.TRACK, Kind.MIX) and step.text:
        return f"Nothing like it has {{text}}.\n{said}\n{{facets}} takes it out of the question, {{back}} goes back."
    if step.kind is not Kind.WORDS:
        return f"Nothing is like {{label}} yet.\n{said or 'Its sound may not be read yet.'}\n{{back}} goes back."
    if not has_words(step.text):
        return f"{said or 'No track meets {label}.'}\nFewer fields may help; {{back}} goes back."
    said = said or "Nothing has the words {label}."
    if step.typed:
        return f"{said}\n{{enter}} searches by meaning, {{back}} goes back."
    return f"{said}\nFewer words or fields may help; {{back}} goes back."

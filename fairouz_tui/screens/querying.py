"""Answer a query while it is typed, ask it by meaning, and keep what was asked."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.widgets import Input

from fairouz_tui.config import Config
from fairouz_tui.messages import Answered
from fairouz_tui.screens.asking import AskingScreen
from fairouz_tui.steps import Kind, Step
from fairouz_tui.terms import problem
from fairouz_tui.widgets.query_input import QueryInput
from fairouz_tui.widgets.query_problem import QueryProblem
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from textual.timer import Timer

MS_PER_SECOND = 1000
ECHO_SECONDS = 0.01
"""Between a letter and its look-up, so that the letter itself is drawn first."""


class QueryingScreen(AskingScreen):
    """A screen with a query line."""

    config: Config
    _typing: "Timer | None" = None
    _planned = 0
    """Counts what is to be done after a pause."""
    _looked_up_at = float("-inf")
    """When words were last looked up as they were typed, by the clock that never goes back."""

    @property
    def query_input(self) -> QueryInput:
        """Return the query line."""
        return self.query_one("#query", QueryInput)

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        """Look the words up: at once after a rest, and while letters follow each other once in a pause.

        What was wrong is no longer said with the letter that puts it right.
        """
        text = event.value.strip()
        if not problem(text):
            self._say_wrong("")
        rested = time.monotonic() - self._looked_up_at
        self.soon(lambda: self._look_up(text), pause=max(self._pause - rested, ECHO_SECONDS))

    @property
    def _pause(self) -> float:
        return self.config.typing_pause_ms / MS_PER_SECOND

    def soon(self, act: Callable[[], object], *, pause: float | None = None) -> None:
        """Do something after a pause; what was about to be done before is dropped.

        The end of a pause may wait among the messages already, where stopping its timer does not reach it.
        """
        if self._typing is not None:
            self._typing.stop()
        self._planned += 1
        planned = self._planned
        self._typing = self.set_timer(
            self._pause if pause is None else pause, lambda: act() if planned == self._planned else None
        )

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Load the text model while the first words are typed, when there is anything to find by meaning."""
        wanted = event.widget is self.query_input and self.top_line.summary.get("space")
        if wanted and not self.library.words_are_quick:
            self._warm()

    @work(thread=True, exit_on_error=False, group="warm")
    def _warm(self) -> None:
        self.library.load_text_model()

    def _look_up(self, text: str) -> None:
        """Show what has the words; while a field is half typed or wrong the list stays, and the query line says so."""
        self._ask += 1
        self._looked_up_at = time.monotonic()
        wrong = problem(text)
        if wrong:
            self._warn(wrong)
        elif text:
            self._suggest(self._ask, text)
        elif self.here.kind is Kind.WORDS:
            self.go_back()
        else:
            self._rest()

    def _warn(self, wrong: str) -> None:
        self._rest()
        self._say_wrong(wrong)

    def _say_wrong(self, wrong: str) -> None:
        self.query_one(QueryProblem).show(wrong)

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def _suggest(self, ask: int, text: str) -> None:
        version = self.library.open().version()
        self.post_message(Answered(ask, Step(Kind.WORDS, text, typed=True), self.library.suggest(text), version))

    @on(Input.Submitted, "#query")
    def _submitted(self, event: Input.Submitted) -> None:
        """Ask by meaning; a query that cannot be read stays in the line, to be put right."""
        text = event.value.strip()
        self.soon(lambda: None)
        wrong = problem(text)
        if wrong:
            return self._warn(wrong)
        if text:
            self.query_input.history.add(text)
            self.go(Step(Kind.WORDS, text))
        self.results.focus()
        return None

    @on(QueryInput.Left)
    def _left_query(self) -> None:
        """Go to the list; what was found while typing counts as asked."""
        text = self.query_input.value.strip()
        if text and not problem(text):
            self.query_input.history.add(text)
        self.results.focus()

    def show_here(self, *, keep: TrackRow | None = None) -> None:
        """Show the last step of the trail, and its words in the query line."""
        if not self.query_input.has_focus:
            with self.query_input.prevent(Input.Changed):
                self.query_input.value = self.here.text
            self._say_wrong("")
        super().show_here(keep=keep)

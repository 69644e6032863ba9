"""Walk a trail of questions: ask in a worker, show what is still wanted, go back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, get_current_worker

from fairouz_tui.messages import Answered, LibraryRead, PageRead
from fairouz_tui.notices import told_failure
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.show import one_line
from fairouz_tui.sorting import RANK, SORTS, ordered
from fairouz_tui.steps import START, Kind, Step, Trail, popped, pushed, with_last
from fairouz_tui.widgets.query_input import QueryInput
from fairouz_tui.widgets.top_line import TopLine
from fairouz_tui.widgets.track_list import PAGE_ROWS, TrackList, first_of_page
from fairouz_tui.widgets.trail import Trail as TrailLine
from indexer.errors import IndexerError, StoreError
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from textual.timer import Timer

TYPING_SECONDS = 0.12
"""How long the reader pauses before the words are looked up: below it every letter would ask."""
LOOK_SECONDS = 1.0
"""How often the library is asked whether it changed: a running index adds a batch about once a second."""
SPIN_SECONDS = 0.1
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
NO_LIBRARY = -2
NOT_LOOKED = -1


class AskingScreen(Screen[None]):
    """A screen with a query, a list and a trail; the subclass lays them out and names the keys."""

    AUTO_FOCUS = "#results"

    def __init__(self, library: OpenLibrary, *, order: str = "") -> None:
        super().__init__()
        self.library = library
        self.trail: Trail = START
        self.order = order if order in SORTS else next(iter(SORTS))
        self._version = NOT_LOOKED
        self._looking = False
        self._shown = NOT_LOOKED
        """The version whose rows the list had last."""
        self._ask = 0
        self._typing: Timer | None = None
        self._spinning: Timer | None = None

    @property
    def results(self) -> TrackList:
        """Return the list."""
        return self.query_one("#results", TrackList)

    @property
    def query_input(self) -> QueryInput:
        """Return the query line."""
        return self.query_one("#query", QueryInput)

    @property
    def top_line(self) -> TopLine:
        """Return the header."""
        return self.query_one(TopLine)

    @property
    def faders(self) -> Mapping[str, float]:
        """Return the weights to ask with."""
        raise NotImplementedError

    @property
    def here(self) -> Step:
        """Return the step that is shown."""
        return self.trail[-1]

    def on_mount(self) -> None:
        """Show the library, and look now and then whether it changed."""
        self.results.empty_text = "Reading the library …"
        self._show_first_rows()
        self.call_after_refresh(self._keep_looking)

    def _show_first_rows(self) -> None:
        """Show the rows around the cursor in the first frame; those of a worker would come some frames later.

        Five milliseconds in a library of 100,000 tracks. What cannot be read here, the worker says.
        """
        catalogue = self.library.catalogue
        if catalogue is None:
            return
        with suppress(IndexerError, StoreError):
            version = catalogue.version()
            self.top_line.summary = {"tracks": catalogue.count()}
            self.show_library(self.here.cursor)
            offset = first_of_page(self.results.cursor)
            rows = catalogue.window(offset, PAGE_ROWS, order=self.order)
            self.results.put_page(self.results.generation, offset, rows)
            self.results.put_title(self.results_title())
            self._shown = version

    def _keep_looking(self) -> None:
        self._look()
        self.set_interval(LOOK_SECONDS, self._look)

    # The library and its changes

    def _look(self) -> None:
        if not self._looking:
            self._looking = True
            self._look_whether_changed()

    @work(thread=True, exit_on_error=False, group="look")
    def _look_whether_changed(self) -> None:
        """Read the library's counts when it changed, in a large one for longer than until the next look."""
        try:
            catalogue = self.library.catalogue
            version = NO_LIBRARY if catalogue is None else catalogue.version()
            if version != self._version:
                self.post_message(LibraryRead(version, catalogue.summary() if catalogue else {}))
        finally:
            self._looking = False

    def on_library_read(self, message: LibraryRead) -> None:
        """Show the library as it is now; an answer on the screen stays."""
        known, self._version = self._version, message.version
        self.top_line.summary = message.summary
        if self.here.kind is Kind.LIBRARY and self._shown != message.version:
            first = NOT_LOOKED in (known, self._shown)
            self.show_library(self.here.cursor if first else self.results.cursor, fresh=False)
        self._shown = message.version

    def show_library(self, cursor: int, *, fresh: bool = True) -> None:
        """Show the library; with `fresh` off the rows that are there stay until newer ones come."""
        self.results.empty_text = empty_library(indexing=self.top_line.indexing)
        count = int(self.top_line.summary.get("tracks", 0))
        self.results.show_library(count, cursor=cursor, fresh=fresh)

    def on_track_list_page_wanted(self, message: TrackList.PageWanted) -> None:
        """Fetch a page of the library."""
        self._read_page(message.generation, message.offset, self.order)

    @work(thread=True, exit_on_error=False, group="pages")
    def _read_page(self, generation: int, offset: int, order: str) -> None:
        if generation == self.results.generation:
            rows = self.library.open().window(offset, PAGE_ROWS, order=order)
            self.post_message(PageRead(generation, offset, rows))

    def on_page_read(self, message: PageRead) -> None:
        """Hand a page to the list."""
        self.results.put_page(message.generation, message.offset, message.rows)

    # Asking

    @on(Input.Changed, "#query")
    def _typed(self, event: Input.Changed) -> None:
        text = event.value.strip()
        self.soon(lambda: self._look_up(text))

    def soon(self, act: Callable[[], object]) -> None:
        """Do something once the reader pauses; what was about to be done before is dropped."""
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(TYPING_SECONDS, act)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Load the text model while the first words are typed, when there is anything to find by meaning."""
        wanted = event.widget is self.query_input and self.top_line.summary.get("space")
        if wanted and not self.library.words_are_quick:
            self._warm()

    @work(thread=True, exit_on_error=False, group="warm")
    def _warm(self) -> None:
        self.library.load_text_model()

    def _look_up(self, text: str) -> None:
        self._ask += 1
        if text:
            self._suggest(self._ask, text)
        elif self.here.kind is Kind.WORDS:
            self.go_back()

    @on(Input.Submitted, "#query")
    def _submitted(self, event: Input.Submitted) -> None:
        self.soon(lambda: None)
        if event.value.strip():
            self.go(Step(Kind.WORDS, event.value.strip()))
        self.results.focus()

    @on(QueryInput.Left)
    def _left_query(self) -> None:
        self.results.focus()

    def go(self, step: Step) -> None:
        """Ask for a step; until it is answered everything stays as it is."""
        self._ask += 1
        self._spin(step)
        self._answer(self._ask, step, dict(self.faders))

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def _suggest(self, ask: int, text: str) -> None:
        self.post_message(Answered(ask, Step(Kind.WORDS, text), self.library.open().suggest(text)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="ask")
    def _answer(self, ask: int, step: Step, faders: dict[str, float]) -> None:
        if not get_current_worker().is_cancelled:
            self.post_message(Answered(ask, step, self.library.answer(step, faders=faders)))

    def on_answered(self, message: Answered) -> None:
        """Show an answer that is still wanted: at the end of the trail, or in the place of the same question's."""
        if message.ask != self._ask:
            return
        self._rest()
        if self.here.asks_like(message.step):
            keep = self.results.current if self.here.answer is not None else None
            self.trail = with_last(self.trail, answer=message.answer)
            self.show_here(keep=keep)
        else:
            left = with_last(self.trail, cursor=self.results.cursor)
            self.trail = pushed(left, replace(message.step, answer=message.answer))
            self.show_here()

    def _spin(self, step: Step) -> None:
        self._rest()
        slow = not self.library.words_are_quick and self.library.needs_text_model(step)
        text = "loading the text model …" if slow else "asking"
        frames: Iterator[str] = cycle(SPINNER)

        def turn() -> None:
            self.results.border_subtitle = Content(f"{next(frames)} {text}")

        self._spinning = self.set_interval(SPIN_SECONDS, turn)

    def _rest(self) -> None:
        if self._spinning is not None:
            self._spinning.stop()
            self._spinning = None
            self.results.border_subtitle = None

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what failed; the screen stays as it was."""
        if told_failure(self, event) and event.worker.group == "ask":
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
        self.results.border_subtitle = None
        if not self.query_input.has_focus:
            with self.query_input.prevent(Input.Changed):
                self.query_input.value = step.text
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
        self.results.empty_text = empty_answer(step, note=note)
        self.results.show_hits(ordered(step.answer.hits, step.order), cursor=step.cursor)
        if keep is not None:
            self.results.cursor_to(keep.id)
        if note:
            self.results.border_subtitle = Content(note)

    def results_title(self) -> str:
        """Return what the list shows, where the cursor is and how long the answer took."""
        step, count = self.here, len(self.results)
        place = f"{self.results.cursor + 1:,} of {count:,}" if count else "nothing"
        if step.kind is Kind.LIBRARY:
            return f"Library · {place} · {SORTS[self.order].removeprefix('Sort ')}"
        took = f" · {step.answer.took_ms:.0f} ms" if step.answer is not None else ""
        by = "" if step.order == RANK else f" · {SORTS[step.order].removeprefix('Sort ')}"
        return f"{'Like ' if step.kind is Kind.TRACK else ''}{step.label} · {place}{by}{took}"


def empty_library(*, indexing: bool) -> str:
    """Return what stands in the list of an empty library."""
    if indexing:
        return "Reading your music: tracks appear here as they come.\nA search by words works from the first one on."
    return "No tracks here yet.\nu looks through your music folders again, ? shows every key."


def empty_answer(step: Step, *, note: str) -> str:
    """Return what stands in the list when nothing answers."""
    if step.kind is Kind.TRACK:
        return f"Nothing is like {step.label} yet.\n{note or 'Its sound may not be read yet.'}\nbackspace goes back."
    return f"{note or f'Nothing has the words {step.label}.'}\nenter searches by meaning, backspace goes back."

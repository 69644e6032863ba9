"""Explore: the list, the query, the trail, the playlist and the reasons, on one screen."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from fairouz_tui.config import Config
from fairouz_tui.errors import AppError
from fairouz_tui.hints import hint
from fairouz_tui.history import History
from fairouz_tui.memory import recalled, remembered, remembered_ids
from fairouz_tui.messages import IndexingEnded, Recalled
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore_keys import EXPLORE_KEYS
from fairouz_tui.screens.roaming import RoamingScreen
from fairouz_tui.screens.sizes import ACROSS, DOWN, SMALL
from fairouz_tui.show import failure
from fairouz_tui.sorting import ANSWER_SORTS, KEYS, RANK, SORTS
from fairouz_tui.state import State, save_state
from fairouz_tui.steps import Kind, Step, with_last
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.facets import FacetsPane
from fairouz_tui.widgets.faders import Faders, faders_text
from fairouz_tui.widgets.key_line import KeyLine
from fairouz_tui.widgets.now_playing import NowPlaying
from fairouz_tui.widgets.playlist_pane import PlaylistPane
from fairouz_tui.widgets.query_input import QueryInput
from fairouz_tui.widgets.query_problem import QueryProblem
from fairouz_tui.widgets.top_line import TopLine
from fairouz_tui.widgets.track_list import TrackList
from fairouz_tui.widgets.trail import Trail
from indexer.errors import IndexerError, StoreError

REMEMBER_SECONDS = 2.0
"""How often what is on the screen is written down, when it changed: a killed terminal loses no more."""
PANES = ("results", "playlist", "why", "facets")
OPENED = ("why-open", "playlist-open", "facets-open")
"""Classes of the screen while a pane is open that comes and goes."""


class ExploreScreen(RoamingScreen):
    """The main screen."""

    CSS_PATH = "explore.tcss"
    HORIZONTAL_BREAKPOINTS = ACROSS
    VERTICAL_BREAKPOINTS = DOWN

    BINDINGS: ClassVar[list[BindingType]] = EXPLORE_KEYS

    def __init__(
        self,
        library: OpenLibrary,
        *,
        config: Config | None = None,
        state: State | None = None,
        new: Sequence[Path] = (),
    ) -> None:
        """Prepare the screen; the folders `new` are indexed at once."""
        self._state = state or State()
        super().__init__(library, order=self._state.sort)
        self.trail = recalled(State(library_cursor=self._state.library_cursor), {})
        self.config = config or Config()
        self._new = tuple(new)
        self._saving = Lock()
        self._turns = self._saved_turn = 0
        """How many states were handed over to be written down, and which of them was the last written."""
        self._recalling = False
        """Whether what an earlier run left is still to be read."""
        self.memories = dict(self._state.memories)
        self.playlist_file: Path | None = Path(self._state.playlist_name) if self._state.playlist_name else None

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        yield TopLine(self.library.path)
        with Horizontal(id="ask"):
            yield Static("/", id="ask-mark")
            hint = "words, artist:name, year:1960..1970, has:lyrics"
            yield QueryInput(library=self.library, id="query", placeholder=hint)
            yield Static("", id="faders-text", markup=False)
        yield QueryProblem(markup=False)
        yield Faders(id="faders")
        with Horizontal(id="panes"):
            yield FacetsPane(id="facets")
            with Vertical(id="left"):
                yield TrackList(id="results")
                yield Trail(id="trail")
                yield PlaylistPane(id="playlist")
            yield ExplanationPane(self.library, id="why")
        yield NowPlaying(program=self.config.mpv_program, arguments=self.config.mpv_arguments)
        yield KeyLine()
        yield Static(SMALL, id="too-small", markup=False)

    @property
    def faders(self) -> Mapping[str, float]:
        """Return the faders that were moved."""
        return self.query_one(Faders).values

    # Coming and going

    def on_mount(self) -> None:
        """Take up where an earlier run left off, or start indexing."""
        self.query_one(Faders).values = dict(self._state.faders)
        self.query_one(Faders).border_title = "Faders"
        self.facets.border_title = "Facets"
        self.query_input.history = History(self._state.asked)
        self._name_faders()
        self.playlist_changed()
        if remembered_ids(self._state) or self._state.trail or self._state.screen:
            self._recalling = True
            self._recall()
        if self._new:
            self.top_line.index(self._new)
        self.set_interval(REMEMBER_SECONDS, self._remember_soon)

    @work(thread=True, exit_on_error=False, group="recall")
    def _recall(self) -> None:
        catalogue = self.library.catalogue
        found = catalogue.rows(remembered_ids(self._state)) if catalogue is not None else []
        self.post_message(Recalled({row.id: row for row in found}))

    def on_recalled(self, message: Recalled) -> None:
        """Show the playlist and the trail of the earlier run, unless the reader is already somewhere else."""
        self._recalling = False
        rows = message.rows
        if self.playlist.tracks or not rows.keys() >= set(self._state.playlist):
            self.forget_saved()
        if not self.playlist.tracks:
            tracks = tuple(rows[track] for track in self._state.playlist if track in rows)
            self.playlist.show(tracks, cursor=self._state.playlist_cursor)
            self.playlist_changed()
        if not self.marks:
            self.put_marks(tuple(rows[track] for track in self._state.marks if track in rows))
        self.put_back_heard(self._state.heard, rows)
        if self.here.kind is Kind.LIBRARY:
            self.trail = recalled(self._state, rows)
            self.show_here()
        if self._state.screen:
            self.reopen(self._state.screen, rows.get(self._state.screen_track or 0))

    def state(self, *, leaving: bool = False) -> State:
        """Return what is to be remembered; `leaving`, to the second."""
        row = self.results.current
        trail = with_last(self.trail, cursor=self.results.cursor)
        visited = self.visited
        return State(
            query=self.query_input.value,
            trail=remembered(trail),
            library_cursor=trail[0].cursor,
            playlist=tuple(track.id for track in self.playlist.tracks),
            playlist_name=str(self.playlist_file or ""),
            playlist_cursor=self.playlist.cursor,
            marks=tuple(row.id for row in self.marks),
            heard=self.heard(leaving=leaving),
            faders=dict(self.faders),
            sort=self.order,
            memories=dict(self.memories),
            track_id=row.id if row else None,
            asked=self.query_input.history.entries,
            screen=visited.NAME if visited is not None else "",
            screen_track=visited.track.id if visited is not None and visited.track is not None else None,
        )

    def _remember_soon(self) -> None:
        if self.visited is not None and self.visited.is_mounted:
            self.visited.keep()
        state = self.state()
        if state != self._state and self._keeps:
            self._state = state
            self._remember(state, self._next_turn())

    @work(thread=True, exclusive=True, exit_on_error=False, group="remember")
    def _remember(self, state: State, turn: int) -> None:
        self._save(state, turn)

    def _next_turn(self) -> int:
        self._turns += 1
        return self._turns

    def _save(self, state: State, turn: int) -> None:
        """Write a state down, unless one of a later turn was: a slow thread must not write over what came after."""
        with self._saving:
            if turn > self._saved_turn:
                save_state(state_path(self.library.path), state=state)
                self._saved_turn = turn

    def close(self) -> None:
        """Write down what is on the screen, and end the player and the indexing child."""
        if self._keeps:
            with suppress(AppError):  # a full disk must not keep anyone from leaving
                self._save(self.state(leaving=True), self._next_turn())
        self.let_go()

    def let_go(self) -> None:
        """End the player and the indexing child."""
        self.query_one(NowPlaying).quit()
        self.top_line.stop()

    @property
    def _keeps(self) -> bool:
        """Return whether there is a library to keep the state of, and no other explorer keeps its own.

        What was not read back must not be written over: while it is, and after that failed, the old state stays.
        """
        if self._recalling:
            return False
        return self.library.catalogue is not None and getattr(self.app, "keeps_state", True)

    # Moving about

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key of the search to a line that is being typed into."""
        return not (action == "ask" and isinstance(self.focused, Input))

    def action_ask(self) -> None:
        """Type a query."""
        self.set_class(self.has_class("why-open") and not self.has_class("-narrow"), "why-open")
        self.remove_class("playlist-open")
        if self.has_class("-narrow"):
            self.remove_class("facets-open")
        self.set_focus(self.query_input)  # at once: the keys that follow belong to the query

    def action_more(self) -> None:
        """Find tracks like this one."""
        row = self.needed_row()
        if row is not None:
            self.go(Step(Kind.TRACK, track=row))

    def action_back(self) -> None:
        """Go back along the trail."""
        if len(self.trail) == 1:
            self.say("This is where the trail starts.")
        else:
            self.go_back()

    def action_leave(self) -> None:
        """Close what is open, then take the marks away; never quit."""
        if any(self.has_class(name) for name in OPENED):
            self.remove_class(*OPENED)
            self._explaining = False
        elif self.marks:
            self.put_marks(())
        self.results.focus()
        self.call_after_refresh(self._follow)

    def action_pane(self, name: str) -> None:
        """Go to a pane; where there is room for one only, it takes the place of the others."""
        narrow = self.has_class("-narrow")
        self.set_class(name == "why" or (self.has_class("why-open") and not narrow), "why-open")
        self.set_class(name == "playlist", "playlist-open")
        if name != "facets" and (narrow or (name == "why" and not self.has_class("-wide"))):
            self.remove_class("facets-open")
        pane = self.query_one(f"#{name}")
        self.set_focus(pane) if pane.focusable else pane.focus()  # at once where it is shown: a key may be waiting
        self.call_after_refresh(self._follow)

    def action_turn(self, steps: int) -> None:
        """Go round the panes."""
        shown = {"why": self.why.display or self.has_class("-narrow"), "facets": self.facets.display}
        panes = [name for name in PANES if shown.get(name, True)]
        focused = str(self.focused.id) if self.focused is not None else ""
        index = panes.index(focused) if focused in panes else -1
        self.action_pane(panes[(index + steps) % len(panes)])

    def action_sort(self) -> None:
        """Take the next order of the library, or of the answer."""
        in_library = self.here.kind is Kind.LIBRARY
        orders, order = (tuple(SORTS), self.order) if in_library else (ANSWER_SORTS, self.here.order)
        self.action_sort_by(orders[(orders.index(order) + 1) % len(orders)] if order in orders else orders[0])

    def action_sort_by(self, order: str) -> None:
        """Order what is shown: the library, or the answer, whose track under the cursor stays there."""
        if self.here.kind is not Kind.LIBRARY:
            self._sort_answer(order)
        elif order == RANK:
            self.say(hint(self, "The library has no scores: search with {search} or press {more} first."))
        else:
            self.order = order
            self.show_library(0)

    def _sort_answer(self, order: str) -> None:
        if order != RANK and order not in KEYS:
            by = SORTS[order].removeprefix("Sort ")
            self.say(hint(self, "An answer cannot be sorted {by}: {sort} goes through what it can.", by=by))
            return
        self.trail = with_last(self.trail, order=order)
        self.show_here(keep=self.results.current)

    def action_faders(self) -> None:
        """Open the faders, or close them."""
        faders = self.query_one(Faders)
        faders.toggle_class("-open")
        (faders if faders.has_class("-open") else self.results).focus()

    @on(Faders.Left)
    def _left_faders(self) -> None:
        self.action_faders()

    @on(Faders.Changed)
    def _faders_moved(self) -> None:
        """Rank again with the new weights, as they move."""
        self._name_faders()
        if self.here.kind is not Kind.LIBRARY:
            self.rank_again()
        self._follow()

    def _name_faders(self) -> None:
        self.query_one("#faders-text", Static).update(faders_text(self.faders))

    # Copying, reading again, help

    def action_copy(self) -> None:
        """Copy the path to the clipboard of the terminal."""
        row = self.needed_row()
        if row is not None:
            self.app.copy_to_clipboard(row.path.encode("utf-8", "replace").decode())
            self.say(f"Copied {row.path}")

    def action_rescan(self) -> None:
        """Look through the music folders again, or stop doing so."""
        if self.top_line.indexing:
            self.top_line.stop()
            return self.say(hint(self, "Indexing stops; what is done is kept, {rescan} goes on."))
        try:
            roots = self.library.catalogue.roots() if self.library.catalogue is not None else []
        except (IndexerError, StoreError) as error:
            return self.say(failure(error))
        if roots:
            self.top_line.index([Path(root["path"]) for root in roots])
        return None if roots else self.say("No music folder is known yet.")

    def on_indexing_ended(self, message: IndexingEnded) -> None:
        """Say how it went, and show what is there now."""
        if message.problem:
            self.notify(message.problem, severity="error", markup=False)
        elif self.here.kind is Kind.LIBRARY and not len(self.results):
            self.show_library(0)  # what stands in an empty list is another now; rows come with the next look

"""Explore: the list, the query, the trail, the playlist and the reasons, on one screen."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from fairouz_tui.config import Config
from fairouz_tui.errors import AppError
from fairouz_tui.memory import recalled, remembered, remembered_ids
from fairouz_tui.messages import IndexingEnded, Recalled
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.paths import state_path
from fairouz_tui.screens.playing import PlayingScreen
from fairouz_tui.sorting import ANSWER_SORTS, KEYS, RANK, SORTS
from fairouz_tui.state import State, save_state
from fairouz_tui.steps import Kind, Step, with_last
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.faders import Faders, faders_text
from fairouz_tui.widgets.key_line import KeyLine
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.now_playing import NowPlaying
from fairouz_tui.widgets.playlist_pane import PlaylistPane
from fairouz_tui.widgets.query_input import QueryInput
from fairouz_tui.widgets.top_line import TopLine
from fairouz_tui.widgets.track_list import TrackList
from fairouz_tui.widgets.trail import Trail
from indexer.exploring.answer import TrackRow

NARROWEST, LOWEST = 60, 16
TWO_PANES, THREE_PANES = 80, 120
SMALL = f"fairouz needs at least {NARROWEST} × {LOWEST} cells.\nMake the window larger, or q to quit."
REMEMBER_SECONDS = 2.0
"""How often what is on the screen is written down, when it changed: a killed terminal loses no more."""
PANES = ("results", "playlist", "why")


class ExploreScreen(PlayingScreen):
    """The main screen."""

    CSS_PATH = "explore.tcss"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-tiny"),
        (NARROWEST, "-narrow"),
        (TWO_PANES, "-medium"),
        (THREE_PANES, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (LOWEST, "-tall")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        # Before the widgets' own keys: what is typed right after it, in one burst, belongs to the query already.
        Binding(
            "slash", "ask", "Search", id="search", priority=True, tooltip="Type words and fields: oud year:1960..1970"
        ),
        Binding("enter", "play", "Play", id="play", tooltip="Play the track under the cursor, and on from there"),
        Binding("m", "more", "More like", id="more", tooltip="Find tracks like the one under the cursor"),
        Binding("e", "explain", "Why", id="explain", tooltip="Say why the track under the cursor is close"),
        Binding("a", "add", "Add", id="add", tooltip="Add the track to the playlist"),
        Binding("question_mark,f1", "app.help", "Help", id="help", tooltip="All keys, searchable"),
        Binding("colon", "app.command_palette", "Commands", id="palette", tooltip="All commands by name (also ^p)"),
        Binding("ctrl+s", "save", "Save", id="save", tooltip="Save the playlist as an M3U8 file"),
        Binding("backspace", "back", "Back", id="back", tooltip="Go back along the trail"),
        Binding("q", "app.quit", "Quit", id="quit", tooltip="Quit; the trail and the playlist are kept"),
        Binding("space", "pause", "Pause", show=False, id="pause", tooltip="Pause what plays, or go on"),
        Binding("i", "about", "About", show=False, id="about", tooltip="Say what is known about the track"),
        Binding("x", "mark", "Mark", show=False, id="mark", tooltip="Mark the track: e then explains against it"),
        Binding("A", "add_all", "Add all", show=False, id="add_all", tooltip="Add all results to the playlist"),
        Binding("d", "remove", "Remove", show=False, id="remove", tooltip="Take the track out of the playlist"),
        Binding("J", "shift(1)", "Move down", show=False, id="move_down", tooltip="Move the track down the playlist"),
        Binding("K", "shift(-1)", "Move up", show=False, id="move_up", tooltip="Move the track up the playlist"),
        Binding("f", "faders", "Faders", show=False, id="faders", tooltip="Weigh sound, words, covers and the rest"),
        Binding("comma", "sort", "Sort", show=False, id="sort", tooltip="Order the library or the answer another way"),
        Binding("y", "copy", "Copy path", show=False, id="copy", tooltip="Copy the file's path to the clipboard"),
        Binding("u", "rescan", "Rescan", show=False, id="rescan", tooltip="Look for changed files; again: stop"),
        Binding("1", "pane('results')", "Results", show=False, id="pane_results", tooltip="To the list of results"),
        Binding("2", "pane('playlist')", "Playlist", show=False, id="pane_playlist", tooltip="To the playlist"),
        Binding("3", "pane('why')", "Right pane", show=False, id="pane_why", tooltip="To the right pane"),
        Binding("tab", "turn(1)", "Next pane", show=False, id="next_pane", tooltip="To the next pane"),
        Binding("shift+tab", "turn(-1)", "Pane before", show=False, id="last_pane", tooltip="To the pane before"),
        Binding("escape", "leave", "Close", show=False, id="leave", tooltip="Close the pane or take the mark away"),
    ]

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
        self._explaining = False
        self._marked: TrackRow | None = None
        self.playlist_file: Path | None = Path(self._state.playlist_name) if self._state.playlist_name else None

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        yield TopLine(self.library.path)
        with Horizontal(id="ask"):
            yield Static("/", id="ask-mark")
            yield QueryInput(id="query", placeholder="words, artist:name, year:1960..1970, has:lyrics", compact=True)
            yield Static("", id="faders-text", markup=False)
        yield Faders(id="faders")
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield TrackList(id="results")
                yield Trail(id="trail")
                yield PlaylistPane(id="playlist")
            yield ExplanationPane(self.library, id="why")
        yield NowPlaying(program=self.config.mpv_program, arguments=self.config.mpv_arguments)
        yield KeyLine()
        yield Static(SMALL, id="too-small", markup=False)

    @property
    def why(self) -> ExplanationPane:
        """Return the right pane."""
        return self.query_one("#why", ExplanationPane)

    @property
    def faders(self) -> Mapping[str, float]:
        """Return the faders that were moved."""
        return self.query_one(Faders).values

    # Coming and going

    def on_mount(self) -> None:
        """Take up where an earlier run left off, or start indexing."""
        self.query_one(Faders).values = dict(self._state.faders)
        self.query_one(Faders).border_title = "Faders"
        self._name_faders()
        self.playlist_changed()
        if remembered_ids(self._state) or self._state.trail:
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
        rows = message.rows
        if not self.playlist.tracks:
            self.playlist.show(tuple(rows[track] for track in self._state.playlist if track in rows))
            self.playlist_changed()
        if self.here.kind is Kind.LIBRARY:
            self.trail = recalled(self._state, rows)
            self.show_here()

    def state(self) -> State:
        """Return what is to be remembered."""
        row = self.results.current
        trail = with_last(self.trail, cursor=self.results.cursor)
        return State(
            query=self.query_input.value,
            trail=remembered(trail),
            library_cursor=trail[0].cursor,
            playlist=tuple(track.id for track in self.playlist.tracks),
            playlist_name=str(self.playlist_file or ""),
            faders=dict(self.faders),
            sort=self.order,
            track_id=row.id if row else None,
        )

    def _remember_soon(self) -> None:
        state = self.state()
        if state != self._state and self.library.catalogue is not None:
            self._state = state
            self._remember(state)

    @work(thread=True, exclusive=True, exit_on_error=False, group="remember")
    def _remember(self, state: State) -> None:
        save_state(state_path(self.library.path), state=state)

    def close(self) -> None:
        """Write down what is on the screen, and end the player and the indexing child."""
        if self.library.catalogue is not None:
            with suppress(AppError):  # a full disk must not keep anyone from leaving
                save_state(state_path(self.library.path), state=self.state())
        self.query_one(NowPlaying).quit()
        self.top_line.stop()

    # The right pane

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        if message.list is self.results:
            self.results.put_title(self.results_title())
        self._follow()

    def _follow(self) -> None:
        """Let the right pane follow the cursor."""
        row = self.row
        if not self.why.display or not self.is_attached:
            return
        if row is None:
            self.why.say("About", "What is known about the track under the cursor stands here.")
        elif self._explaining:
            self._explain(row)
        else:
            self.why.tell(row)

    def _explain(self, row: TrackRow) -> None:
        hit = self.results.current_hit if not self.playlist.has_focus else None
        against = self._marked or self.here.track
        if against is not None and against.id != row.id:
            self.why.explain(against, row, faders=self.faders)
        elif against is not None:
            self.why.say("Why", "This is the track itself. Move to another one to see why the two are close.")
        elif hit is not None and hit.contributions:
            self.why.show_hit(hit, self.here.text)
        else:
            self.why.say("Why", "Mark a track with x and move to another one, or press m for more like this.")

    def action_explain(self) -> None:
        """Open the reasons, or close them."""
        self._open_why(explaining=True)

    def action_about(self) -> None:
        """Open what is known about the track, or close it."""
        self._open_why(explaining=False)

    def _open_why(self, *, explaining: bool) -> None:
        closing = self.why.display and self._explaining == explaining
        self._explaining = explaining and not closing
        self.set_class(not closing, "why-open")
        if closing and self.why.has_focus:
            self.results.focus()
        self.call_after_refresh(self._follow)

    def action_mark(self) -> None:
        """Mark the track, or take its mark away."""
        row = self.needed_row()
        if row is not None:
            self._mark(None if self._marked is not None and self._marked.id == row.id else row)

    def _mark(self, row: TrackRow | None) -> None:
        self._marked = row
        self.results.marked = row.id if row else None
        self.results.refresh()
        self._follow()

    # Moving about

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key of the search to a line that is being typed into."""
        return not (action == "ask" and isinstance(self.focused, Input))

    def action_ask(self) -> None:
        """Type a query."""
        self.set_class(self.has_class("why-open") and not self.has_class("-narrow"), "why-open")
        self.remove_class("playlist-open")
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
        """Close what is open, then take the mark away; never quit."""
        if self.has_class("why-open") or self.has_class("playlist-open"):
            self.remove_class("why-open", "playlist-open")
            self._explaining = False
        elif self._marked is not None:
            self._mark(None)
        self.results.focus()
        self.call_after_refresh(self._follow)

    def action_pane(self, name: str) -> None:
        """Go to a pane; where there is room for one only, it takes the place of the others."""
        narrow = self.has_class("-narrow")
        self.set_class(name == "why" or (self.has_class("why-open") and not narrow), "why-open")
        self.set_class(name == "playlist", "playlist-open")
        self.query_one(f"#{name}").focus()
        self.call_after_refresh(self._follow)

    def action_turn(self, steps: int) -> None:
        """Go round the panes."""
        panes = [name for name in PANES if name != "why" or self.why.display or self.has_class("-narrow")]
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
            self.say("The library has no scores: search with / or press m first.")
        else:
            self.order = order
            self.show_library(0)

    def _sort_answer(self, order: str) -> None:
        if order != RANK and order not in KEYS:
            self.say(f"An answer cannot be sorted {SORTS[order].removeprefix('Sort ')}: , goes through what it can.")
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
        """Rank again with the new weights, once they rest."""
        self._name_faders()
        if self.here.kind is not Kind.LIBRARY:
            self.soon(lambda: self.go(self.here))
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
            return self.say("Indexing stops; what is done is kept, u goes on.")
        roots = self.library.catalogue.roots() if self.library.catalogue is not None else []
        if roots:
            self.top_line.index([Path(root["path"]) for root in roots])
        return None if roots else self.say("No music folder is known yet.")

    def on_indexing_ended(self, message: IndexingEnded) -> None:
        """Say how it went, and show what is there now."""
        if message.problem:
            self.notify(message.problem, severity="error", markup=False)
        elif self.here.kind is Kind.LIBRARY:
            self.show_library(self.results.cursor, fresh=False)

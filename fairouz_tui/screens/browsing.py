"""Browse the library: a window of rows over the database, kept in step with what an index run changes."""

import time
from contextlib import suppress
from dataclasses import replace

from textual import work

from fairouz_tui.held_place import Held, Moved, moved
from fairouz_tui.hints import hint
from fairouz_tui.messages import LibraryRead, PageRead
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens.refocusing import RefocusingScreen
from fairouz_tui.sorting import SORTS
from fairouz_tui.steps import START, Kind, Step, Trail
from fairouz_tui.widgets.top_line import TopLine
from fairouz_tui.widgets.track_list import PAGE_ROWS, TrackList, first_of_page
from indexer.errors import IndexerError, StoreError
from indexer.exploring.indexed import was_stopped

LOOK_SECONDS = 1.0
"""How often the library is asked whether it changed: a running index adds a batch about once a second."""
REST = 10
"""So many times as long as reading what changed took, the machine is left to the run that changes it."""
NO_LIBRARY = -2
NOT_LOOKED = -1


class BrowsingScreen(RefocusingScreen[None]):
    """A screen with a list of the library's tracks; the subclass lays it out and names the keys."""

    AUTO_FOCUS = "#results"

    def __init__(self, library: OpenLibrary, *, order: str = "") -> None:
        super().__init__()
        self.library = library
        self.trail: Trail = START
        self.order = order if order in SORTS else next(iter(SORTS))
        self._version = NOT_LOOKED
        self._stopped = False
        """Whether the last run was stopped, as the first line says it."""
        self._looking = False
        self._resting_until = 0.0
        self._shown = NOT_LOOKED
        """The version whose rows the list had last."""
        self._left: Held | None = None
        """What the cursor was on when an answer took the library's place."""

    @property
    def results(self) -> TrackList:
        """Return the list."""
        return self.query_one("#results", TrackList)

    @property
    def top_line(self) -> TopLine:
        """Return the header."""
        return self.query_one(TopLine)

    @property
    def here(self) -> Step:
        """Return the step that is shown."""
        return self.trail[-1]

    def on_mount(self) -> None:
        """Show the library, and look now and then whether it changed."""
        self.results.titled = self.results_title
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

    def _look(self) -> None:
        if not self._looking and time.monotonic() >= self._resting_until:
            self._looking = True
            self._look_whether_changed(self.held())

    def held(self) -> Held | None:
        """Return the track of the library that is to stay under the cursor, or to be there when it is shown again.

        None at the top: who stands there sees the library begin.
        """
        if self.here.kind is not Kind.LIBRARY:
            return self._left
        row, index, (first, after) = self.results.current, self.results.cursor, self.results.in_sight
        return (
            None
            if row is None or not index
            else Held(row.id, index, self.order, above=index - first, lines=after - first)
        )

    @work(thread=True, exit_on_error=False, group="look")
    def _look_whether_changed(self, held: Held | None) -> None:
        """Read the library's counts when it changed, in a large one for longer than until the next look."""
        began = time.monotonic()
        try:
            catalogue = self.library.catalogue
            version = NO_LIBRARY if catalogue is None else catalogue.version()
            stopped = catalogue is not None and was_stopped(catalogue.connection)
            if version != self._version and catalogue is None:
                self.post_message(LibraryRead(version))
            elif (version, stopped) != (self._version, self._stopped) and catalogue is not None:
                where = moved(catalogue, held) if held is not None else None
                self.post_message(LibraryRead(version, {**catalogue.summary(), "stopped": stopped}, where))
        finally:
            now = time.monotonic()
            self._resting_until = now + REST * (now - began)
            self._looking = False

    def on_library_read(self, message: LibraryRead) -> None:
        """Show the library as it is now; an answer on the screen stays."""
        known, self._version = self._version, message.version
        self._stopped = bool(message.summary.get("stopped"))
        self.top_line.summary = message.summary
        if self.here.kind is not Kind.LIBRARY:
            self._move_left(message.moved)
        elif self._shown != message.version:
            self._show_changed(message.moved, first=NOT_LOOKED in (known, self._shown))
        self._shown = message.version

    def _show_changed(self, moved: Moved | None, *, first: bool) -> None:
        """Show the library as it is now, the track under the cursor on its line of the screen as before."""
        if first or moved is None or moved.held.order != self.order:
            return self.show_library(self.here.cursor if first else self.results.cursor, fresh=False)
        results, lines = self.results, moved.lines
        top = results.scroll_offset.y + lines
        self.show_library(results.cursor + lines, fresh=False)
        results.scroll_to(y=top, animate=False, force=True, immediate=True)
        for offset, rows in moved.pages:
            results.put_page(results.generation, offset, rows)
        return None

    def _move_left(self, moved: Moved | None) -> None:
        """Note where the track is now that the cursor will be on when the library is shown again."""
        held = self._left
        if moved is not None and held is not None and moved.held.track_id == held.track_id:
            index = moved.held.index + moved.lines
            self._left = replace(held, index=index)
            self.trail = (replace(self.trail[0], cursor=index), *self.trail[1:])

    def show_library(self, cursor: int, *, fresh: bool = True) -> None:
        """Show the library; with `fresh` off the rows that are there stay until newer ones come."""
        self.results.empty_text = hint(self, empty_library(indexing=self.top_line.indexing))
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

    def results_title(self) -> str:
        """Return what the list shows and where the cursor is."""
        raise NotImplementedError


def empty_library(*, indexing: bool) -> str:
    """Return what stands in the list of an empty library, with the names of commands for their keys."""
    if indexing:
        return "Reading your music: tracks appear here as they come.\nA search by words works from the first one on."
    return (
        "No tracks here yet.\n{index}, then {index_add} adds a music folder.\n"
        "{rescan} looks through those again, {help} shows every key."
    )

"""The map: the library in two dimensions, walked on, coloured, searched, encircled; two spaces side by side."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from fairouz_tui.hints import hint
from fairouz_tui.screens.map_charting import SECOND_SOURCE, ChartingScreen
from fairouz_tui.screens.map_choosing import Choice, ChooseSpaceScreen
from fairouz_tui.screens.map_keys import MAP_KEYS
from fairouz_tui.screens.map_messages import Encircled, Found, Read
from fairouz_tui.screens.map_work import LIT, encircle, find
from fairouz_tui.screens.querying import MS_PER_SECOND
from fairouz_tui.screens.visiting import Host, Return
from fairouz_tui.show import name_of, one_line
from fairouz_tui.steps import Kind, Step
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.map_canvas import MapCanvas
from fairouz_tui.widgets.map_legend import MapLegend, query_of
from fairouz_tui.widgets.map_words import MapWords
from indexer.errors import IndexerError, StoreError
from indexer.exploring.answer import TrackRow
from indexer.maps.choices import BY, JOINT, WAYS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from textual.timer import Timer

    Ids = NDArray[np.int64]


class MapScreen(ChartingScreen):
    """The map, its legend and the line about the track under the cursor."""

    NAME = "map"
    TITLE_TEXT = "Map"
    AUTO_FOCUS = "#map-first"

    DEFAULT_CSS = """
    MapScreen #map-panes { height: 1fr; }
    MapScreen #map-second { display: none; }
    MapScreen.-beside #map-second { display: block; }
    MapScreen #map-asking { height: 1; padding: 0 1; display: none; }
    MapScreen #map-asking Static { width: 2; color: $accent; text-style: bold; }
    MapScreen #map-words { width: 1fr; }
    MapScreen #map-place { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }

    /* Where there is no room beside the maps, the legend takes their place while it has the focus. */
    MapScreen.-narrow #map-legend, MapScreen.-medium.-beside #map-legend { display: none; }
    MapScreen.-medium #map-legend { width: 32; }
    MapScreen.-narrow.-legend #map-legend, MapScreen.-medium.-beside.-legend #map-legend { display: block; width: 1fr; }
    MapScreen.-narrow.-legend MapCanvas, MapScreen.-medium.-beside.-legend MapCanvas { display: none; }

    /* Under 80 columns there is one map at a time. */
    MapScreen.-narrow.-on-second #map-first { display: none; }
    MapScreen.-narrow.-on-first #map-second { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = MAP_KEYS

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self.selected: Ids | None = None
        self.found: Found | None = None
        self._rows: dict[int, TrackRow] = {track.id: track} if track is not None else {}
        self._said: list[str] = []
        self._finding = 0
        self._typing: Timer | None = None
        self._going_to_found = False

    def parts(self) -> Iterator[Widget]:
        """Yield the maps, the legend, the line for words and the line about the track."""
        with Horizontal(id="map-panes"):
            yield self.first.canvas
            yield self.second.canvas
            yield self.legend
        with Horizontal(id="map-asking"):
            yield Static("/", markup=False)
            yield MapWords(id="map-words", placeholder="words, artist:name: what matches is lit", compact=True)
        yield Static("", id="map-place", markup=False)

    @property
    def chosen(self) -> TrackRow | None:
        """Return the track under the cursor; before the map is there, the one it was opened with."""
        track_id = self.active.canvas.track_id
        if track_id is None:
            return self.track
        if track_id not in self._rows:  # one row by its key: a third of a millisecond
            with suppress(IndexerError, StoreError):
                self._rows.update({row.id: row for row in self.host.library.open().rows([track_id])})
        return self._rows.get(track_id)

    # What is said

    def tell(self) -> None:
        """Write the lines about the track under the cursor and about what is selected."""
        placed = self.active.placed
        said = [f"{placed:,} new placed"] if placed else []
        if self.found is not None:
            most = " at most" if len(self.found.ids) == LIT else ""
            said.append(self.found.note or f"“{self.found.text}” lights {len(self.found.ids):,}{most}")
        if self.active.canvas.lasso is not None:
            said.append("drawing a lasso: x closes it, esc drops it")
        elif self.selected is not None:
            said.append(f"{len(self.selected):,} selected: A adds them to the playlist")
        if said != self._said:
            self._said = said
            self.head(*said)
        row = self.chosen if self.active.canvas.track_id is not None else None
        if row is not None:
            self.query_one("#map-place", Static).update(self._place(row), layout=False)

    def _place(self, row: TrackRow) -> Content:
        parts = [(name_of(row.title, row.path), "bold"), (f"  {one_line(row.artist)}", "")]
        listed = [("  in the playlist", "$accent")] if row.id in self.host.listed else []
        return Content.assemble("● ", *parts, (f"  {one_line(self.active.canvas.cluster)}", "$text-muted"), *listed)

    # Moving

    @on(MapCanvas.Moved)
    def _moved(self, message: MapCanvas.Moved) -> None:
        """Let the other map follow."""
        track_id = message.canvas.track_id
        for side in self.sides:
            if side.canvas is not message.canvas and track_id is not None:
                side.canvas.stand_on(track_id)
            self.title_side(side)
        self.tell()

    @on(MapCanvas.Chosen)
    def _play(self) -> None:
        if self.chosen is not None:
            self.host.play_track(self.chosen)
            self.say(f"Plays {name_of(self.chosen.title, self.chosen.path)}.")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Turn to the map that has the focus; light the group that the legend is on."""
        side = next((side for side in self.sides if side.canvas is event.widget), self.active)
        turned, self.active = side is not self.active, side
        self.set_class(side is self.first, "-on-first")
        self.set_class(side is self.second, "-on-second")
        self.set_class(event.widget is self.legend, "-legend")
        if turned:
            self.show_legend()
            self.tell()
        self.light()

    def action_turn(self, steps: int) -> None:
        """Go round the maps and the legend."""
        ring: list[Widget] = [*(side.canvas for side in self.sides), self.legend]
        at = ring.index(self.focused) if self.focused in ring else 0
        self._go_to(ring[(at + steps) % len(ring)])

    def _go_to(self, widget: Widget) -> None:
        self.set_class(widget is self.legend, "-legend")
        self.set_class(widget is self.first.canvas, "-on-first")
        self.set_class(widget is self.second.canvas, "-on-second")
        self.call_after_refresh(widget.focus)

    # Lighting and selecting

    def light(self) -> None:
        """Light the group that the legend is on, else what was found; mark what is selected."""
        group = self.legend.group if self.legend.has_focus else None
        ids: Ids | tuple[int, ...] | None = self.found.ids if self.found is not None else None
        if group is not None and self.active.canvas.chart is not None:
            ids = self.active.canvas.chart.ids[group.rows]
        for side in self.sides:
            chart = side.canvas.chart
            if chart is not None:
                side.canvas.mark_rows(lit=_rows(chart.ids, ids), selected=_rows(chart.ids, self.selected))

    def _select(self, ids: "Ids | None") -> None:
        self.selected = ids if ids is not None and len(ids) else None
        self.light()
        self.tell()

    @on(MapCanvas.Outlined)
    def _outlined(self, message: MapCanvas.Outlined) -> None:
        chart = message.canvas.chart
        if chart is not None:
            self.answer(lambda: encircle(chart, message.outline), group="lasso")

    def on_encircled(self, message: Encircled) -> None:
        """Select what the lasso holds."""
        self._select(message.ids)
        if not len(message.ids):
            self.say(hint(self, "No track lies inside the lasso: {map_lasso} starts another."))

    @on(LineList.Moved)
    def _legend_moved(self) -> None:
        if self.legend.has_focus:
            self.light()

    @on(MapLegend.Taken)
    def _take_group(self, message: MapLegend.Taken) -> None:
        chart = self.active.canvas.chart
        if chart is not None:
            self._select(chart.ids[message.group.rows])

    @on(LineList.Chosen)
    def _group_clicked(self) -> None:
        self.legend.action_take()

    @on(MapLegend.Wanted)
    def _show_group(self, message: MapLegend.Wanted) -> None:
        """Go to Explore with the group, where a query can say it; else select its tracks."""
        query = query_of(self.active.by, message.group.name, source=self.active.shown_source)
        if query:
            self.dismiss(Return(step=Step(Kind.WORDS, query)))
            return
        self._take_group(MapLegend.Taken(message.group))
        self.say(hint(self, "No query finds these tracks: they are selected, {map_add_all} adds them to the playlist."))

    def action_add_all(self) -> None:
        """Add the selected tracks to the playlist."""
        ids = self.selected
        if ids is None:
            said = "Nothing is selected: draw around tracks with {map_lasso}, or take a group of the legend."
            return self.say(hint(self, said))
        self.answer(lambda: Read(tuple(self.host.library.open().rows(ids.tolist()))), group="add")
        return None

    def on_read(self, message: Read) -> None:
        """Add the tracks that were read."""
        added = self.host.take(message.rows)
        self.say(f"{added:,} added to the playlist." if added else "All of them are in the playlist already.")
        self.tell()

    def action_add(self) -> None:
        """Add the track under the cursor, and say that it is in the playlist."""
        super().action_add()
        self.tell()

    # Finding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave printable keys to the line that is being typed into."""
        if isinstance(self.focused, Input) and action == "find":
            return False
        return super().check_action(action, parameters)

    def action_find(self) -> None:
        """Type words."""
        self.query_one("#map-asking").display = True
        self.set_focus(self.query_one("#map-words"))  # at once: the keys that follow belong to the words

    @on(Input.Changed, "#map-words")
    def _words_typed(self) -> None:
        if self._typing is not None:
            self._typing.stop()
        self._typing = self.set_timer(self.host.config.typing_pause_ms / MS_PER_SECOND, self._look_up)

    def _look_up(self) -> None:
        text = self.query_one("#map-words", Input).value.strip()
        self._finding += 1
        ask = self._finding
        if text:
            self.answer(lambda: find(self.host.library, ask, text), group="find")
        else:
            self._show_found(None)

    @on(Input.Submitted, "#map-words")
    def _words_meant(self) -> None:
        """Go to the best match."""
        if self._typing is not None:
            self._typing.stop()
        self._going_to_found = True
        self._look_up()
        self._leave_words()

    @on(MapWords.Left)
    def _leave_words(self) -> None:
        self.query_one("#map-asking").display = self.found is not None or self._going_to_found
        self._go_to(self.active.canvas)

    def on_found(self, message: Found) -> None:
        """Light what matches."""
        if message.ask == self._finding:
            self._show_found(message)
            if self._going_to_found:
                self._going_to_found = False
                canvas = self.active.canvas
                if any(canvas.stand_on(track_id) for track_id in message.ids):
                    canvas.post_message(MapCanvas.Moved(canvas))

    def _show_found(self, found: Found | None) -> None:
        self.found = found
        self.light()
        self.tell()

    # What the other keys do

    def action_colour(self) -> None:
        """Colour by the next kind."""
        self.by = BY[(BY.index(self.by) + 1) % len(BY)]
        for side in self.sides:
            self.colour(side)

    def action_choose(self) -> None:
        """Show the spaces to choose from."""
        if not self.active.sources:
            return self.say("There is no map yet to take another for.")
        shown = [side.source for side in sorted(self.sides, key=lambda side: side is not self.active)]
        self.app.push_screen(ChooseSpaceScreen(self.active.sources, shown=shown), self._take_space)
        return None

    def _take_space(self, choice: Choice | None) -> None:
        if choice is None:
            return
        side = self.active
        if choice.beside:
            side = self.second if self.active is self.first else self.first
            self.two = True
            self.set_class(True, "-beside")
        side.source = choice.source
        self.open(side)
        self.light()

    def action_of(self, steps: int) -> None:
        """Take the next space."""
        self.active.source = self.active.next_source(steps)
        self.open(self.active)

    def action_how(self) -> None:
        """Lay it out the other way."""
        self.active.how = WAYS[(WAYS.index(self.active.how) + 1) % len(WAYS)]
        self.open(self.active)

    def action_again(self) -> None:
        """Lay the map out anew."""
        self.open(self.active, again=True)

    def action_marks(self) -> None:
        """Draw letters, or dots."""
        self._letters = not self.letters
        self.show_letters()

    def action_beside(self) -> None:
        """Show a second map, or close it."""
        self.two = not self.two
        self.set_class(self.two, "-beside")
        if not self.two:
            self.second.stop()
            self.active = self.first
            self._go_to(self.first.canvas)
            self.show_legend()
        elif self.second.canvas.chart is None or self.second.since is not None:
            self.second.source = JOINT if self.first.source == SECOND_SOURCE else SECOND_SOURCE
            self.open(self.second)
        else:
            self.arrive(self.second)
        self.light()

    def action_close(self) -> None:
        """Drop the lasso, what was found, what is selected; then go back."""
        if self.active.canvas.drop_lasso():
            self.tell()
        elif self.legend.has_focus:
            self._go_to(self.active.canvas)
        elif self.found is not None:
            self.query_one("#map-words", Input).value = ""
            self.query_one("#map-asking").display = False
            self._show_found(None)
        elif self.selected is not None:
            self._select(None)
        else:
            self.dismiss(None)


def _rows(sorted_ids: "Ids", ids: "Ids | tuple[int, ...] | None") -> "Ids | None":
    """Return the rows of some ids in rising ones; ids that are not there are left out."""
    if ids is None:
        return None
    from indexer.maps.raster import rows_of

    return rows_of(sorted_ids, ids)

"""Open one or two maps in workers, colour them, and say in their frames how far they are."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from textual.message import Message
from textual.worker import Worker, WorkerState, get_current_worker

from fairouz_tui.hints import hint
from fairouz_tui.screens.map_messages import Coloured, Followed, Laid, Laying
from fairouz_tui.screens.map_side import Side, space_name
from fairouz_tui.screens.map_work import apart, colour, follow, lay_out
from fairouz_tui.screens.visiting import Host, VisitScreen
from fairouz_tui.show import failure, name_of
from fairouz_tui.widgets.map_canvas import MapCanvas
from fairouz_tui.widgets.map_legend import MapLegend
from indexer.exploring.answer import TrackRow
from indexer.maps.choices import BY, JOINT, WAYS
from indexer.maps.window import NEAREST, WHOLE, Window

TOLD_SECONDS = 0.5
"""How often the frame says for how long a map has been laid out."""
FOLLOW_SECONDS = 1.0
"""How often the library is asked whether it changed."""
RESTED = 10
"""Times as long as bringing the map up to the library took, it is left alone: seconds, where all vectors are many."""
SECOND_SOURCE = "audio"
"""Of the second map when the first is of the joint space."""


class ChartingScreen(VisitScreen):
    """A screen with maps and their legend; the subclass lays them out, and says what is lit and what is told."""

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        memory = self.remembered
        self.by = _one_of(BY, memory.get("colour"))
        how = _one_of(WAYS, memory.get("how"))
        source, beside = str(memory.get("source") or JOINT), str(memory.get("beside") or "")
        self.first = Side(MapCanvas(id="map-first"), source, how, window=_window(memory.get("window")))
        self.second = Side(MapCanvas(id="map-second"), beside or SECOND_SOURCE, how)
        self.active = self.first
        self.legend = MapLegend(id="map-legend")
        self.two = bool(beside)
        """Whether there are two maps side by side."""
        self._letters: bool | None = None
        self._following, self._rests_until = False, 0.0
        # Before the parts are styled: each class that comes later has all of them styled again.
        self.set_class(True, "-on-first", update=False)
        self.set_class(self.two, "-beside", update=False)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Return the maps that are shown."""
        return (self.first, self.second) if self.two else (self.first,)

    @property
    def letters(self) -> bool:
        """Return whether marks are letters: as wished, else where there are few colours or none."""
        return (self.app.no_color or self.app.native_ansi_color) if self._letters is None else self._letters

    def light(self) -> None:
        """Light and mark tracks on the maps."""
        raise NotImplementedError

    def tell(self) -> None:
        """Write the lines about the track under the cursor and what is selected."""
        raise NotImplementedError

    def memory(self) -> Mapping[str, Any]:
        """Return what is mapped, how, in which colours, and what is looked at."""
        canvas = self.first.canvas
        window = self.first.window if canvas.chart is None and self.first.window is not None else canvas.window
        return {
            "source": self.first.source,
            "how": self.first.how,
            "colour": self.by,
            "window": [window.x, window.y, window.reach],
            "beside": self.second.source if self.two else "",
        }

    def on_mount(self) -> None:
        """Show the frame; what opens the map begins after that."""
        for widget in (self.first.canvas, self.second.canvas, self.legend):
            widget.letters = self.letters
        for side in self.sides:
            side.start()
            side.canvas.say("Reading the library …")
            self.title_side(side)
        self.call_after_refresh(self._open_all)

    def _open_all(self) -> None:
        for side in self.sides:
            self.open(side)
        self.set_interval(TOLD_SECONDS, self._tell_progress)
        self.set_interval(FOLLOW_SECONDS, self._follow)

    # Opening and colouring

    def open(self, side: Side, *, again: bool = False) -> None:
        """Ask for what a side is to show."""
        side.start()
        asked = Laying(side.name, side.ask, 0.0)
        source, how, by = side.source, side.how, self.by

        def work(stopped: Callable[[], bool]) -> None:
            lay_out(
                self.host.library,
                asked,
                source=source,
                how=how,
                by=by,
                again=again,
                post=self.post_message,
                stopped=stopped,
            )

        self._work_apart(work, group=side.name)
        if side.canvas.chart is None:
            side.canvas.say("Reading the library …")
        self.title_side(side)

    def _work(self, work: Callable[[], object], *, group: str) -> None:
        self.run_worker(work, thread=True, exclusive=True, exit_on_error=False, group=group)

    def _work_apart(self, work: Callable[[Callable[[], bool]], object], *, group: str) -> None:
        """Work in a thread that whoever leaves or quits does not wait for; `work` gets what tells so."""

        def run() -> None:
            worker = get_current_worker()

            def stopped() -> bool:
                return worker.is_cancelled

            apart(lambda: work(stopped), stopped=stopped)

        self._work(run, group=group)

    def answer(self, answer: Callable[[], Message], *, group: str) -> None:
        """Work, and post what comes of it."""
        self._work(lambda: self.post_message(answer()), group=group)

    def _side(self, name: str) -> Side:
        return self.first if name == self.first.name else self.second

    def on_laying(self, message: Laying) -> None:
        """Say how far a map is."""
        side = self._side(message.side)
        if message.ask == side.ask:
            side.share, side.behind, side.laying = message.share, message.behind, True
            side.since = message.began if message.began is not None else side.since
            self.title_side(side)

    def _tell_progress(self) -> None:
        for side in self.sides:
            if side.since is not None:
                self.title_side(side)

    def on_laid(self, message: Laid) -> None:
        """Show a map."""
        side, canvas = self._side(message.side), self._side(message.side).canvas
        if message.ask != side.ask:
            return
        side.sources = message.sources
        if not message.meanwhile:
            side.since, side.source = None, message.chart.source
        fresh = canvas.chart is None
        side.version, side.placed = message.version, side.placed_by(message.chart)
        self._show(side, message)
        if fresh:
            self.arrive(side)
        if self.by != message.by:
            self.colour(side)

    # Following

    def _follow(self) -> None:
        """Look whether the library changed, and bring the maps up to it; one look at a time."""
        if self._following or monotonic() < self._rests_until:
            return
        self._following = True
        shown = [
            (Laying(side.name, side.ask, 0.0), side.canvas.chart, side.by or self.by, side.version)
            for side in self.sides
            if side.since is None
        ]

        def work(stopped: Callable[[], bool]) -> None:
            began = monotonic()
            try:
                for asked, chart, by, version in shown:
                    found = follow(self.host.library, asked, chart, by=by, version=version)
                    if found is not None and not stopped():
                        self.post_message(found)
            finally:
                self._rests_until = monotonic() + RESTED * (monotonic() - began)
                self._following = False

        self._work_apart(work, group="follow")

    def on_followed(self, message: Followed) -> None:
        """Show the map with what is new, the view, the cursor and the selection kept; lay an outgrown one out anew."""
        side = self._side(message.side)
        if message.ask != side.ask or side.since is not None:
            return
        side.version = message.version
        if message.laid is None:
            self.open(side)
        else:
            self.on_laid(message.laid)

    def on_coloured(self, message: Coloured) -> None:
        """Show a map in other colours."""
        side = self._side(message.side)
        if message.chart is not side.canvas.chart:
            return
        side.ready[message.by] = message
        if message.by == self.by != side.by:
            self._show(side, message)

    def _show(self, side: Side, message: Laid | Coloured) -> None:
        if message.chart is not side.canvas.chart:
            side.ready.clear()
        side.by, side.groups = message.by, message.groups
        side.canvas.show(message.chart, message.colours)
        self.show_legend()  # first: its groups are rows of the map that is shown
        self.light()
        self.title_side(side)
        self.tell()
        self.call_after_refresh(self._colour_next, side)

    def _colour_next(self, side: Side) -> None:
        """Make ready the colours that the next key asks for: of 100,000 tracks they take a third of a second."""
        chart, by = side.canvas.chart, BY[(BY.index(self.by) + 1) % len(BY)]
        if chart is not None and by not in side.ready:
            self.answer(lambda: colour(self.host.library, side.name, chart, by), group=f"next colour {side.name}")

    def arrive(self, side: Side) -> None:
        """Look where one looked last, and stand on the track that the screen is about."""
        canvas = side.canvas
        if side.window is not None:
            canvas.look(side.window)
        other = self.active.canvas.track_id if side is not self.active else None
        track_id = other if other is not None else self.track.id if self.track is not None else None
        if track_id is not None and not canvas.stand_on(track_id) and side is self.first and self.track is not None:
            self.say(f"{name_of(self.track.title, self.track.path)} is not on the map of {space_name(side.source)}.")
        self.tell()

    def colour(self, side: Side) -> None:
        """Colour a map as the others are."""
        chart, by = side.canvas.chart, self.by
        if by in side.ready:
            self._show(side, side.ready[by])
        elif chart is not None:
            self.answer(lambda: colour(self.host.library, side.name, chart, by), group=f"colour {side.name}")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say in place of a map why there is none."""
        side = next((side for side in self.sides if side.name == event.worker.group), None)
        if event.state is WorkerState.ERROR and event.worker.error is not None and side is not None:
            side.since = None
            if side.canvas.chart is None:
                side.canvas.say(failure(event.worker.error))
            self.title_side(side)

    # What is said

    def title_side(self, side: Side) -> None:
        """Write the frame of a map."""
        side.canvas.put_titles(side.title, side.subtitle)
        if side.canvas.chart is None and side.share:
            side.canvas.say(f"{side.progress} …")

    def show_legend(self) -> None:
        """Show what the colours of the active map mean."""
        colours = self.active.canvas.colours
        if colours is not None:
            self.legend.empty_text = hint(
                self, "No track here has a {by}.\n{map_colour} takes the next colouring.", by=self.active.by
            )
            self.legend.show(self.active.groups, colours, title=f"{self.active.by.capitalize()}s")

    def show_letters(self) -> None:
        """Let all that is drawn have letters, or dots."""
        for widget in (self.first.canvas, self.second.canvas, self.legend):
            widget.letters = self.letters
        self.first.canvas.redraw()
        self.second.canvas.redraw()
        self.legend.refresh()


def _one_of(known: tuple[str, ...], name: object) -> str:
    """Return a remembered name, or the first where it is none that is known."""
    return name if isinstance(name, str) and name in known else known[0]


def _window(numbers: object) -> Window | None:
    """Return a remembered window; None where it is none."""
    match numbers:
        case [int() | float() as x, int() | float() as y, int() | float() as reach] if reach > 0:
            near = Window().moved(x, y)
            return Window(near.x, near.y, min(max(reach, NEAREST), WHOLE))
    return None

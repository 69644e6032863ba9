"""Say in the right pane what is known about the track under the cursor, or why it is close."""

from textual import on

from fairouz_tui.hints import hint
from fairouz_tui.screens.marking import MarkingScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow


class ExplainingScreen(MarkingScreen):
    """A screen with a right pane that follows the cursor."""

    _explaining = False

    @property
    def why(self) -> ExplanationPane:
        """Return the right pane."""
        return self.query_one("#why", ExplanationPane)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        if message.list is self.results:
            self.results.put_title(self.results_title())
        self._follow()

    def on_mount(self) -> None:
        """Name other keys where they stand once they are changed."""
        changed = getattr(self.app, "config_changed", None)
        if changed is not None:
            changed.subscribe(self, lambda _: self._name_keys_anew())

    def _name_keys_anew(self) -> None:
        self.playlist_changed()
        if not len(self.results):
            self.show_here()
        self._follow()

    def on_resize(self) -> None:
        """Fill the right pane when a larger window makes room for it."""
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        """Let the right pane follow the cursor."""
        row = self.row if self._in_playlist else self.results.current
        if not self.why.display or not self.is_attached:
            return
        if row is None:
            self.why.say("About", "What is known about the track under the cursor stands here.")
        elif self._explaining:
            self._explain(row)
        else:
            self.why.tell(row)

    @property
    def _in_playlist(self) -> bool:
        """Return whether the cursor is on a track of the playlist; an empty one has none."""
        return self.playlist.has_focus and bool(self.playlist.tracks)

    def _explain(self, row: TrackRow) -> None:
        hit = self.results.current_hit if not self._in_playlist else None
        against = self._against()
        if against is not None and against.id != row.id:
            self.why.explain(against, row, faders=self.faders)
        elif against is not None:
            self.why.say("Why", "This is the track itself. Move to another one to see why the two are close.")
        elif hit is not None and hit.contributions:
            self.why.show_hit(hit, self.here.text or self.here.label)
        elif self._in_playlist or self.here.kind is Kind.PATH:
            self.why.say("Why", "It begins here. Move down to see why each track follows the one before.")
        else:
            said = "Mark a track with {mark} and move to another one, or press {more} for more like this."
            self.why.say("Why", hint(self, said))

    def _against(self) -> TrackRow | None:
        """Return what the track is explained against: the last mark, the one before it in an order, or what was asked.

        None where it answers words or a mix.
        """
        if self.marks:
            return self.marks[-1]
        if self._in_playlist:
            return self.playlist.row_at(self.playlist.cursor - 1)
        if self.here.kind is Kind.PATH:
            return self._stop_before()
        return self.here.track

    def _stop_before(self) -> TrackRow | None:
        """Return what leads to the track under the cursor on the path, whatever the list is sorted by."""
        stops = [hit.track for hit in self.here.answer.hits] if self.here.answer is not None else []
        row = self.results.current
        place = next((place for place, stop in enumerate(stops) if row is not None and stop.id == row.id), 0)
        return stops[place - 1] if place else None

    def put_marks(self, marks: tuple[TrackRow, ...]) -> None:
        """Let these be the marks; what the cursor is explained against may be another now."""
        super().put_marks(marks)
        self._follow()

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
        if not self.has_class("-wide"):
            self.remove_class("facets-open")
        if closing and self.why.has_focus:
            self.results.focus()
        self.call_after_refresh(self._follow)

    def action_why_tab(self, steps: int) -> None:
        """Turn to another side of the explanation; where it is not open, open it."""
        if not self._explaining or not self.why.display:
            self.action_explain()
        elif self.why.has_class("-pair"):
            self.why.action_tab(steps)
        else:
            said = "Two tracks have sides to compare: press {more}, or mark one with {mark}, and move to another."
            self.say(hint(self, said))

"""Ask with several tracks: add and subtract them, lead a path through them, lift the caps of an answer."""

from dataclasses import replace

from fairouz_tui.hints import hint
from fairouz_tui.screens.explaining import ExplainingScreen
from fairouz_tui.steps import Kind, Step
from indexer.exploring.answer import TrackRow

Rows = tuple[TrackRow, ...]


class CombiningScreen(ExplainingScreen):
    """A screen on which several tracks make one question."""

    def action_path(self) -> None:
        """Lead from the marks, in their order, to the track under the cursor."""
        row = self.needed_row()
        if row is None:
            return
        stops = self.marks if self.marks and self.marks[-1].id == row.id else (*self.marks, row)
        if len(stops) > 1:
            self.put_marks(())
            self.go(Step(Kind.PATH, tracks=stops))
        else:
            self.say(hint(self, "Mark with {mark} where the path starts, move to where it ends and press {path}."))

    def action_plus(self) -> None:
        """Ask for what is also like the track."""
        row = self.needed_row()
        if row is None:
            return None
        plus, minus = self._asked()
        if row.id in {one.id for one in plus}:
            return self.say(hint(self, "It is part of the question already: {minus} takes it away."))
        return self._mix((*plus, row), tuple(one for one in minus if one.id != row.id))

    def action_minus(self) -> None:
        """Ask for what is less like the track."""
        row = self.needed_row()
        if row is None:
            return None
        plus, minus = self._asked()
        rest = tuple(one for one in plus if one.id != row.id)
        if not rest:
            said = "{minus} takes away from a question: press {more} or {plus} on another track first."
            return self.say(hint(self, said))
        if row.id in {one.id for one in minus}:
            return self.say(hint(self, "It is taken away already: {plus} adds it."))
        return self._mix(rest, (*minus, row))

    def _asked(self) -> tuple[Rows, Rows]:
        """Return what the question adds and takes away: that of the step, or the marks where it asks with no track."""
        if self.here.kind is Kind.MIX:
            return self.here.tracks, self.here.less
        if self.here.kind is Kind.TRACK and self.here.track is not None:
            return (self.here.track,), ()
        return self.marks, ()

    def _mix(self, plus: Rows, minus: Rows) -> None:
        text = self.here.text if self.here.kind in (Kind.MIX, Kind.TRACK) else ""
        if len(plus) == 1 and not minus:
            self.go(Step(Kind.TRACK, text, track=plus[0]))
        else:
            self.go(Step(Kind.MIX, text, tracks=plus, less=minus))

    def action_caps(self) -> None:
        """Lift the caps on artists and albums, or put them back."""
        if self.here.kind in (Kind.TRACK, Kind.MIX):
            self.go(replace(self.here, whole=not self.here.whole))
        else:
            said = "{caps} shows every track of an artist in an answer to {more}, "
            self.say(hint(self, said + "which else holds 3 of one and 2 of an album."))

"""Mark tracks: to explain against, to lead a path through, to mix."""

from textual.content import Content

from fairouz_tui.hints import hint
from fairouz_tui.screens.playing import PlayingScreen
from fairouz_tui.widgets.top_line import plural
from indexer.exploring.answer import TrackRow


class MarkingScreen(PlayingScreen):
    """A screen whose tracks can be marked, one after the other."""

    marks: tuple[TrackRow, ...] = ()
    """The marked tracks, the oldest mark first."""

    def action_mark(self) -> None:
        """Mark the track, or take its mark away."""
        row = self.needed_row()
        if row is not None:
            others = tuple(mark for mark in self.marks if mark.id != row.id)
            self.put_marks(others if len(others) < len(self.marks) else (*others, row))

    def action_unmark(self) -> None:
        """Take all marks away."""
        if not self.marks:
            self.say(hint(self, "Nothing is marked: {mark} marks the track under the cursor."))
        self.put_marks(())

    def put_marks(self, marks: tuple[TrackRow, ...]) -> None:
        """Let these be the marks, and show them in the list and under it."""
        self.marks = marks
        self.results.marked = tuple(row.id for row in marks)
        self.results.refresh()
        self.put_subtitle()

    def subtitle(self) -> Content:
        """Return how many tracks are marked, and what is to be said of the answer."""
        said = super().subtitle()
        if not self.marks:
            return said
        marked = Content.styled(f"{plural(len(self.marks), 'mark')}", "$accent")
        return Content.assemble(marked, " · " if said else "", said)

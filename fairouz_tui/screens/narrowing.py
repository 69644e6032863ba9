"""Narrow what is shown by what its tracks have in common: the facets."""

from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message

from fairouz_tui.hints import hint
from fairouz_tui.messages import LibraryRead
from fairouz_tui.screens.combining import CombiningScreen
from fairouz_tui.steps import Kind, Step
from fairouz_tui.terms import holds, negation, problem, with_term, without_term
from fairouz_tui.widgets.facets import FacetsPane
from indexer.exploring.answer import TrackRow
from indexer.exploring.facets import Facet

CLUSTERS = "cluster"
"""The name of the facet that only a map gives."""


@dataclass
class FacetsCounted(Message):
    """What the tracks of a step have in common is known; `ask` is the number of the question."""

    ask: int
    facets: tuple[Facet, ...]


class NarrowingScreen(CombiningScreen):
    """A screen with a pane of facets."""

    _count_ask = 0

    @property
    def facets(self) -> FacetsPane:
        """Return the pane of facets."""
        return self.query_one("#facets", FacetsPane)

    def action_facets(self) -> None:
        """Open the facets, or close them."""
        opening = not self.has_class("facets-open")
        self.set_class(opening, "facets-open")
        if opening:
            self.remove_class("playlist-open")
            self.set_class(self.has_class("why-open") and self.has_class("-wide"), "why-open")
        (self.facets if opening else self.results).focus()
        self.count_facets()

    def show_here(self, *, keep: TrackRow | None = None) -> None:
        """Show the last step of the trail, and count its facets where they are looked at."""
        super().show_here(keep=keep)
        self.count_facets()

    def on_library_read(self, message: LibraryRead) -> None:
        """Count the facets of a library that changed."""
        if self.here.kind is Kind.LIBRARY:
            self.call_after_refresh(self.count_facets)

    def count_facets(self) -> None:
        """Count what the tracks that are shown have in common."""
        if self.has_class("facets-open"):
            self._count_ask += 1
            self._count(self._count_ask, self.here)

    @work(thread=True, exclusive=True, exit_on_error=False, group="facets")
    def _count(self, ask: int, step: Step) -> None:
        self.post_message(FacetsCounted(ask, self.library.facets(step)))

    def on_facets_counted(self, message: FacetsCounted) -> None:
        """Show the facets that are still wanted."""
        if message.ask == self._count_ask:
            has_clusters = any(facet.name == CLUSTERS for facet in message.facets)
            self.facets.said = "" if has_clusters else hint(self, "clusters: open the map ({map})")
            self.facets.show(message.facets, self.here.text if self.here.narrows else "")

    @on(FacetsPane.Picked)
    def _narrow(self, message: FacetsPane.Picked) -> None:
        """Put a term into the question, or take it out where it stands in it."""
        if not self.here.narrows:
            return self.say(hint(self, "A path is not narrowed: {back} goes back to what can be."))
        text = self.here.text
        wanted = negation(message.term) if message.against else message.term
        return self._ask_narrowed(without_term(text, wanted) if holds(text, wanted) else with_term(text, wanted))

    def _ask_narrowed(self, text: str) -> None:
        wrong = problem(text)
        if wrong:
            self.say(wrong)
        elif self.here.kind in (Kind.TRACK, Kind.MIX):
            self.go(replace(self.here, text=text, answer=None, cursor=0))
        elif text:
            self.go(Step(Kind.WORDS, text))
        else:
            self.go_back()

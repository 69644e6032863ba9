"""Hold the right pane: why two tracks are close, why a track answers words, or what is known about a track."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.worker import Worker, get_current_worker

from fairouz_tui.mel_picture import Sounds
from fairouz_tui.messages import CardRead, Explained
from fairouz_tui.notices import told_failure
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.reasons.page import MODALITIES, OVERVIEW, TABS, Page, View
from fairouz_tui.widgets.page_scroll import PageScroll, Writer
from fairouz_tui.widgets.tab_strip import TabStrip
from indexer.exploring.answer import Hit, TrackRow

if TYPE_CHECKING:
    from textual.timer import Timer

SETTLE_SECONDS = 0.12
"""How long the cursor rests before the pane follows it."""
CARD_COVER_COLUMNS = 24
PAIR_COVER_COLUMNS = 16


@dataclass
class Heard(Message):
    """The sounds of a pair are pictured; `ask` is the number of the question."""

    ask: int


class ExplanationPane(PageScroll, can_focus=True):
    """The right pane. What it is told last wins; answers to earlier questions are dropped."""

    DEFAULT_CSS = """
    ExplanationPane > TabStrip { dock: top; display: none; }
    ExplanationPane.-pair > TabStrip { display: block; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l,right", "tab(1)", "Next reason", id="why_next", tooltip="To the next modality's reasons"),
        Binding("h,left", "tab(-1)", "Reason before", show=False, id="why_last", tooltip="To the reasons before"),
        Binding("r", "radar", "Radar", id="why_radar", tooltip="Show the overview as a radar, or as bars again"),
        Binding("w", "matrix", "Who meets whom", show=False, id="why_matrix", tooltip="Show what the score is made of"),
    ]

    KEYS_SHOWN = ("tab_before", "tab_next", "why_radar", "why_matrix")
    """Keys that the last line names first while this has the focus."""

    def __init__(self, library: OpenLibrary, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self._ask = 0
        self._settling: Timer | None = None
        self._explained: Explained | None = None
        self._sounds = Sounds()
        self._listening = -1
        """The question for which sounds are being read."""
        self.view = View()
        self.tab = OVERVIEW

    def compose(self) -> ComposeResult:
        """Hold the page, and the tabs over it."""
        yield from super().compose()
        yield TabStrip()

    def on_mount(self) -> None:
        """Name the tabs."""
        self.query_one(TabStrip).tabs = TABS
        self.query_one(TabStrip).open_tab = self.tab

    def explain(self, a: TrackRow, b: TrackRow, *, faders: Mapping[str, float]) -> None:
        """Say, once the cursor rests, why two tracks are close."""
        self._soon(lambda ask: self._explain(ask, a, b, faders))

    def tell(self, row: TrackRow) -> None:
        """Say, once the cursor rests, what is known about a track."""
        self._soon(lambda ask: self._tell(ask, row.id))

    def show_hit(self, hit: Hit, query: str) -> None:
        """Say which parts make up the score of an answer to words."""
        from fairouz_tui.why import hit_content  # the first frame needs none of it

        self._dismiss()
        self._write("Why", lambda width: Page(hit_content(hit, query, width=width)))

    def say(self, title: str, text: str) -> None:
        """Say something that needs no question."""
        self._dismiss()
        self._write(title, lambda _: Page(Content.styled(text, "$text-muted")))

    def _soon(self, question: Callable[[int], object]) -> None:
        self._dismiss()
        ask = self._ask

        def settled() -> None:
            self._note("…")  # not at the key: drawing the border anew is half of what a cursor key may cost
            question(ask)

        self._settling = self.set_timer(SETTLE_SECONDS, settled)

    def _dismiss(self) -> None:
        """Forget the question under way."""
        self._ask += 1
        if self._settling is not None:
            self._settling.stop()

    @work(thread=True, exclusive=True, exit_on_error=False, group="why")
    def _explain(self, ask: int, a: TrackRow, b: TrackRow, faders: Mapping[str, float]) -> None:
        """Explain at once what needs no text model, then the lyrics."""
        first, second = self._library.covers((a.id, b.id), columns=PAIR_COVER_COLUMNS)
        compares_lyrics = "lyrics" in a.modalities & b.modalities
        if compares_lyrics and not self._library.words_are_quick:
            quick = self._library.explain_without_lyrics(a, b, faders=faders)
            self.post_message(Explained(ask, quick, (first, second), whole=False))
            self._library.load_text_model()
        if not get_current_worker().is_cancelled:
            explanation = self._library.explain(a.id, b.id, faders=faders)
            self.post_message(Explained(ask, explanation, (first, second)))

    @work(thread=True, exclusive=True, exit_on_error=False, group="why")
    def _tell(self, ask: int, track_id: int) -> None:
        card = self._library.open().card(track_id)
        (cover,) = self._library.covers((track_id,), columns=CARD_COVER_COLUMNS)
        self.post_message(CardRead(ask, card, cover))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what could not be found out."""
        if told_failure(self, event):
            self.say("Why", "This could not be found out; move on and it is tried again.")

    def on_explained(self, message: Explained) -> None:
        """Show an explanation that is still wanted."""
        if message.ask == self._ask:
            home = self._explained is None or not self._is_pair_of(message)
            self._write("Why", self._pair_writer(message), explained=message, home=home)
            self._note("" if message.whole else "loading the text model for the lyrics …")

    def _is_pair_of(self, message: Explained) -> bool:
        """Return whether the pair on the screen is that of a message: its second part must not scroll away."""
        if self._explained is None:
            return False
        shown, new = self._explained.explanation, message.explanation
        return (shown.a.path, shown.b.path) == (new.a.path, new.b.path)

    def _pair_writer(self, message: Explained) -> Writer:
        from fairouz_tui.why import explanation_page

        explanation = message.explanation

        def write(width: int) -> Page:
            sounds = (self._sounds.get(explanation.a), self._sounds.get(explanation.b))
            return explanation_page(
                explanation, tab=self.tab, width=width, covers=message.covers, sounds=sounds, view=self.view
            )

        return write

    def on_card_read(self, message: CardRead) -> None:
        """Show a card that is still wanted."""
        from fairouz_tui.about import card_page

        if message.ask == self._ask:
            self._write("About", lambda width: card_page(message.card, width=width, cover=message.cover))

    # The panes of a pair

    def action_tab(self, steps: int) -> None:
        """Go to another tab."""
        self.open(TABS[(TABS.index(self.tab) + steps) % len(TABS)])

    @on(TabStrip.Picked)
    def _picked(self, message: TabStrip.Picked) -> None:
        self.open(message.tab)

    def open(self, tab: str) -> None:
        """Open a tab; it stays open while the cursor moves."""
        self.tab = tab
        self.query_one(TabStrip).open_tab = tab
        self.scroll_home(animate=False)
        self.draw()

    def action_radar(self) -> None:
        """Show the overview as a radar, or as bars."""
        self._look(replace(self.view, radar=not self.view.radar))

    def action_matrix(self) -> None:
        """Show the products that the score is made of, or hide them."""
        self._look(replace(self.view, matrix=not self.view.matrix))

    def _look(self, view: View) -> None:
        self.view = view
        self.open(OVERVIEW)

    def _listen(self) -> None:
        """Read the sounds of the pair, once, when their pane is open."""
        if self._explained is None or self.tab != "audio" or self._listening == self._ask:
            return
        rows = (self._explained.explanation.a, self._explained.explanation.b)
        if any(self._sounds.get(row) is None for row in rows):
            self._listening = self._ask
            self._hear(self._ask, rows)

    @work(thread=True, exclusive=True, exit_on_error=False, group="listen")
    def _hear(self, ask: int, rows: tuple[TrackRow, TrackRow]) -> None:
        for row in rows:
            if get_current_worker().is_cancelled:
                return
            self._sounds.read(row, highlight_seconds=self._highlight_seconds(row))
            self.post_message(Heard(ask))

    def _highlight_seconds(self, row: TrackRow) -> float | None:
        """Return where a preview of a track would start; None where that is unknown, and for a file outside."""
        attributes = self._library.open().card(row.id).get("attributes") or ()
        return next((float(one["value"]) for one in attributes if one["name"] == "highlight_seconds"), None)

    def on_heard(self, message: Heard) -> None:
        """Show the sounds that are still wanted."""
        if message.ask == self._ask and self._explained is not None:
            self.draw()

    # Drawing

    def _write(self, title: str, writer: Writer, *, explained: Explained | None = None, home: bool = True) -> None:
        self.border_title = title
        self._note("")
        self._explained = explained
        self.set_class(explained is not None, "-pair")
        if explained is not None:
            a, b = explained.explanation.a, explained.explanation.b
            self.query_one(TabStrip).faint = frozenset(MODALITIES) - (a.modalities & b.modalities)
        self.show_page(writer, home=home)

    def _note(self, text: str) -> None:
        """Write on the lower border; only a change is drawn, since a held key comes here thirty times a second."""
        if text != (self.border_subtitle or ""):
            self.border_subtitle = text

    def draw(self) -> None:
        """Write the page again, and hear the pair when its sounds are to be shown."""
        super().draw()
        self._listen()

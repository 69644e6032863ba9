"""Hold the right pane: why two tracks are close, why a track answers words, or what is known about a track."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static
from textual.worker import Worker, get_current_worker

from fairouz_tui.messages import CardRead, Explained
from fairouz_tui.notices import told_failure
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.why import card_content, explanation_content, hit_content
from indexer.exploring.answer import Hit, TrackRow

if TYPE_CHECKING:
    from textual.timer import Timer

Writer = Callable[[int], Content]
"""Writes the pane for a width in cells."""
NARROWEST = 20
SETTLE_SECONDS = 0.12
"""How long the cursor rests before the pane follows it."""
CARD_COVER_COLUMNS = 24
PAIR_COVER_COLUMNS = 16


class ExplanationPane(VerticalScroll, can_focus=True):
    """The right pane. What it is told last wins; answers to earlier questions are dropped."""

    DEFAULT_CSS = """
    ExplanationPane { scrollbar-size-vertical: 1; scrollbar-background: $background; scrollbar-color: $border-blurred; }
    ExplanationPane > Static { width: 1fr; height: auto; padding: 0 1; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False, id="why_down", tooltip="Scroll the pane down"),
        Binding("k", "scroll_up", "Up", show=False, id="why_up", tooltip="Scroll the pane up"),
        Binding("g", "scroll_home", "Top", show=False, id="why_top", tooltip="To the top of the pane"),
        Binding("G", "scroll_end", "Bottom", show=False, id="why_bottom", tooltip="To the end of the pane"),
    ]

    def __init__(self, library: OpenLibrary, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._library = library
        self._writer: Writer = lambda _: Content("")
        self._ask = 0
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        """Hold one text."""
        yield Static()

    def explain(self, a: TrackRow, b: TrackRow, *, faders: Mapping[str, float]) -> None:
        """Say, once the cursor rests, why two tracks are close."""
        self._soon(lambda ask: self._explain(ask, a, b, faders))

    def tell(self, row: TrackRow) -> None:
        """Say, once the cursor rests, what is known about a track."""
        self._soon(lambda ask: self._tell(ask, row.id))

    def show_hit(self, hit: Hit, query: str) -> None:
        """Say which parts make up the score of an answer to words."""
        self._dismiss()
        self._write("Why", partial(_hit, hit, query))

    def say(self, title: str, text: str) -> None:
        """Say something that needs no question."""
        self._dismiss()
        self._write(title, lambda _: Content.styled(text, "$text-muted"))

    def _soon(self, question: Callable[[int], object]) -> None:
        self._dismiss()
        ask = self._ask
        self._note("…")
        self._settling = self.set_timer(SETTLE_SECONDS, lambda: question(ask))

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
            covers = message.covers
            self._write("Why", lambda width: explanation_content(message.explanation, width=width, covers=covers))
            self._note("" if message.whole else "loading the text model for the lyrics …")

    def on_card_read(self, message: CardRead) -> None:
        """Show a card that is still wanted."""
        if message.ask == self._ask:
            self._write("About", lambda width: card_content(message.card, width=width, cover=message.cover))

    def on_resize(self) -> None:
        """Draw the bars at the new width."""
        self._draw()

    def _write(self, title: str, writer: Writer) -> None:
        self.border_title = title
        self._note("")
        self._writer = writer
        self.scroll_home(animate=False)
        self._draw()

    def _note(self, text: str) -> None:
        """Write on the lower border; only a change is drawn, since a held key comes here thirty times a second."""
        if text != (self.border_subtitle or ""):
            self.border_subtitle = text

    def _draw(self) -> None:
        width = max(self.scrollable_content_region.width - 2, NARROWEST)
        self.query_one(Static).update(self._writer(width))


def _hit(hit: Hit, query: str, width: int) -> Content:
    return hit_content(hit, query, width=width)

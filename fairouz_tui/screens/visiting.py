"""Visit another screen from Explore: what it is given, what it hands back, and the keys that all of them share."""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingsMap, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from fairouz_tui.config import Config
from fairouz_tui.notices import told_failure
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens.once_styled import OnceStyledScreen
from fairouz_tui.screens.shared_keys import OVER_EXPLORE, PAUSE
from fairouz_tui.screens.sizes import ACROSS, DOWN, SMALL
from fairouz_tui.show import one_line
from fairouz_tui.steps import Kind, Step
from fairouz_tui.widgets.key_line import KeyLine
from fairouz_tui.widgets.now_playing import NowPlaying
from fairouz_tui.widgets.playing_line import PlayingLine
from fairouz_tui.widgets.top_line import TopLine
from indexer.exploring.answer import TrackRow


class Host(Protocol):
    """What a visited screen may ask of Explore, which stays under it."""

    library: OpenLibrary
    config: Config
    memories: MutableMapping[str, Mapping[str, Any]]
    """What visited screens keep between visits and runs, by their NAME, ready for JSON."""

    @property
    def row(self) -> TrackRow | None:
        """Return the track that Explore's cursor is on."""

    @property
    def marks(self) -> tuple[TrackRow, ...]:
        """Return the marked tracks, the oldest mark first."""

    @property
    def faders(self) -> Mapping[str, float]:
        """Return the faders that were moved."""

    @property
    def listed(self) -> frozenset[int]:
        """Return the ids of the tracks in the playlist."""

    @property
    def top_line(self) -> TopLine:
        """Return the header, which owns the indexing child."""

    @property
    def now_playing(self) -> NowPlaying:
        """Return the line that owns the player."""

    def take(self, rows: Sequence[TrackRow]) -> int:
        """Add tracks to the playlist and return how many were new."""

    def play_track(self, row: TrackRow) -> None:
        """Play a track."""


@dataclass(frozen=True, slots=True)
class Return:
    """What a visited screen hands back: a step for the trail, or the next screen to visit and on which track."""

    step: Step | None = None
    visit: str = ""
    track: TrackRow | None = None


class VisitScreen(OnceStyledScreen[Return | None]):
    """A screen over Explore; a subclass gives its NAME, its TITLE_TEXT, its parts and its keys."""

    NAME: ClassVar[str] = ""
    """Names the screen in the state, in `visit()` and in `action_visit`."""
    TITLE_TEXT: ClassVar[str] = ""

    HORIZONTAL_BREAKPOINTS = ACROSS
    VERTICAL_BREAKPOINTS = DOWN

    DEFAULT_CSS = """
    VisitScreen {
        background: $background;
        & > #visit-title { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & > #visit-parts { height: 1fr; width: 1fr; }
        & > #too-small { display: none; width: 1fr; height: 1fr; content-align: center middle; color: $accent; }
        &.-tiny > *, &.-short > * { display: none; }
        &.-tiny > #too-small, &.-short > #too-small { display: block; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Leave", id="visit_close", tooltip="Close what is open here, then leave the screen"),
        Binding("1", "close", "Explore", show=False, id="visit_explore", tooltip="Back to the results"),
        *OVER_EXPLORE,
    ]

    @classmethod
    def _merge_bindings(cls) -> BindingsMap:
        """Name a key that pauses elsewhere, and here does something else, after the other keys that do the same."""
        merged = super()._merge_bindings()
        keys = merged.key_to_bindings
        if any(binding.id != PAUSE.id for binding in keys.get(PAUSE.key, ())):
            keys[PAUSE.key] = keys.pop(PAUSE.key)
        return merged

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        """Prepare the screen; `track` is what it is about, Explore's own where it is None."""
        super().__init__()
        self.host = host
        self.track = track if track is not None else host.row
        self.remembered: Mapping[str, Any] = host.memories.get(self.NAME, {})

    def compose(self) -> ComposeResult:
        """Lay out a title, the parts of the subclass and the keys."""
        from textual.containers import Container

        self.take_size(self.app.size)
        yield Static(Content(self.TITLE_TEXT), id="visit-title", markup=False)
        with Container(id="visit-parts"):
            yield from self.parts()
        yield PlayingLine(self.host.now_playing)
        yield KeyLine()
        yield Static(SMALL, id="too-small", markup=False)

    def parts(self) -> Iterator[Widget]:
        """Yield the widgets between the title and the keys."""
        raise NotImplementedError

    @property
    def chosen(self) -> TrackRow | None:
        """Return the track that m, a and the other screens act on."""
        return self.track

    def memory(self) -> Mapping[str, Any]:
        """Return what is kept for the next visit, ready for JSON."""
        return {}

    def head(self, *said: str) -> None:
        """Write the first line: the screen's title, then what is `said`, which may hold what stands in tags."""
        text = " · ".join([self.TITLE_TEXT, *said])
        self.query_one("#visit-title", Static).update(
            Content.assemble(("fairouz", "$primary bold"), ("  ▸ ", "$text-disabled"), one_line(text)), layout=False
        )

    def on_mount(self) -> None:
        """Write the title."""
        self.head()

    def keep(self) -> None:
        """Hand what is to be kept to Explore, which writes it down."""
        memory = self.memory()
        if memory:
            self.host.memories[self.NAME] = memory

    def dismiss(self, result: Return | None = None) -> AwaitComplete:
        """Keep what is to be kept at once: the next visit may begin before this screen is gone."""
        self.keep()
        return super().dismiss(result)

    def on_unmount(self) -> None:
        """Keep what is to be kept."""
        self.keep()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what failed; the screen stays as it was."""
        told_failure(self, event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave printable keys to a line that is being typed into; hide the key of the screen that is open."""
        if isinstance(self.focused, Input) and action in ("visit", "more", "add", "pause_playing"):
            return False
        return not (action == "visit" and parameters == (self.NAME,))

    def say(self, text: str) -> None:
        """Show a notice; `text` may hold what stands in tags and paths."""
        self.notify(one_line(text), markup=False)

    def action_close(self) -> None:
        """Go back to Explore."""
        self.dismiss(None)

    def action_more(self) -> None:
        """Leave for what is like the chosen track."""
        if self.chosen is None:
            return self.say("There is no track here: move to one first.")
        self.dismiss(Return(step=Step(Kind.TRACK, track=self.chosen)))
        return None

    def action_add(self) -> None:
        """Add the chosen track to the playlist."""
        if self.chosen is None:
            return self.say("There is no track here: move to one first.")
        self.say("Added to the playlist." if self.host.take([self.chosen]) else "It is in the playlist already.")
        return None

    def action_pause_playing(self) -> None:
        """Pause what plays, or go on."""
        self.host.now_playing.toggle()

    def action_visit(self, name: str) -> None:
        """Go on to another screen, about the chosen track."""
        self.dismiss(Return(visit=name, track=self.chosen))

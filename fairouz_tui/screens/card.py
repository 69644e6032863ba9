"""Show all about one track: its cover, names, sound, versions and file, and its words, which follow what plays."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from fairouz_tui.picture import Picture
from fairouz_tui.screens.visiting import Host, VisitScreen
from fairouz_tui.show import name_of, one_line
from fairouz_tui.whole_card import MOST_COVER_COLUMNS, whole_card
from fairouz_tui.widgets.lyrics_pane import LyricsPane
from fairouz_tui.widgets.now_playing import NowPlaying
from fairouz_tui.widgets.page_scroll import PageScroll
from indexer.errors import IndexerError
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from fairouz_tui.widgets.line_list import LineList

LOOK_SECONDS = 0.5
"""How often it is asked how far the song is: a line of one is sung for two seconds or more."""


@dataclass
class CardFound(Message):
    """All about a track is there; `ask` is the number of the question."""

    ask: int
    card: dict[str, Any]
    cover: Picture | None = None


@dataclass
class VersionsFound(Message):
    """The other versions of the recording are there."""

    ask: int
    versions: list[TrackRow] = field(default_factory=list)


class CardScreen(VisitScreen):
    """The card of a track, and of those before and after it in the list that it was opened from."""

    NAME = "card"
    TITLE_TEXT = "Card"

    DEFAULT_CSS = """
    CardScreen #card-panes { height: 1fr; }
    CardScreen #facts, CardScreen #lyrics {
        width: 1fr; height: 1fr; border: round $border-blurred;
        border-title-color: $text-muted; border-subtitle-color: $text-muted;
    }
    CardScreen #facts:focus, CardScreen #lyrics:focus {
        border: round $border; border-title-color: $primary; border-title-style: bold;
    }
    CardScreen.-narrow #lyrics { display: none; }
    CardScreen.-narrow.lyrics-open #lyrics { display: block; }
    CardScreen.-narrow.lyrics-open #facts { display: none; }
    """

    AUTO_FOCUS = "#facts"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab,shift+tab", "switch", "Facts, lyrics", id="card_switch", tooltip="Between the facts and the lyrics"
        ),
        Binding("enter", "play", "Play", id="card_play", tooltip="Play this track"),
        Binding("space", "pause", "Pause", show=False, id="card_pause", tooltip="Pause what plays, or go on"),
        Binding("n", "step(1)", "Next", id="card_next", tooltip="To the next track of the list it was opened from"),
        Binding("N", "step(-1)", "Before", id="card_last", tooltip="To the track before it in that list"),
        Binding("f", "follow", "Follow", id="card_follow", tooltip="Let the lyrics follow the song again"),
        Binding("y", "copy", "Copy path", id="card_copy", tooltip="Copy the file's path to the clipboard"),
    ]

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        """Prepare the card of a track, Explore's own where it is None."""
        super().__init__(host, track=track)
        self._ask = 0
        self._card: dict[str, Any] | None = None
        self._picture: Picture | None = None
        self._versions: list[TrackRow] = []
        self._stepped = False
        """Whether the list is on its way to a track that is not read yet."""

    def parts(self) -> Iterator[Widget]:
        """Yield the facts and the lyrics."""
        with Horizontal(id="card-panes"):
            yield PageScroll(id="facts")
            yield LyricsPane(id="lyrics")

    def on_mount(self) -> None:
        """Show the frame, then ask for the card; look now and then what plays."""
        self.query_one("#facts").border_title = "Track"
        self.query_one("#lyrics").border_title = "Lyrics"
        self._say_which()
        self.call_after_refresh(self._find)
        self.set_interval(LOOK_SECONDS, self._look)

    def _say_which(self) -> None:
        """Write which track it is."""
        if self.track is None:
            return self.head()
        artist = one_line(self.track.artist)
        return self.head(name_of(self.track.title, self.track.path) + (f" - {artist}" if artist else ""))

    @property
    def lyrics(self) -> LyricsPane:
        """Return the words."""
        return self.query_one(LyricsPane)

    def _find(self) -> None:
        """Ask for what is known about the track; what stood there stays until it comes."""
        self._ask += 1
        row = self.track
        if row is None:
            self.on_card_found(CardFound(self._ask, {}))
            return
        self._read(self._ask, row)

    @work(thread=True, exclusive=True, exit_on_error=False, group="card")
    def _read(self, ask: int, row: TrackRow) -> None:
        """Read the card, which takes no moment, then the versions, for which the space is loaded."""
        card = self.host.library.open().card(row.id)
        (cover,) = self.host.library.covers((row.id,), columns=MOST_COVER_COLUMNS)
        self.post_message(CardFound(ask, card, cover))
        with suppress(IndexerError):  # not embedded yet: its versions cannot be told
            from indexer.exploring.takes import other_versions

            self.post_message(VersionsFound(ask, other_versions(self.host.library.explorer().session(), row)))

    def on_card_found(self, message: CardFound) -> None:
        """Show a card that is still wanted."""
        if message.ask != self._ask:
            return
        self._say_which()
        self._card, self._picture, self._versions = message.card, message.cover, []
        self._show(home=True)
        self.lyrics.show_lyrics(str(message.card.get("lyrics") or ""), message.card.get("lyrics_times") or ())
        self._look()

    def on_versions_found(self, message: VersionsFound) -> None:
        """Add the versions to the card they belong to."""
        if message.ask == self._ask:
            self._versions = message.versions
            self._show(home=False)

    def _show(self, *, home: bool) -> None:
        facts = self.query_one("#facts", PageScroll)
        card, cover, versions = self._card or {}, self._picture, self._versions
        facts.show_page(
            lambda width: whole_card(card, width=width, height=facts.size.height, cover=cover, versions=versions),
            home=home,
        )

    def _look(self) -> None:
        """Light the line that is sung, and show the track that the list has come to."""
        if self._stepped and self.host.row is not None:
            self._stepped = False
            self.track = self.host.row
            self._find()
        self.lyrics.seek(self._sung_seconds())

    def _sung_seconds(self) -> float | None:
        """Return how far this track is; None when it does not play."""
        playing = self._now_playing
        if playing is None or playing.track is None or self.track is None or playing.track.id != self.track.id:
            return None
        return playing.position_seconds

    @property
    def _now_playing(self) -> NowPlaying | None:
        """Return what plays, which Explore holds."""
        return self.host.query_one(NowPlaying) if isinstance(self.host, Widget) else None

    @property
    def _list(self) -> "LineList | None":
        """Return the list of Explore that the card was opened from."""
        playlist, results = getattr(self.host, "playlist", None), getattr(self.host, "results", None)
        return playlist if playlist is not None and playlist.has_focus else results

    # Keys

    def action_switch(self) -> None:
        """Go from the facts to the lyrics, and back."""
        to_lyrics = not self.lyrics.has_focus
        self.set_class(to_lyrics, "lyrics-open")
        (self.lyrics if to_lyrics else self.query_one("#facts")).focus()

    def action_step(self, steps: int) -> None:
        """Go on in the list; its cursor goes along, so that escape leads to the track that is shown."""
        rows = self._list
        if rows is None:
            return
        before = rows.cursor
        rows.cursor = before + steps
        if rows.cursor == before:
            self.say("This is the last track of the list." if steps > 0 else "This is the first track of the list.")
            return
        self._stepped = True
        self._look()

    def action_play(self) -> None:
        """Play this track."""
        if self.track is None:
            return self.say("There is no track here: escape goes back.")
        self.host.play_track(self.track)
        return None

    def action_pause(self) -> None:
        """Pause what plays, or go on."""
        if self._now_playing is not None:
            self._now_playing.toggle()

    def action_follow(self) -> None:
        """Let the lyrics follow the song again."""
        if not self.lyrics.synced:
            return self.say("These lyrics have no times to follow.")
        self.lyrics.follow()
        return None

    def action_copy(self) -> None:
        """Copy the path to the clipboard of the terminal."""
        if self.track is None:
            return self.say("There is no track here: escape goes back.")
        self.app.copy_to_clipboard(self.track.path.encode("utf-8", "replace").decode())
        self.say(f"Copied {self.track.path}")
        return None

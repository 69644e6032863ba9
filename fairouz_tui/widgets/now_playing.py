"""Play tracks and say what plays, on one line that is there only while something does."""

import os
from dataclasses import dataclass
from pathlib import Path

from textual import work
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.worker import Worker, WorkerState, get_current_worker

from fairouz_tui.notices import told_failure
from fairouz_tui.played_from import Source
from fairouz_tui.player import STOPPED, Ending, Player
from fairouz_tui.show import clip, clock, name_of, one_line
from indexer.exploring.answer import TrackRow

BAR_CELLS = 24
LOOK_SECONDS = 0.5
"""How often the place in the track is looked up; it costs no question to the player."""


class NowPlaying(Widget):
    """The track that plays, how far it is, and whether it is paused; it owns the player."""

    DEFAULT_CSS = """
    NowPlaying { height: 1; padding: 0 1; display: none; text-wrap: nowrap; background: $panel; }
    NowPlaying.-playing { display: block; }
    """

    track: reactive[TrackRow | None] = reactive(None)
    paused: reactive[bool] = reactive(False)
    position_seconds: reactive[float] = reactive(0.0)
    duration_seconds: reactive[float | None] = reactive(None)

    @dataclass
    class Started(Message):
        """A track plays now."""

        track: TrackRow
        source: Source | None = None

    @dataclass
    class Ended(Message):
        """The track that played came to its end."""

        track: TrackRow

    @dataclass
    class Stopped(Message):
        """The player told that a track came to its end, or broke off, which nobody asked for."""

        ending: Ending

    @dataclass
    class Gone(Message):
        """Nothing plays any more: what was to be played could not be."""

    def __init__(self, *, program: str = "mpv", arguments: tuple[str, ...] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self._player = Player(program, arguments=arguments, on_ending=self._ended)
        self.source: Source | None = None
        """What the track is played from; None where nothing is to follow it."""
        self._opening: Worker[None] | None = None
        """What opens a track: it cannot be paused before it is open."""
        self._pause_wanted = False
        """Whether it is to be paused as soon as it is open."""
        self._ending: Ending | None = None
        """How the last track ended, if it did by itself."""

    def on_mount(self) -> None:
        """Look twice a second where the track is."""
        self.set_interval(LOOK_SECONDS, self._look)

    @property
    def opening(self) -> bool:
        """Return whether a track is about to play."""
        return self._opening is not None

    def play(self, track: TrackRow, *, source: Source | None = None, start_seconds: float = 0.0) -> None:
        """Play a track; until it is open, what plays and its source stay what they are."""
        self._pause_wanted, self._ending = False, None
        self._opening = self._open(track, source, start_seconds)

    @work(thread=True, exclusive=True, exit_on_error=False, group="player")
    def _open(self, track: TrackRow, source: Source | None, start_seconds: float) -> None:
        if self._player.play(Path(track.path), start_seconds=start_seconds) and not get_current_worker().is_cancelled:
            self.post_message(self.Started(track, source))

    def put_back(self, track: TrackRow, position_seconds: float, *, source: Source | None = None) -> None:
        """Show what an earlier run played, paused where it was: nothing sounds before `toggle`."""
        self.track, self.position_seconds, self.paused = track, position_seconds, True
        self.source = source

    def toggle(self) -> None:
        """Pause, or go on; a track that is still being opened is paused once it is there."""
        if self.opening:
            self._pause_wanted = not self._pause_wanted
        elif self.track is not None and self.paused and not self._player.running:
            self.play(self.track, source=self.source, start_seconds=self.position_seconds)
        else:
            self._toggle()

    @work(thread=True, exclusive=True, exit_on_error=False, group="player")
    def _toggle(self) -> None:
        self._player.toggle_pause()

    def quit(self) -> None:
        """End the player."""
        self._player.quit()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say what the player cannot do; where that ended the track before, its line goes too."""
        if event.worker is self._opening and event.worker.is_finished:
            self._opening = None
            if self._pause_wanted and event.state is WorkerState.SUCCESS:
                self._toggle()
        if told_failure(self, event) and self._player.status.path is None and not self.opening:
            self.track = self.source = None
            self.post_message(self.Gone())

    def on_now_playing_started(self, message: Started) -> None:
        """Show the line."""
        self.track, self.paused, self.source = message.track, False, message.source
        self._look()
        if self._ending is not None and self._player.status.path is None:
            self._take(self._ending)

    def _ended(self, ending: Ending) -> None:
        """Pass on the end of a track, told on the player's own thread."""
        if ending.reason != "stop":
            self._ending = ending
            self.post_message(self.Stopped(ending))

    def on_now_playing_stopped(self, message: Stopped) -> None:
        """Go on, or say what happened; a track that is not even shown yet is looked at when it is."""
        if not self.opening:
            self._take(message.ending)

    def _take(self, ending: Ending) -> None:
        """Let a track end; where the player itself has gone, what it played waits paused at its place."""
        if self.track is None or os.path.abspath(self.track.path) != ending.path:
            return
        if ending.reason == "eof":
            self.post_message(self.Ended(self.track))
        elif ending.error in ("", STOPPED):
            self.paused = True
            said = "The player was ended from outside: space starts it again and goes on."
            self.notify(said, severity="error", markup=False)
        else:
            said = f"{name_of(self.track.title, self.track.path)} cannot be played on: {one_line(ending.error)}"
            self.track = self.source = None
            self.post_message(self.Gone())
            self.notify(said + _way_out(ending.error), severity="error", markup=False)

    def on_now_playing_ended(self) -> None:
        """Take the line away; who plays on sets it again."""
        self.track = None

    def _look(self) -> None:
        status = self._player.status
        if self.track is None or status.path is None:
            return
        self.paused = status.paused
        self.position_seconds = status.position_seconds or 0.0
        self.duration_seconds = status.duration_seconds

    def watch_track(self) -> None:
        """Be there while something plays."""
        self.set_class(self.track is not None, "-playing")

    def render(self) -> Content:
        """Draw the line."""
        return self.drawn(self.size.width)

    def drawn(self, width: int) -> Content:
        """Return the line in `width` cells; other screens show it too."""
        if self.track is None:
            return Content("")
        length = self.duration_seconds or self.track.duration_seconds
        times = f"{clock(self.position_seconds)} / {clock(length) or '?'}"
        name = name_of(self.track.title, self.track.path)
        artist = one_line(self.track.artist)
        done = round(min(self.position_seconds / length, 1.0) * BAR_CELLS) if length else 0
        room = max(width - BAR_CELLS - len(times) - 8, 10)
        return Content.assemble(
            ("⏸ " if self.paused else "▶ ", "$success bold"),
            (clip(f"{name} - {artist}" if artist else name, room), "bold"),
            ("  " + times + "  ", "$text-muted"),
            ("━" * done, "$success"),
            ("─" * (BAR_CELLS - done), "$text-disabled"),
        )


def _way_out(error: str) -> str:
    """Return what to do about an error of mpv, "" where there is nothing to say."""
    return "; the settings (S) have mpv's arguments, such as --ao=pipewire" if "audio output" in error else ""

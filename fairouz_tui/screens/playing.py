"""Play tracks from the lists of the screen, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message

from fairouz_tui.played_from import Source
from fairouz_tui.screens.building import BuildingScreen
from fairouz_tui.state import Heard
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.exploring.answer import TrackRow

HEARD_STEP_SECONDS = 10.0
"""How finely the place in a track is remembered while it plays: the disk is left alone in between."""


@dataclass
class Following(Message):
    """The next track of the library was read."""

    source: Source
    track: TrackRow


class PlayingScreen(BuildingScreen):
    """A screen whose lists can be played; it holds a NowPlaying."""

    @property
    def now_playing(self) -> NowPlaying:
        """Return the line that owns the player."""
        return self.query_one(NowPlaying)

    @on(LineList.Chosen, "#results, #playlist")
    def action_play(self) -> None:
        """Play the track, and on from there."""
        row = self.needed_row()
        if row is not None:
            self.now_playing.play(row, source=self._source_here())

    def _source_here(self) -> Source:
        if self.playlist.has_focus:
            return Source()
        if not self.results.hits:
            return Source(order=self.order, index=self.results.cursor)
        rows = [row for line in range(len(self.results)) if (row := self.results.row_at(line)) is not None]
        return Source(rows, index=self.results.cursor)

    @on(NowPlaying.Started)
    def _started(self, message: NowPlaying.Started) -> None:
        self._mark_playing(message.track)

    @on(NowPlaying.Gone)
    def _gone(self) -> None:
        self._mark_playing(None)

    def _mark_playing(self, track: TrackRow | None) -> None:
        self.results.playing = track.id if track is not None else None
        self.results.refresh()

    @on(NowPlaying.Ended)
    def _play_on(self, message: NowPlaying.Ended) -> None:
        """Play what follows where the track was played from, whatever is on the screen by now."""
        self._mark_playing(None)
        source = self.now_playing.source
        if source is None:
            return
        if source.order:
            self._read_next(replace(source, index=source.index + 1))
        elif source.rows:
            self._go_on(replace(source, index=source.index + 1), source.rows[source.index + 1 : source.index + 2])
        else:
            at = self.playlist.index_of(message.track.id)
            self._go_on(source, self.playlist.tracks[at + 1 : at + 2] if at is not None else ())

    def _go_on(self, source: Source, following: Sequence[TrackRow]) -> None:
        if following:
            self.now_playing.play(following[0], source=source)

    @work(thread=True, exclusive=True, exit_on_error=False, group="following")
    def _read_next(self, source: Source) -> None:
        for row in self.library.open().window(source.index, 1, order=source.order):
            self.post_message(Following(source, row))

    def on_following(self, message: Following) -> None:
        """Play the library's next track, unless something else was played meanwhile."""
        playing = self.now_playing
        if playing.track is None and not playing.opening:
            self._go_on(message.source, [message.track])

    def heard(self, *, leaving: bool = False) -> Heard | None:
        """Return what is to be remembered of what plays: while it runs how far in steps, in seconds when `leaving`."""
        playing = self.now_playing
        if playing.track is None:
            return None
        source = playing.source or Source()
        step_seconds = 1.0 if leaving or playing.paused else HEARD_STEP_SECONDS
        position_seconds = playing.position_seconds // step_seconds * step_seconds
        tracks = tuple(row.id for row in source.rows)
        follows = playing.source is not None
        return Heard(playing.track.id, position_seconds, tracks, source.order, source.index, follows)

    def put_back_heard(self, heard: Heard | None, rows: Mapping[int, TrackRow]) -> None:
        """Show what an earlier run played, paused; nothing where a track has gone or something plays already."""
        playing = self.now_playing
        if heard is None or playing.track is not None or playing.opening:
            return
        if not {heard.track_id, *heard.tracks} <= rows.keys():
            return
        source = Source([rows[track] for track in heard.tracks], heard.order, heard.index)
        row = rows[heard.track_id]
        playing.put_back(row, heard.position_seconds, source=source if heard.follows else None)
        self._mark_playing(row)

    def action_pause_playing(self) -> None:
        """Pause, or go on."""
        self.now_playing.toggle()

"""Play tracks from the lists of the screen, one after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from textual import on, work
from textual.message import Message

from fairouz_tui.screens.building import BuildingScreen
from fairouz_tui.state import Heard
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.exploring.answer import TrackRow

HEARD_STEP_SECONDS = 10.0
"""How finely the place in a track is remembered: the disk is left alone in between."""


@dataclass(frozen=True)
class Source:
    """What is played from: an answer's rows as they were, the library in its order, or else the playlist as it is."""

    rows: Sequence[TrackRow] = ()
    order: str = ""
    """That of the library; "" for the other two."""
    index: int = 0
    """Of the track that plays, among the rows or in the library."""


@dataclass
class Following(Message):
    """The next track of the library was read."""

    source: Source
    track: TrackRow


class PlayingScreen(BuildingScreen):
    """A screen whose lists can be played; it holds a NowPlaying."""

    _source: Source | None = None
    """None for a track that another screen plays."""

    @on(LineList.Chosen, "#results, #playlist")
    def action_play(self) -> None:
        """Play the track, and on from there."""
        row = self.needed_row()
        if row is not None:
            self._source = self._source_here()
            self.query_one(NowPlaying).play(row)

    def _source_here(self) -> Source:
        if self.playlist.has_focus:
            return Source()
        if not self.results.hits:
            return Source(order=self.order, index=self.results.cursor)
        rows = [row for line in range(len(self.results)) if (row := self.results.row_at(line)) is not None]
        return Source(rows, index=self.results.cursor)

    @on(NowPlaying.Started)
    def _started(self, message: NowPlaying.Started) -> None:
        self.results.playing = message.track.id
        self.results.refresh()

    @on(NowPlaying.Ended)
    def _play_on(self, message: NowPlaying.Ended) -> None:
        """Play what follows where the track was played from, whatever is on the screen by now."""
        self.results.playing = None
        self.results.refresh()
        source = self._source
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
            self._source = source
            self.query_one(NowPlaying).play(following[0])

    @work(thread=True, exclusive=True, exit_on_error=False, group="following")
    def _read_next(self, source: Source) -> None:
        for row in self.library.open().window(source.index, 1, order=source.order):
            self.post_message(Following(source, row))

    def on_following(self, message: Following) -> None:
        """Play the library's next track, unless something else was played meanwhile."""
        if self.query_one(NowPlaying).track is None:
            self._go_on(message.source, [message.track])

    def heard(self) -> Heard | None:
        """Return what is to be remembered of what plays."""
        playing, source = self.query_one(NowPlaying), self._source or Source()
        if playing.track is None:
            return None
        position = playing.position_seconds // HEARD_STEP_SECONDS * HEARD_STEP_SECONDS
        tracks = tuple(row.id for row in source.rows)
        follows = self._source is not None
        return Heard(playing.track.id, position, tracks, source.order, source.index, follows)

    def put_back_heard(self, heard: Heard | None, rows: Mapping[int, TrackRow]) -> None:
        """Show what an earlier run played, paused; nothing where a track has gone or something plays already."""
        playing = self.query_one(NowPlaying)
        if heard is None or playing.track is not None or not {heard.track_id, *heard.tracks} <= rows.keys():
            return
        source = Source([rows[track] for track in heard.tracks], heard.order, heard.index)
        self._source = source if heard.follows else None
        playing.put_back(rows[heard.track_id], heard.position_seconds)
        self.results.playing = heard.track_id
        self.results.refresh()

    def action_pause(self) -> None:
        """Pause, or go on."""
        self.query_one(NowPlaying).toggle()

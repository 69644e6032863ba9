"""Play tracks from the lists of the screen, one after the other."""

from textual import on

from fairouz_tui.screens.building import BuildingScreen
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.now_playing import NowPlaying


class PlayingScreen(BuildingScreen):
    """A screen whose lists can be played; it holds a NowPlaying."""

    _played_from: tuple[LineList, int] | None = None
    """The list that is played from, and the line of the track that plays."""

    @on(LineList.Chosen)
    def action_play(self) -> None:
        """Play the track, and on from there."""
        row = self.needed_row()
        if row is not None:
            source: LineList = self.playlist if self.playlist.has_focus else self.results
            self._played_from = (source, source.cursor)
            self.query_one(NowPlaying).play(row)

    @on(NowPlaying.Started)
    def _started(self, message: NowPlaying.Started) -> None:
        self.results.playing = message.track.id
        self.results.refresh()

    @on(NowPlaying.Ended)
    def _play_on(self) -> None:
        """Play the next track of the list that was played from."""
        self.results.playing = None
        self.results.refresh()
        if self._played_from is None:
            return
        source, index = self._played_from
        row = source.row_at(index + 1)
        if row is not None:
            self._played_from = (source, index + 1)
            self.query_one(NowPlaying).play(row)

    def action_pause(self) -> None:
        """Pause, or go on."""
        self.query_one(NowPlaying).toggle()

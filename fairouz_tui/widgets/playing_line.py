"""Show on a visited screen what Explore plays, on a line that is there only while something does."""

from textual.content import Content
from textual.widget import Widget

from fairouz_tui.watching import stop_watching
from fairouz_tui.widgets.now_playing import NowPlaying


class PlayingLine(Widget):
    """The line of a player that is on another screen."""

    DEFAULT_CSS = """
    PlayingLine { height: 1; padding: 0 1; text-wrap: nowrap; background: $panel; }
    PlayingLine.-idle { display: none; }
    """

    def __init__(self, playing: NowPlaying) -> None:
        super().__init__()
        self._playing = playing
        self._be_there()

    def on_mount(self) -> None:
        """Follow the player."""
        self.watch(self._playing, "track", self._be_there, init=False)
        for name in ("track", "paused", "position_seconds", "duration_seconds"):
            self.watch(self._playing, name, self._redraw, init=False)

    def on_unmount(self) -> None:
        """Follow no longer."""
        stop_watching(self._playing, by=self)

    def _be_there(self) -> None:
        self.set_class(self._playing.track is None, "-idle")

    def _redraw(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """Draw the line."""
        return self._playing.drawn(self.size.width)

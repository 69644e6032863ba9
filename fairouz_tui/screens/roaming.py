"""Open the other screens over Explore, and go on where they lead."""

from collections.abc import Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from fairouz_tui.config import Config
from fairouz_tui.errors import AppError
from fairouz_tui.screens.asking_again import AskingAgainScreen
from fairouz_tui.screens.visiting import Return, VisitScreen
from fairouz_tui.screens.visits import visit
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.exploring.answer import TrackRow


class RoamingScreen(AskingAgainScreen):
    """A screen that others are visited from: their Host."""

    config: Config
    memories: MutableMapping[str, Mapping[str, Any]]

    @property
    def listed(self) -> frozenset[int]:
        """Return the ids of the tracks in the playlist."""
        return self.playlist.ids

    def take(self, rows: Sequence[TrackRow]) -> int:
        """Add tracks to the playlist and return how many were new."""
        added = self.playlist.add(*rows)
        self.playlist_changed()
        return added

    def play_track(self, row: TrackRow) -> None:
        """Play a track that a visited screen shows."""
        self.query_one(NowPlaying).play(row)

    @property
    def visited(self) -> VisitScreen | None:
        """Return the screen that is open over this one."""
        open_ = (screen for screen in reversed(self.app.screen_stack) if isinstance(screen, VisitScreen))
        return next(open_, None)

    def reopen(self, name: str, track: TrackRow | None) -> None:
        """Open the screen that was open when the reader left; one that is no longer there is let go."""
        if self.app.screen is self:
            with suppress(AppError):
                self.visit(name, track=track)

    def action_visit(self, name: str) -> None:
        """Open another screen on the track under the cursor."""
        self.visit(name)

    def visit(self, name: str, *, track: TrackRow | None = None) -> None:
        """Open another screen, on a track of its own where one is given."""
        self.app.push_screen(visit(name, self, track=track), self._came_back)

    def _came_back(self, wanted: Return | None) -> None:
        if wanted is None:
            return
        if wanted.visit:
            self.visit(wanted.visit, track=wanted.track)
        elif wanted.step is not None:
            self.go(wanted.step)

"""Live beside other programs: a second explorer on the same library, and files that others change."""

from contextlib import suppress
from functools import cached_property
from pathlib import Path

from textual import work
from textual.app import App

from fairouz_tui.instance import Instance
from fairouz_tui.outside import Outside
from fairouz_tui.show import one_line

LOOK_SECONDS = 1.0


class NeighbourlyApp(App[None]):
    """An app that keeps what is on its screen only where no other one does, and says when a file of its was changed."""

    instance: Instance | None = None
    """None before a library is open."""
    _told_of_other = False

    @cached_property
    def outside(self) -> Outside:
        """Return what is known of the files that others may change."""
        return Outside()

    @property
    def keeps_state(self) -> bool:
        """Return whether what is on the screen is to be written down."""
        return self.instance is None or self.instance.is_first

    @property
    def playlist_file(self) -> Path | None:
        """Return where the playlist on the screen was saved last."""
        found = (getattr(screen, "playlist_file", None) for screen in self.screen_stack)
        return next((file for file in found if file is not None), None)

    def open_beside(self, library: Path) -> None:
        """Open a library, perhaps as the second explorer; a folder that cannot be made is for indexing to tell."""
        if self.instance is None:
            with suppress(OSError):
                library.mkdir(parents=True, exist_ok=True)
            self.instance = Instance(library)

    def on_mount(self) -> None:
        """Say who else is there, and look now and then what they do."""
        self._look_beside()
        self.set_interval(LOOK_SECONDS, self._look_beside)

    def on_unmount(self) -> None:
        """Let the next explorer be the first."""
        if self.instance is not None:
            self.instance.leave()

    def _look_beside(self) -> None:
        notice = self.instance.notice() if self.instance is not None and not self._told_of_other else ""
        if notice:
            self._told_of_other = True
            self.notify(notice, severity="warning", markup=False, timeout=15)
        if self.playlist_file is not None:
            self._look_at(self.playlist_file)

    @work(thread=True, exclusive=True, exit_on_error=False, group="outside")
    def _look_at(self, playlist: Path) -> None:
        if self.outside.news(playlist):
            said = f"{playlist.name} was changed by another program: ^s asks before it replaces that."
            self.call_from_thread(self.notify, one_line(said), severity="warning", markup=False)

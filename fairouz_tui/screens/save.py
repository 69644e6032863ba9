"""Save: ask under which name, ask again before a file is replaced that is not this playlist as it was saved last."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.worker import Worker, WorkerState

from fairouz_tui.neighbours import NeighbourlyApp
from fairouz_tui.show import failure, one_line
from indexer.exploring.answer import TrackRow

SUFFIX = ".m3u8"
HINT = "enter saves · esc goes back"


class SaveScreen(ModalScreen[Path | None]):
    """A box with one line; it is closed with the file's path, or None when nothing was saved."""

    DEFAULT_CSS = """
    SaveScreen {
        align: center middle; background: $background 60%;
        & > #box {
            width: 84; max-width: 92%; height: auto; padding: 1 2; background: $surface;
            border: round $border; border-title-color: $primary; border-title-style: bold;
        }
        & #file { margin: 0 0 1 0; }
        & #said { color: $text-muted; }
        & #said.-wrong { color: $warning; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", id="save_close", tooltip="Go back without saving"),
    ]

    def __init__(self, tracks: Sequence[TrackRow], *, proposed: Path, replacing: Path | None = None) -> None:
        """Ask where to save `tracks`; `replacing` is a file that is written over without a question."""
        super().__init__()
        self._tracks = tuple(tracks)
        self._proposed = proposed
        self._own = self._replacing = replacing
        """The file that may be written over: this playlist's own, or the one that enter said yes to."""

    def compose(self) -> ComposeResult:
        """Hold the line and what is to be said about it."""
        with Vertical(id="box") as box:
            box.border_title = "Save the playlist"
            yield Input(one_line(self._proposed), id="file", compact=True, select_on_focus=False)
            yield Static(HINT, id="said", markup=False)

    @on(Input.Changed)
    def _changed(self) -> None:
        self._replacing = self._own
        self._say(HINT)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            path = playlist_path(event.value, beside=self._proposed)
            taken = path is not None and path.exists()
        except (OSError, ValueError, RuntimeError) as error:
            return self._say(f"No file can be called that: {failure(error)}", wrong=True)
        if path is None:
            self._say("Type a name for the file.", wrong=True)
        elif taken and path != self._replacing:
            self._replacing = path
            was = "was changed by another program" if self._changed_outside(path) else "is there already"
            self._say(f"{path.name} {was}: enter replaces it, another name keeps it.", wrong=True)
        else:
            self._save(path)
        return None

    def _changed_outside(self, path: Path) -> bool:
        return isinstance(self.app, NeighbourlyApp) and self.app.outside.changed(path)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _save(self, path: Path) -> Path:
        from indexer.exploring.playlist import save_playlist

        path.parent.mkdir(parents=True, exist_ok=True)
        saved = save_playlist(path, self._tracks)
        if isinstance(self.app, NeighbourlyApp):
            self.app.outside.saw(path)
        return saved

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Close when it is saved; say why when it could not be."""
        if event.state is WorkerState.SUCCESS:
            self.dismiss(event.worker.result)
        elif event.state is WorkerState.ERROR and event.worker.error is not None:
            self._say(f"Not saved: {failure(event.worker.error)}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")

    def action_close(self) -> None:
        """Go back without saving."""
        self.dismiss(None)


def playlist_path(text: str, *, beside: Path) -> Path | None:
    """Return the file that `text` names, absolute, ".m3u8" added where there is no ending; None for no name."""
    if not text.strip():
        return None
    if text == one_line(beside):
        return beside  # as it is, not as it can be shown
    path = Path(os.path.expanduser(text.strip()))
    path = path if path.is_absolute() else beside.parent / path
    return path if path.suffix else path.with_name(path.name + SUFFIX)

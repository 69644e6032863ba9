"""Save: ask under which name, ask again before a file is replaced that is not this playlist as it was saved last."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static
from textual.widgets.input import Selection
from textual.worker import Worker, WorkerState

from fairouz_tui.neighbours import NeighbourlyApp
from fairouz_tui.outside import Stamp, stamp
from fairouz_tui.show import failure, one_line
from indexer.exploring.answer import TrackRow

SUFFIX = ".m3u8"
HINT = "enter saves · esc goes back"


@dataclass(frozen=True, slots=True)
class Saved:
    """A file that was written, and what it was like right after."""

    path: Path
    stamp: Stamp | None


class ChangedMeanwhileError(Exception):
    """Say that a file is not what it was when enter was pressed."""

    def __init__(self, path: Path) -> None:
        """Name the file."""
        super().__init__(f"{path} was changed meanwhile")
        self.path = path


class SaveScreen(ModalScreen[Saved | None]):
    """A box with one line; it is closed with what was written, or None when nothing was saved."""

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
        Binding("escape", "close", "Cancel", id="save_close", tooltip="Go back without saving"),
    ]

    def __init__(self, tracks: Sequence[TrackRow], *, proposed: Path, folder: Path, own: Stamp | None = None) -> None:
        """Ask where to save `tracks`; a bare name goes to `folder`.

        While `proposed` is as `own` says, it is this playlist's own file, which is written over without a question.
        """
        super().__init__()
        self._tracks = tuple(tracks)
        self._proposed = proposed
        self._folder = folder
        self._own = own
        self._agreed: Saved | None = None
        """The file, as it was then, that the next enter writes over."""
        self._writing: Worker[Saved] | None = None

    def compose(self) -> ComposeResult:
        """Hold the line and what is to be said about it."""
        with Vertical(id="box") as box:
            box.border_title = "Save the playlist"
            yield Input(one_line(self._proposed), id="file", compact=True, select_on_focus=False)
            yield Static(HINT, id="said", markup=False)

    def on_mount(self) -> None:
        """Select the whole line: what is typed takes its place, be it a name or a path."""
        line = self.query_one(Input)
        line.selection = Selection(0, len(line.value))

    @on(Input.Changed)
    def _changed(self) -> None:
        self._agreed = None
        self._say(HINT)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if self._writing is not None and not self._writing.is_finished:
            return None  # a second enter, before the box could close
        try:
            path = playlist_path(event.value, proposed=self._proposed, folder=self._folder)
            there = path is not None and path.exists()
        except (OSError, ValueError, RuntimeError) as error:
            return self._say(f"No file can be called that: {failure(error)}", wrong=True)
        if path is None:
            return self._say("Type a name for the file.", wrong=True)
        found = Saved(path, stamp(path) if there else None)
        if there and found not in (Saved(self._proposed, self._own), self._agreed):
            self._ask(found)
        else:
            self._writing = self._save(found)
        return None

    def _ask(self, found: Saved) -> None:
        """Say that a file stands where the playlist would be; the next enter replaces it as it is now."""
        self._agreed = found
        was = "was changed by another program" if self._changed_outside(found.path) else "is there already"
        self._say(f"{found.path.name} {was}: enter replaces it, another name keeps it.", wrong=True)

    def _changed_outside(self, path: Path) -> bool:
        if path == self._proposed and self._own is not None and stamp(path) != self._own:
            return True
        return isinstance(self.app, NeighbourlyApp) and self.app.outside.changed(path)

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _save(self, found: Saved) -> Saved:
        from indexer.exploring.playlist import save_playlist

        found.path.parent.mkdir(parents=True, exist_ok=True)
        if stamp(found.path) != found.stamp:
            raise ChangedMeanwhileError(found.path)
        path = save_playlist(found.path, self._tracks)
        saved = Saved(path, stamp(path))
        if isinstance(self.app, NeighbourlyApp):
            self.app.outside.saw(path)
        return saved

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Close when it is saved; say why when it could not be, and ask when the file became another meanwhile."""
        if event.state is WorkerState.SUCCESS:
            self.dismiss(event.worker.result)
        elif isinstance(event.worker.error, ChangedMeanwhileError):
            self._ask(Saved(event.worker.error.path, stamp(event.worker.error.path)))
        elif event.state is WorkerState.ERROR and event.worker.error is not None:
            self._say(f"Not saved: {failure(event.worker.error)}", wrong=True)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")

    def action_close(self) -> None:
        """Go back without saving."""
        self.dismiss(None)


def playlist_path(text: str, *, proposed: Path, folder: Path) -> Path | None:
    """Return the file that `text` names, absolute, ".m3u8" added where there is no ending; None for no name.

    What is not absolute lies in `folder`. The folder of `proposed` is taken as it is, not as it can be shown.
    """
    if text == one_line(proposed):
        return proposed
    text, shown = text.strip(), one_line(proposed.parent) + os.sep
    if os.path.basename(text) in ("", SUFFIX):
        return None
    if text.startswith(shown):
        path = proposed.parent / text.removeprefix(shown).lstrip(os.sep)
    else:
        path = folder / os.path.expanduser(text)
    return path if path.suffix else path.with_name(path.name + SUFFIX)

"""First run: say what will happen, ask where the music is, count what is there, say what is wrong with an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static
from textual.worker import Worker, get_current_worker

from fairouz_tui.folders import Counted, caution, count_audio, taken_with, told_count, trouble_in
from fairouz_tui.notices import told_failure
from fairouz_tui.screens.sizes import ACROSS, DOWN
from fairouz_tui.show import one_line
from fairouz_tui.widgets.folder_input import FolderInput

if TYPE_CHECKING:
    from textual.timer import Timer

WELCOME = "Where is your music?"
ABOUT = (
    "fairouz reads the folder and never writes to it. It listens to every track once; you can search and play from the"
    " first second. Nothing leaves this computer."
)
ABOUT_SHORT = "It is only read. Nothing leaves this computer."
NO_MUSIC = "No music at hand? ^q, then `fairouz-tui demo` makes some."
HINT = "→ or tab completes · enter starts · ^n one more folder · ^q quits"
HINT_MORE = "enter starts · ^n one more folder · ^r takes the last out · ^q quits"
EMPTY = "Type another; or enter again takes this one all the same."
PAUSE_SECONDS = 0.25
"""How long typing rests before a folder is looked into."""
NAMED, NAMED_NARROW = 4, 2
"""How many folders are named; of more the last ones."""


class FirstRunScreen(Screen[Sequence[Path]]):
    """A welcome with one line; it is closed with the folders."""

    CSS_PATH = "first_run.tcss"
    HORIZONTAL_BREAKPOINTS = ACROSS
    VERTICAL_BREAKPOINTS = DOWN
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab", "complete", "Complete", priority=True, id="first_complete", tooltip="Complete the folder's name"
        ),
        Binding("ctrl+n", "one_more", "One more", id="first_more", tooltip="Take this folder, and type one more"),
        Binding("ctrl+r", "one_less", "One less", id="first_less", tooltip="Take the last folder out again"),
    ]

    @dataclass
    class Looked(Message):
        """A folder was looked into, as far as it was; `ask` tells whether the line still names it."""

        ask: int
        folder: Path
        counted: Counted

    def __init__(self, proposed: Sequence[Path] = ()) -> None:
        """Ask for folders; the last of `proposed` stands in the line, those before it are taken already."""
        super().__init__()
        self._folders = [*proposed[:-1]]
        self._proposed = proposed[-1] if proposed else None
        self._ask = 0
        self._empty: Path | None = None
        """The folder in the line, when it was looked through and holds no music."""
        self._warned: Path | None = None
        self._pausing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Hold the welcome and the line."""
        with Vertical(id="box") as box:
            box.border_title = "fairouz"
            yield Static(WELCOME, id="welcome", markup=False)
            yield Static(ABOUT, id="about", markup=False)
            yield Static(ABOUT_SHORT, id="about-short", markup=False)
            yield Static(id="folders", markup=False)
            yield FolderInput(id="folder", placeholder="~/Music, or wherever it is", proposed=self._proposed)
            yield Static(id="count", markup=False)
            yield Static(HINT, id="said", markup=False)
            yield Static(NO_MUSIC, id="no-music", markup=False)

    @property
    def line(self) -> FolderInput:
        """Return the line."""
        return self.query_one(FolderInput)

    def on_mount(self) -> None:
        """Name the folders that are taken already."""
        self._name_folders()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._say(self._hint)
        self._ask += 1
        self._empty = None
        self.query_one("#count", Static).update("")
        if self._pausing is not None:
            self._pausing.stop()
        if event.value.strip():
            ask, line, value = self._ask, self.line, event.value
            self._pausing = self.set_timer(PAUSE_SECONDS, lambda: self._look(ask, line, value))

    @property
    def _hint(self) -> str:
        return HINT_MORE if self._folders else HINT

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def _look(self, ask: int, line: FolderInput, value: str) -> None:
        """Count the audio files in the folder that is typed, as long as it is the one."""
        worker = get_current_worker()
        folder = line.folder_named(value)
        if not trouble_in(folder):
            for counted in count_audio(folder):
                if worker.is_cancelled:
                    return
                self.post_message(self.Looked(ask, folder, counted))

    def on_first_run_screen_looked(self, message: Looked) -> None:
        """Say how many files there are."""
        if message.ask == self._ask:
            self._empty = message.folder if message.counted.whole and not message.counted.files else None
            said = [told_count(message.counted), caution(message.folder)]
            self.query_one("#count", Static).update("\n".join(filter(None, said)))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say why a folder could not be looked into."""
        told_failure(self, event)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if (event.value.strip() or not self._folders) and not self._take():
            return
        self.dismiss(tuple(self._folders))

    def _take(self) -> bool:
        """Take the folder of the line, unless something is wrong with it; return whether it was."""
        wrong = self._wrong()
        if wrong:
            self._say(wrong, wrong=True)
        else:
            self._folders = taken_with(self._folders, self.line.folder)
        return not wrong

    def _wrong(self) -> str:
        """Return what is wrong with the line; that a folder is empty is said once."""
        if not self.line.value.strip():
            return "Type the folder that holds your music."
        folder = self.line.folder
        if folder == self._empty != self._warned:
            self._warned = folder
            return EMPTY
        return trouble_in(folder)

    def action_complete(self) -> None:
        """Take the completion over."""
        self.line.complete()

    def action_one_more(self) -> None:
        """Take the folder that is typed and empty the line for one more."""
        folder, before = self.line.folder, len(self._folders)
        if self._take():
            self.line.value = ""
            self._name_folders()
            if folder not in self._folders:
                self.call_after_refresh(self._say, f"{folder} is read already: it lies in a folder that is taken.")
            elif len(self._folders) <= before:
                self.call_after_refresh(self._say, "Folders inside it, or the same, were taken already: read once.")

    def action_one_less(self) -> None:
        """Take the last folder out, and put it back into the line."""
        if self._folders:
            self.line.propose(self._folders.pop())
            self._name_folders()

    def _name_folders(self) -> None:
        most = NAMED_NARROW if self.has_class("-narrow") else NAMED
        left_out = len(self._folders) - most
        names = [f"✓ {one_line(folder)}" for folder in self._folders]
        if left_out > 0:
            names = [f"✓ {left_out + 1} more", *names[left_out + 1 :]]
        shown = self.query_one("#folders", Static)
        shown.update(Content("\n").join([Content(name) for name in names]))
        shown.display = bool(names)
        self._say(self._hint)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")

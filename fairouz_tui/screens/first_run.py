"""First run: say what will happen, ask where the music is, count what is there, say what is wrong with an answer."""

import asyncio
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
from textual.suggester import Suggester
from textual.widgets import Input, Static
from textual.worker import Worker, get_current_worker

from fairouz_tui.folders import Counted, completed, count_audio, folder_of, told_count, trouble_with
from fairouz_tui.notices import told_failure
from fairouz_tui.screens.sizes import ACROSS, DOWN
from fairouz_tui.show import one_line

if TYPE_CHECKING:
    from textual.timer import Timer

WELCOME = (
    "Where is your music?\n\n"
    "fairouz reads the folder and never writes to it. It listens to every track once; you can search and play from the"
    " first second. Nothing leaves this computer."
)
HINT = "→ or tab completes · enter starts · ^n one more folder · ^q quits"
PAUSE_SECONDS = 0.25
"""How long typing rests before a folder is looked into."""


class FolderSuggester(Suggester):
    """Completes the name of a folder as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first folder that begins like `value`, or None."""
        return await asyncio.to_thread(completed, value)


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
        counted: Counted

    def __init__(self, proposed: Sequence[Path] = ()) -> None:
        """Ask for folders; the last of `proposed` stands in the line, those before it are taken already."""
        super().__init__()
        self._folders = [*proposed[:-1]]
        self._proposed = proposed[-1] if proposed else None
        self._ask = 0
        self._pausing: Timer | None = None

    def compose(self) -> ComposeResult:
        """Hold the welcome and the line."""
        with Vertical(id="box") as box:
            box.border_title = "fairouz"
            yield Static(WELCOME, id="welcome", markup=False)
            yield Static(id="folders", markup=False)
            proposed = one_line(self._proposed) if self._proposed is not None else ""
            yield Input(
                proposed,
                id="folder",
                placeholder="/path/to/your/music",
                suggester=FolderSuggester(),
                select_on_focus=False,
            )
            yield Static(id="count", markup=False)
            yield Static(HINT, id="said", markup=False)

    def on_mount(self) -> None:
        """Name the folders that are taken already."""
        self._name_folders()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._say(HINT)
        self._ask += 1
        self.query_one("#count", Static).update("")
        if self._pausing is not None:
            self._pausing.stop()
        text, ask = event.value, self._ask
        if text.strip():
            self._pausing = self.set_timer(PAUSE_SECONDS, lambda: self._look(ask, text))

    @work(thread=True, exclusive=True, exit_on_error=False, group="look")
    def _look(self, ask: int, text: str) -> None:
        """Count the audio files in the folder that is typed, as long as it is the one."""
        worker = get_current_worker()
        if not trouble_with(text):
            for counted in count_audio(folder_of(text)):
                if worker.is_cancelled:
                    return
                self.post_message(self.Looked(ask, counted))

    def on_first_run_screen_looked(self, message: Looked) -> None:
        """Say how many files there are."""
        if message.ask == self._ask:
            self.query_one("#count", Static).update(told_count(message.counted))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say why a folder could not be looked into."""
        told_failure(self, event)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        if (event.value.strip() or not self._folders) and not self._take(event.value):
            return
        self.dismiss(tuple(self._folders))

    def _take(self, text: str) -> bool:
        """Take a folder, unless something is wrong with it; return whether it was."""
        wrong = trouble_with(text)
        if wrong:
            self._say(wrong, wrong=True)
        elif folder_of(text) not in self._folders:
            self._folders.append(folder_of(text))
        return not wrong

    def action_complete(self) -> None:
        """Take the completion over."""
        self.query_one(Input).action_cursor_right()

    def action_one_more(self) -> None:
        """Take the folder that is typed and empty the line for one more."""
        line = self.query_one(Input)
        if self._take(line.value):
            line.value = ""
            self._name_folders()

    def action_one_less(self) -> None:
        """Take the last folder out, and put it back into the line."""
        if self._folders:
            line = self.query_one(Input)
            line.value = one_line(self._folders.pop())
            line.cursor_position = len(line.value)
            self._name_folders()

    def _name_folders(self) -> None:
        names = [f"✓ {one_line(folder)}" for folder in self._folders]
        shown = self.query_one("#folders", Static)
        shown.update(Content("\n").join([Content(name) for name in names]))
        shown.display = bool(names)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")

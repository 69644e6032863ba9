"""First run: ask where the music is, and say in one line what is wrong with an answer."""

import asyncio
import os
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from fairouz_tui.show import one_line

WELCOME = (
    "Where is your music?\n\n"
    "fairouz reads the folder and never writes to it. It listens to every track once, a thousand in a minute or so;"
    " you can search and play from the first second. Nothing leaves this computer."
)
HINT = "→ or tab completes · enter starts · ^q quits"


class FolderSuggester(Suggester):
    """Completes the name of a folder as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first folder that begins like `value`, or None."""
        return await asyncio.to_thread(completed, value)


class FirstRunScreen(Screen[Path]):
    """A welcome with one line; it is closed with the folder."""

    CSS_PATH = "first_run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab", "complete", "Complete", priority=True, id="first_complete", tooltip="Complete the folder's name"
        ),
    ]

    def __init__(self, proposed: Path | None = None) -> None:
        super().__init__()
        self._proposed = proposed

    def compose(self) -> ComposeResult:
        """Hold the welcome and the line."""
        with Vertical(id="box") as box:
            box.border_title = "fairouz"
            yield Static(WELCOME, id="welcome", markup=False)
            proposed = one_line(self._proposed) if self._proposed is not None else ""
            yield Input(
                proposed,
                id="folder",
                placeholder="/path/to/your/music",
                suggester=FolderSuggester(),
                select_on_focus=False,
            )
            yield Static(HINT, id="said", markup=False)

    @on(Input.Changed)
    def _changed(self) -> None:
        self._say(HINT)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        wrong = trouble_with(event.value)
        if wrong:
            self._say(wrong, wrong=True)
        else:
            self.dismiss(folder_of(event.value))

    def action_complete(self) -> None:
        """Take the completion over."""
        self.query_one(Input).action_cursor_right()

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#said", Static)
        said.update(one_line(text))
        said.set_class(wrong, "-wrong")


def folder_of(text: str) -> Path:
    """Return the folder that was typed, absolute, with ~ expanded."""
    return Path(text.strip()).expanduser().absolute()


def trouble_with(text: str) -> str:
    """Return in one line why the folder cannot be read, "" when it can."""
    if not text.strip():
        return "Type the folder that holds your music."
    folder = folder_of(text)
    if not folder.exists():
        return f"There is no {folder}: check the spelling, or mount the disk."
    if not folder.is_dir():
        return f"{folder} is a file: type the folder that holds it."
    if not os.access(folder, os.R_OK | os.X_OK):
        return f"{folder} may not be read by you: change its permissions, or type another."
    return ""


def completed(value: str) -> str | None:
    """Return `value` completed to the first folder, by name, that begins like it; hidden ones only when asked for."""
    if not value:
        return None
    head, _, start = value.rpartition("/")
    parent = Path(head + "/").expanduser() if "/" in value else Path.cwd()
    try:
        with os.scandir(parent) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(start) and entry.is_dir())
    except OSError:
        return None
    visible = [name for name in names if not name.startswith(".") or start.startswith(".")]
    return f"{head}/{visible[0]}/" if "/" in value and visible else visible[0] + "/" if visible else None

"""Take the name of a folder: completed as it is typed, with tab even before the completion is drawn."""

import asyncio
from pathlib import Path

from textual import work
from textual.suggester import Suggester
from textual.widgets import Input

from fairouz_tui.folders import completed, folder_of
from fairouz_tui.show import one_line


class FolderSuggester(Suggester):
    """Completes the name of a folder as it is typed."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first folder that begins like `value`, or None."""
        return await asyncio.to_thread(completed, value)


class FolderInput(Input):
    """A line for a folder. One that is proposed is selected: typing takes its place, → keeps it."""

    def __init__(self, *, id: str, placeholder: str, proposed: Path | None = None) -> None:
        self._proposed = proposed
        text = "" if proposed is None else one_line(proposed)
        super().__init__(
            text, id=id, placeholder=placeholder, suggester=FolderSuggester(), select_on_focus=proposed is not None
        )

    @property
    def folder(self) -> Path:
        """Return the folder that the line names; a disk that sleeps is waited for."""
        return self.folder_named(self.value)

    def folder_named(self, value: str) -> Path:
        """Return the folder that `value` names; a proposed one to the byte, though it may be shown otherwise.

        For a worker: a disk that sleeps may take seconds to answer.
        """
        if self._proposed is not None and value == one_line(self._proposed):
            return self._proposed
        return folder_of(value)

    def propose(self, folder: Path) -> None:
        """Put a folder into the line."""
        self._proposed = folder
        self.value = one_line(folder)
        self.cursor_position = len(self.value)

    def complete(self) -> None:
        """Take the completion over, and look for it first where it is not there yet."""
        if self._suggestion and self.cursor_at_end:
            self.action_cursor_right()
        else:
            self._complete(self.value)

    @work(exclusive=True, exit_on_error=False, group="complete")
    async def _complete(self, value: str) -> None:
        """Complete `value` unless something else was typed meanwhile; a sleeping disk holds nothing up."""
        whole = await asyncio.to_thread(completed, value)
        if self.value == value:
            self.value = whole or value
            self.cursor_position = len(self.value)

"""Say that the library changed since an answer was given, and ask again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from fairouz_tui.hints import hint
from fairouz_tui.messages import Answered, LibraryRead
from fairouz_tui.screens.asking import BETWEEN
from fairouz_tui.screens.browsing import NOT_LOOKED
from fairouz_tui.screens.judging import JudgingScreen
from fairouz_tui.steps import Kind, with_last

if TYPE_CHECKING:
    from indexer.exploring.answer import Answer

CHANGED, CHANGED_SHORT = "library changed · r asks again", "changed: r asks again"
ROOMY = 60


class AskingAgainScreen(JudgingScreen):
    """A screen whose answers are known to be of the library as it was when they were asked for."""

    def on_mount(self) -> None:
        """Know no answer yet."""
        self._versions: dict[int, tuple[Answer, int]] = {}

    def on_answered(self, message: Answered) -> None:
        """Note of which library an answer is; before it is shown."""
        if message.ask == self._ask:
            kept = {id(step.answer) for step in self.trail}
            self._versions = {key: known for key, known in self._versions.items() if key in kept}
            version = self._version if message.version is None else message.version
            self._versions[id(message.answer)] = message.answer, version
            if self.here.kind is Kind.LIBRARY:
                held = self.held()
                self._left = replace(held, lines=0) if held is not None else None

    def on_library_read(self, message: LibraryRead) -> None:
        """Say in the heading of an answer that it is of another library than there is now."""
        if self.here.kind is not Kind.LIBRARY:
            self.call_next(lambda: self.results.put_title(self.results_title()))

    @property
    def outdated(self) -> bool:
        """Return whether the library changed since what is shown was answered; it may be newer than the last look."""
        _, version = self._versions.get(id(self.here.answer), (None, NOT_LOOKED))
        return self.here.answer is not None and NOT_LOOKED < version < self._version

    def behind_title(self) -> str:
        """Return what ends the heading of an answer: that the library changed since, or how long it took."""
        if not self.outdated:
            return super().behind_title()
        return BETWEEN + (CHANGED if self.results.size.width >= ROOMY else CHANGED_SHORT)

    def action_ask_again(self) -> None:
        """Ask the library as it is now; the cursor stays on its track."""
        if self.here.kind is Kind.LIBRARY:
            return self.say(hint(self, "The library's list follows by itself: {ask_again} asks an answer again."))
        self.trail = with_last(self.trail, cursor=self.results.cursor)
        return self.go(self.here)

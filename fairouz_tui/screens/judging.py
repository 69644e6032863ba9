"""Love tracks and ban them; both can be taken back."""

from dataclasses import dataclass

from textual import work
from textual.message import Message
from textual.worker import Worker, WorkerState

from fairouz_tui.hints import hint
from fairouz_tui.screens.narrowing import NarrowingScreen
from indexer.exploring.feedback import BAN, LOVE


@dataclass
class Judged(Message):
    """Which tracks are loved and which are banned was read."""

    loved: frozenset[int]
    banned: frozenset[int]


class JudgingScreen(NarrowingScreen):
    """A screen whose tracks can be loved and banned."""

    def on_mount(self) -> None:
        """Read what was loved and banned before."""
        self._read_judged()

    @work(thread=True, exit_on_error=False, group="judged")
    def _read_judged(self) -> None:
        self.post_message(Judged(self.library.judged(LOVE), self.library.judged(BAN)))

    def on_judged(self, message: Judged) -> None:
        """Show what is loved and banned in the list."""
        self.results.loved, self.results.banned = message.loved, message.banned
        self.results.refresh()

    def action_love(self) -> None:
        """Love the track, or no longer."""
        self._judge(LOVE, self.results.loved)

    def action_ban(self) -> None:
        """Ban the track from what is like others, or no longer."""
        row = self.row
        if row is not None and row.id not in self.results.banned:
            said = "Banned: no answer to {more}, {plus} or {path} brings it any more. {ban} again takes that back."
            self.say(hint(self, said))
        elif row is not None:
            self.say("No longer banned.")
        self._judge(BAN, self.results.banned)

    def _judge(self, kind: str, judged: frozenset[int]) -> None:
        row = self.needed_row()
        if row is not None:
            self._write_judged(row.id, None if row.id in judged else kind)

    @work(thread=True, exit_on_error=False, group="judge")
    def _write_judged(self, track_id: int, kind: str | None) -> None:
        self.library.judge(track_id, kind)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show what is judged once it is written."""
        if event.worker.group == "judge" and event.state is WorkerState.SUCCESS:
            self._read_judged()

"""Tell the reader, on a line over the keys, what happened and what went wrong; the screen stays usable."""

from textual.app import App
from textual.dom import DOMNode
from textual.notifications import Notification, Notify, SeverityLevel
from textual.widget import Widget
from textual.widgets._toast import Toast
from textual.worker import Worker, WorkerState

from fairouz_tui.show import failure

CHARACTERS_PER_SECOND = 18
"""A slow reader's."""
SECONDS_TO_NOTICE: dict[SeverityLevel, float] = {"information": 1.5, "warning": 4.0, "error": 8.0}
"""Before it is read; what went wrong may come while the reader looks elsewhere."""
LEAST_SECONDS = 3.0
MOST = 3
"""Notices that are there at a time: more would cover what the reader is looking at."""
NOTICE_CSS = """
ToastRack { margin-bottom: 1; overflow: hidden; scrollbar-size: 0 0; }
Toast { width: auto; max-width: 100%; max-height: 4; margin: 0; padding: 0 1; background: $panel; }
"""


class NoticingApp(App[None]):
    """An app whose notices stand over its last line: what just happened takes the place of what happened before."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice, as long as it takes to read unless told otherwise."""
        seconds = reading_seconds(message, severity) if timeout is None else timeout
        super().notify(message, title=title, severity=severity, timeout=seconds, markup=markup)

    def on_notify(self, event: Notify) -> None:
        """Take away the notices that a new one stands for, before it is shown."""
        gone = replaced(list(self._notifications), event.notification)
        for toast in self.screen.query(Toast):
            if any(toast._notification is one for one in gone):
                toast._expire()
        for notice in gone:
            self._unnotify(notice, refresh=False)


def reading_seconds(message: str, severity: SeverityLevel) -> float:
    """Return how long a notice is shown."""
    return max(SECONDS_TO_NOTICE[severity] + len(message) / CHARACTERS_PER_SECOND, LEAST_SECONDS)


def replaced(shown: list[Notification], new: Notification) -> list[Notification]:
    """Return the notices that go when a new one comes: those that only told what happened, the same one, the oldest."""
    kept = [one for one in shown if one.severity != "information" and one.message != new.message]
    kept = kept[-(MOST - 1) :]
    return [one for one in shown if not any(one is other for other in kept)]


def told_failure(node: DOMNode, event: Worker.StateChanged) -> bool:
    """Show a notice when a worker failed; return whether it did."""
    if event.state is not WorkerState.ERROR or event.worker.error is None:
        return False
    if isinstance(node, Widget):
        node.notify(failure(event.worker.error), severity="error", markup=False)
    return True

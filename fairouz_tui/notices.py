"""Tell the reader, on one line, what went wrong; the screen stays usable."""

from textual.dom import DOMNode
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from fairouz_tui.show import failure


def told_failure(node: DOMNode, event: Worker.StateChanged) -> bool:
    """Show a notice when a worker failed; return whether it did."""
    if event.state is not WorkerState.ERROR or event.worker.error is None:
        return False
    if isinstance(node, Widget):
        node.notify(failure(event.worker.error), severity="error", markup=False)
    return True

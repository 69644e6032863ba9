"""Stop watching the values of a widget that stays: the frame lets closed watchers go when such a value changes next.

Until then each screen that was closed would stay in memory, with all that was drawn of it.
"""

from textual.dom import DOMNode


def stop_watching(watched: DOMNode, *, by: DOMNode) -> None:
    """Forget that `by` watches any value of `watched`."""
    for watchers in getattr(watched, "__watchers", {}).values():
        watchers[:] = [(node, callback) for node, callback in watchers if node is not by]

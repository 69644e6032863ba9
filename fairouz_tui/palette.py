"""Offer every command by name: the keys of the widget and the screen at hand, and what has no key of its own."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.actions import parse
from textual.binding import ActiveBinding, Binding, BindingsMap
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.dom import DOMNode
from textual.theme import ThemeProvider

from fairouz_tui.sorting import RANK, SORTS
from fairouz_tui.theme import CHOOSABLE


class Commands(Provider):
    """The commands of the widget that has the focus and of the screen that is open."""

    def commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Yield name, explanation and what to run."""
        screen = self.screen
        seen: set[str] = set()
        signs = {active.binding.id: self.app.get_key_display(active.binding) for active in self._active()}
        for node in [screen, self.focused] if self.focused is not None else [screen]:
            for binding in _bindings(node):
                if binding.action not in seen:
                    seen.add(binding.action)
                    key = f"{signs[binding.id]}  " if binding.id in signs else ""
                    yield binding.description, f"{key}{binding.tooltip}", partial(node.run_action, binding.action)
        if hasattr(screen, "action_sort_by"):
            for order, name in SORTS.items():
                yield name, "The order of the list", partial(screen.run_action, f"sort_by('{order}')")
            yield "Sort by score", "An answer, best first", partial(screen.run_action, f"sort_by('{RANK}')")

    def _active(self) -> Iterator[ActiveBinding]:
        """Yield the keys that hold on the screen, the last of those with one name first."""
        yield from reversed(self.screen.active_bindings.values())

    async def discover(self) -> Hits:
        """Show all commands before anything is typed."""
        for name, explanation, run in self.commands():
            yield DiscoveryHit(name, run, help=explanation)

    async def search(self, query: str) -> Hits:
        """Show the commands whose name or explanation matches."""
        matcher = self.matcher(query)
        for name, explanation, run in self.commands():
            score = matcher.match(f"{name} {explanation}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=explanation, text=name)


class Themes(ThemeProvider):
    """The themes that can be chosen."""

    @property
    def commands(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the names of the themes and what chooses them."""
        return [(theme.name, partial(setattr, self.app, "theme", theme.name)) for theme in CHOOSABLE]


def _bindings(node: DOMNode) -> Iterator[Binding]:
    """Yield what a node binds by name, its own class first, then what it inherits from ours; no id comes twice."""
    seen: set[str] = set()
    for owner in type(node).__mro__:
        if owner.__module__.startswith("fairouz_tui."):
            for _, binding in BindingsMap(owner.__dict__.get("BINDINGS", ())):
                if binding.id and binding.id not in seen and binding.description and _holds(node, binding):
                    seen.add(binding.id)
                    yield binding


def _holds(node: DOMNode, binding: Binding) -> bool:
    """Return whether a key does something where the reader is."""
    _, action, parameters = parse(binding.action)
    return node.check_action(action, parameters) is not False

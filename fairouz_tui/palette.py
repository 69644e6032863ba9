"""Offer every command by name: the keys of the screen, and what has no key of its own."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.binding import BindingsMap
from textual.command import DiscoveryHit, Hit, Hits, Provider

from fairouz_tui.sorting import RANK, SORTS


class Commands(Provider):
    """The commands of the Explore screen."""

    def commands(self) -> Iterator[tuple[str, str, Callable[[], object]]]:
        """Yield name, explanation and what to run."""
        screen = self.screen
        seen: set[str] = set()
        for _, binding in BindingsMap(type(screen).__dict__.get("BINDINGS", ())):
            if binding.id and binding.id not in seen and binding.description:
                seen.add(binding.id)
                yield binding.description, binding.tooltip, partial(screen.run_action, binding.action)
        if hasattr(screen, "action_sort_by"):
            for order, name in SORTS.items():
                yield name, "The order of the list", partial(screen.run_action, f"sort_by('{order}')")
            yield "Sort by score", "An answer, best first", partial(screen.run_action, f"sort_by('{RANK}')")

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

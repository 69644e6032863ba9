"""Make the screens that Explore opens over itself; each is imported when it is first visited."""

from fairouz_tui.errors import AppError
from fairouz_tui.screens.visiting import Host, VisitScreen
from indexer.exploring.answer import TrackRow


def visit(name: str, host: Host, *, track: TrackRow | None = None) -> VisitScreen:
    """Return the screen called `name`; raises AppError when there is none."""
    return screen_class(name)(host, track=track)


def screen_class(name: str) -> type[VisitScreen]:
    """Return the class of the screen called `name`; raises AppError when there is none."""
    match name:
        case "graph":
            from fairouz_tui.screens.graph import GraphScreen

            return GraphScreen
        case "modalities":
            from fairouz_tui.screens.modalities import ModalitiesScreen

            return ModalitiesScreen
        case "settings":
            from fairouz_tui.screens.settings import SettingsScreen

            return SettingsScreen
        case "map":
            from fairouz_tui.screens.map import MapScreen

            return MapScreen
        case "index":
            from fairouz_tui.screens.index import IndexScreen

            return IndexScreen
        case "card":
            from fairouz_tui.screens.card import CardScreen

            return CardScreen
        case _:
            raise AppError(f"there is no screen {name}")

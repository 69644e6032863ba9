"""Gather every key of the explorer, place by place, with the user's changes: for the help, the docs and the check."""

from textual.dom import DOMNode

from fairouz_tui.config import Config
from fairouz_tui.keymap import Key, keys_of
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.query_input import QueryInput

PLACES: dict[str, type[DOMNode]] = {
    "Explore": ExploreScreen,
    "Lists": LineList,
    "Query": QueryInput,
    "Faders": Faders,
    "Right pane": ExplanationPane,
    "Saving": SaveScreen,
    "First run": FirstRunScreen,
}
"""Where keys hold, in the order of the help."""


def all_keys(config: Config) -> list[Key]:
    """Return every key of the explorer with the user's changes."""
    return [key for place, owner in PLACES.items() for key in keys_of(place, owner, changed=config.keys)]

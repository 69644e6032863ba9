"""Gather every key of the explorer, place by place, with the user's changes: for the help, the docs and the check."""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from textual.dom import DOMNode
from textual.screen import Screen

from fairouz_tui.config import Config
from fairouz_tui.key_families import family, followed, holding
from fairouz_tui.key_names import read_keys
from fairouz_tui.keymap import Key, keys_of, plain_keys, sign
from fairouz_tui.screens.add_folder import AddFolderScreen
from fairouz_tui.screens.card import CardScreen
from fairouz_tui.screens.confirming import ConfirmScreen
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.index import IndexScreen
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_choosing import ChooseSpaceScreen
from fairouz_tui.screens.modalities import ModalitiesScreen
from fairouz_tui.screens.reading import ReadingScreen
from fairouz_tui.screens.rebinding import KeysScreen, PressKeyScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.screens.visiting import VisitScreen
from fairouz_tui.widgets.explanation import ExplanationPane
from fairouz_tui.widgets.facets import FacetsPane
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.map_canvas import MapCanvas
from fairouz_tui.widgets.map_legend import MapLegend
from fairouz_tui.widgets.map_words import MapWords
from fairouz_tui.widgets.node_input import NodeInput
from fairouz_tui.widgets.page_scroll import PageScroll
from fairouz_tui.widgets.query_input import QueryInput
from fairouz_tui.widgets.track_list import TrackList

PLACES: dict[str, type[DOMNode]] = {
    "Explore": ExploreScreen,
    "Lists": LineList,
    "Answers": TrackList,
    "Facets": FacetsPane,
    "Query": QueryInput,
    "Faders": Faders,
    "Texts": PageScroll,
    "Right pane": ExplanationPane,
    "Other screens": VisitScreen,
    "Graph": GraphScreen,
    "Jump in the graph": NodeInput,
    "By modality": ModalitiesScreen,
    "Card": CardScreen,
    "Settings": SettingsScreen,
    "Page of keys": KeysScreen,
    "New key": PressKeyScreen,
    "Index": IndexScreen,
    "Adding a folder": AddFolderScreen,
    "Text shown whole": ReadingScreen,
    "Questions": ConfirmScreen,
    "Saving": SaveScreen,
    "First run": FirstRunScreen,
    "Map": MapScreen,
    "Choosing a map": ChooseSpaceScreen,
    "Map: the map": MapCanvas,
    "Map: the legend": MapLegend,
    "Map: words": MapWords,
    "Help": HelpScreen,
}
"""Where keys hold, in the order of the help."""


def all_keys(config: Config, *, on: type[Screen[Any]] | None = None) -> list[Key]:
    """Return every key of the explorer with the profile's and the user's changes, as they hold on a screen."""
    return _keys(keymap_of(config, on=on))


def keymap_of(config: Config, *, on: type[Screen[Any]] | None = None) -> dict[str, str]:
    """Return the keys that differ from the defaults, by the profile and then by the user: binding id -> keys.

    On the screen `on` what follows a changed command takes no key that something else has there.
    """
    profile = plain_keys(_keys({})) if config.keys_profile == "plain" else {}
    given = {name: keys for name, text in config.keys.items() if (keys := read_keys(text)[0])}
    following = followed(_keys(profile), given, on=places_on(on) if on is not None else None) if given else {}
    return {**profile, **{name: ",".join(keys) for name, keys in (following | given).items()}}


def kept(config: Config) -> list[str]:
    """Return a line for each key that could not follow another's on some screens, and what it does there."""
    screens = [owner for owner in PLACES.values() if issubclass(owner, VisitScreen) and owner is not VisitScreen]
    lines = dict[str, list[str]]()
    for screen in screens:
        for line in _kept_on(screen, config):
            lines.setdefault(line, []).append(_name(screen))
    return [f"On {', '.join(places)}: {line}" for line, places in lines.items()]


def _kept_on(screen: type[Screen[Any]], config: Config) -> Iterator[str]:
    wanted = {key.id: key.keys for key in all_keys(config)}
    here = holding(all_keys(config, on=screen), places_on(screen))
    for key in here:
        has = " ".join(map(sign, key.keys))
        for lost in [one for one in wanted[key.id] if one not in key.keys]:
            others = (o.description for o in here if lost in o.keys and family(o.id) != family(key.id))
            if other := next(others, ""):
                yield f"{sign(lost)} stays “{other}”, “{key.description}” is {has}."


def _name(owner: type[DOMNode]) -> str:
    return next(place for place, one in PLACES.items() if one is owner)


@cache
def places_on(screen: type[Screen[Any]]) -> frozenset[str]:
    """Return the places whose keys can hold on a screen: its own, those of what it is made from and of its widgets."""
    own = {place for place, owner in PLACES.items() if issubclass(screen, owner)}
    widgets = {place for place, owner in PLACES.items() if not issubclass(owner, Screen) and _meet(screen, owner)}
    return frozenset(own | widgets)


def _keys(changed: Mapping[str, str]) -> list[Key]:
    return [key for place, owner in PLACES.items() for key in keys_of(place, owner, changed=changed)]


@cache
def together() -> frozenset[frozenset[str]]:
    """Return the pairs of places whose keys can meet: a screen and what it is made from, a screen and its widgets."""
    pairs = [(a, b) for a, one in PLACES.items() for b, other in PLACES.items() if a != b and _meet(one, other)]
    return frozenset(frozenset(pair) for pair in pairs)


def _meet(one: type[DOMNode], other: type[DOMNode]) -> bool:
    """Return whether a class is the other's kin, or a screen whose modules use the other."""
    if issubclass(one, other):
        return True
    if not issubclass(one, Screen) or issubclass(other, Screen):
        return False
    modules = [sys.modules[base.__module__] for base in one.__mro__ if base.__module__.startswith("fairouz_tui.")]
    names = [used for module in modules for used in vars(module).values()]
    return any(isinstance(used, type) and issubclass(used, other) for used in names)


def places_of(screen: Screen[Any]) -> list[str]:
    """Return the places whose keys hold on a screen as it stands: those of the focused widget first."""
    nodes = screen.focused.ancestors_with_self if screen.focused is not None else [screen]
    names = {owner: place for place, owner in PLACES.items()}
    return list(dict.fromkeys(names[kin] for node in nodes for kin in type(node).__mro__ if kin in names))

"""Let a key that was changed once hold wherever the same is done: what finds more like a track is one key everywhere.

A command follows that of Explore which does the same, unless the user gave it keys of its own. On a screen where the
new key does something else already, that stays, and the follower keeps the key it had.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from fairouz_tui.screens.shared_keys import SHARED

if TYPE_CHECKING:
    from fairouz_tui.keymap import Key

Keys = tuple[str, ...]

FOLLOWS: Mapping[str, str] = {
    **{f"visit_{name}": name for name in SHARED},
    "graph_more": "more",
    "graph_mark": "mark",
    "graph_ways": "path",
    "graph_add_all": "add_all",
    "map_add_all": "add_all",
    "graph_find": "search",
    "map_find": "search",
    "keys_search": "search",
    "graph_back": "back",
    "modalities_back": "back",
    "modalities_play": "play",
    "card_play": "play",
    "map_play": "play",
    "card_pause": "pause",
    "card_copy": "copy",
    "index_copy": "copy",
    "reading_copy": "copy",
    "index_start": "rescan",
    "help_close": "help",
    "why_down": "list_down",
    "why_up": "list_up",
    "why_top": "list_top",
    "why_bottom": "list_bottom",
    "faders_down": "list_down",
    "faders_up": "list_up",
    "map_down": "list_down",
    "map_up": "list_up",
}
"""A command, by its name, and the one whose keys it follows."""
OVERRIDDEN = "Other screens"
"""The place whose keys a screen replaces by naming the same keys itself."""


def family(name: str) -> str:
    """Return the name of the command that this one follows, its own where it follows none."""
    return FOLLOWS.get(name, name)


def followed(keys: "Iterable[Key]", given: Mapping[str, Keys], *, on: Collection[str] | None = None) -> dict[str, Keys]:
    """Return the keys of what follows a command that was given others: binding id -> keys.

    `keys` are as they come; `on` names the places that hold on a screen, where a key that is taken is not taken away.
    """
    known = list(keys)
    wanted = _wanted({key.id: key.keys for key in known}, given)
    return wanted if on is None else _where_free(wanted, holding(known, on), given)


def _wanted(own: Mapping[str, Keys], given: Mapping[str, Keys]) -> dict[str, Keys]:
    found = dict[str, Keys]()
    for name, leader in FOLLOWS.items():
        if leader in given and name not in given and name in own and leader in own:
            found[name] = _replaced(own[name], old=own[leader], new=given[leader])
    return {name: keys for name, keys in found.items() if keys != own[name]}


def _replaced(keys: Keys, *, old: Keys, new: Keys) -> Keys:
    """Return `keys` with the new ones where the first of the old ones stands."""
    at = next((index for index, key in enumerate(keys) if key in old), None)
    if at is None:
        return keys
    rest = [key for key in keys[at:] if key not in old]
    return tuple(dict.fromkeys((*keys[:at], *new, *rest)))


def holding(keys: "Sequence[Key]", on: Collection[str]) -> "list[Key]":
    """Return the keys that hold where `on` says, without those that a screen replaces by its own."""
    here = [key for key in keys if key.place in on]
    own = {one for key in here if key.place != OVERRIDDEN for one in key.keys}
    return [key for key in here if key.place != OVERRIDDEN or not own.issuperset(key.keys)]


def _where_free(wanted: Mapping[str, Keys], here: "Sequence[Key]", given: Mapping[str, Keys]) -> dict[str, Keys]:
    """Return what is wanted without the keys that something else has here; who is left with none keeps its own.

    So does what a screen replaces by keys of its own: it may take a key that is free there, and no other.
    """
    now = {key.id: given.get(key.id) or wanted.get(key.id) or key.keys for key in here}
    own = {key.id: key.keys for key in here}
    for _ in here:  # who keeps its key may stand in another's way
        before = dict(now)
        for name in now:
            if name in wanted and now[name] != own[name]:
                now[name] = _free(now[name], now, name) or own[name]
        if now == before:
            break
    left = {name: now.get(name) or _free(keys, now, name) for name, keys in wanted.items()}
    return {name: keys for name, keys in left.items() if keys}


def _free(keys: Keys, now: Mapping[str, Keys], name: str) -> Keys:
    """Return those of the keys that nothing has which does something else than `name` does."""
    taken = {key for other, own in now.items() if family(other) != family(name) for key in own}
    return tuple(key for key in keys if key not in taken)

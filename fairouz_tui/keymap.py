"""Know every key: what there is, how it is written, what was changed, and where two meanings meet on one key."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from fairouz_tui.key_families import FOLLOWS, family
from fairouz_tui.key_names import read_keys

VIM_LETTERS = frozenset("hjklgG")
FUNCTION_KEYS = {
    "graph": "v,4,f4",
    "map": "M,5,f5",
    "index": "I,6,f6",
    "modalities": "t,7,f7",
    "card": "c,8,f8",
    "settings": "S,9,f9",
    "quit": "q,f10",
}
"""In Explore and, with "visit_" before their names, on the screens over it."""
PLAIN = {
    "why_down": "down",
    "why_up": "up",
    "why_top": "home",
    "why_bottom": "end",
    "move_down": "shift+down",
    "move_up": "shift+up",
    "search": "slash,f3",
    "save": "ctrl+s,f2",
    **FUNCTION_KEYS,
    **{f"visit_{name}": keys for name, keys in FUNCTION_KEYS.items()},
}
"""Keys of the plain profile for what only letters do, and function keys for what is far from the letters at hand."""

NAMED = 'Each has a name, by which `[keys]` in `config.toml` gives it others: `play = "enter,p"`.'
FOLLOWING = """
What is changed for Explore holds for the same on the other screens as well: after `more = "x"` and `mark = "m"`, `x`
finds more like a track on the card too, and `m` marks in the graph. Where the new key does something else already, as
`x` draws around tracks on the map, that stays, and the command keeps the key it had: the help of each screen shows the
keys that hold there. A name of the screen's own, such as `visit_more`, goes before it.
""".strip()
"""Over the table of keys in the docs."""

SIGNS = {
    "slash": "/",
    "comma": ",",
    "colon": ":",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "underscore": "_",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "enter": "⏎",
    "backspace": "⌫",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}


@dataclass(frozen=True, slots=True)
class Key:
    """One thing a key does."""

    id: str
    keys: tuple[str, ...]
    action: str
    description: str
    tooltip: str
    place: str
    """Where it holds: "Explore", "Lists", ..."""


def keys_of(place: str, owner: type[DOMNode], *, changed: Mapping[str, str] | None = None) -> list[Key]:
    """Return the keys that a screen or widget declares itself, in its order, with the user's changes."""
    found: dict[str, list[Binding]] = {}
    for binding in BindingsMap(owner.__dict__.get("BINDINGS", ())):
        if binding[1].id:
            found.setdefault(binding[1].id, []).append(binding[1])
    return [
        Key(
            id=name,
            keys=_keys((changed or {}).get(name)) or tuple(binding.key for binding in bindings),
            action=bindings[0].action,
            description=bindings[0].description,
            tooltip=bindings[0].tooltip,
            place=place,
        )
        for name, bindings in found.items()
    ]


def keys_page(keys: Iterable[Key]) -> str:
    """Return the page of all keys, by place, in Markdown."""
    known = list(keys)
    parts = ["# Keys", NAMED, FOLLOWING]
    for place in dict.fromkeys(key.place for key in known):
        rows = [
            f"| {' '.join(f'`{one}`' for one in key.keys)} | {key.tooltip} | `{key.id}` |"
            for key in known
            if key.place == place
        ]
        parts += [f"## {place}", "\n".join(["| key | does | name |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def plain_keys(known: Iterable[Key]) -> dict[str, str]:
    """Return the changes that leave moving to arrows, paging keys and function keys: binding id -> keys.

    A letter of vim goes wherever another key does the same; what only letters do gets the keys of PLAIN.
    """
    changed = dict(PLAIN)
    for key in known:
        rest = [one for one in key.keys if one not in VIM_LETTERS]
        if rest and len(rest) < len(key.keys) and key.id not in changed:
            changed[key.id] = ",".join(rest)
    return changed


def problems(
    known: Iterable[Key],
    changed: Mapping[str, str],
    *,
    everywhere: str = "",
    together: Collection[frozenset[str]] = (),
    usual: Iterable[Key] = (),
) -> list[str]:
    """Return one line for each unknown binding id or key and each key that a change gave two meanings.

    Keys of two places meet when one of them is `everywhere` or the pair is in `together`. A meeting between unchanged
    keys, or one on a key that both have in `usual`, the defaults, is there on purpose and is not reported.
    """
    keys = list(known)
    ids = {key.id for key in keys}
    lines = [f"keys.{name}: no such key; the help screen (?) lists the names" for name in changed if name not in ids]
    lines += [line for name, text in changed.items() if name in ids for line in _unread(name, text)]
    shared_with = dict[tuple[str, str], list[str]]()
    for one, other, shared in meetings(keys, changed, everywhere=everywhere, together=together, usual=usual):
        shared_with.setdefault((shared, one.id), []).append(f"{other.id} ({other.place})")
    for (shared, name), others in shared_with.items():
        lines.append(f"key {shared} means both {name} and {', '.join(others)}: change one of them under [keys]")
    return lines


def _unread(name: str, text: str) -> Iterator[str]:
    """Yield a line for each word of a change that names no key."""
    good, bad = read_keys(text)
    for word in bad:
        left = f"{' '.join(map(sign, good))} holds" if good else "the key stays as it comes"
        yield f"keys.{name}: no key is called {word[:20]!r}; write x, ?, f2 or ctrl+s ({left})"


def meetings(
    known: Iterable[Key],
    changed: Collection[str],
    *,
    everywhere: str = "",
    together: Collection[frozenset[str]] = (),
    usual: Iterable[Key] = (),
) -> Iterator[tuple[Key, Key, str]]:
    """Yield pairs that a change of one gave the same key, and that key; what meets on purpose is left out.

    What only follows a changed command is left out too: it takes no key that something else has.
    """
    before = {key.id: frozenset(key.keys) for key in usual}
    moved = {name for name in FOLLOWS if name in before and name not in changed}
    keys = [key for key in known if key.id not in moved or frozenset(key.keys) == before[key.id]]
    for index, one in enumerate(keys):
        for other in keys[index + 1 :]:
            places = frozenset((one.place, other.place))
            meet = len(places) == 1 or everywhere in places or places in together
            shared = set(one.keys) & set(other.keys)
            shared -= before.get(one.id, frozenset()) & before.get(other.id, frozenset())
            kin = family(one.id) == family(other.id)
            if meet and shared and not kin and (one.id in changed or other.id in changed):
                yield one, other, min(shared)


def matches(key: Key, wanted: str) -> bool:
    """Return whether all words of `wanted` stand in a key's names, signs or explanation."""
    text = f"{key.place} {key.id} {key.description} {key.tooltip} {' '.join(map(sign, key.keys))}".casefold()
    return all(word in text for word in wanted.casefold().split())


def sign(key: str) -> str:
    """Return a key as it is written on the screen: "^s", "/", "⏎"."""
    return SIGNS.get(key, key.replace("ctrl+", "^"))


def _keys(text: str | None) -> tuple[str, ...]:
    return read_keys(text or "")[0]

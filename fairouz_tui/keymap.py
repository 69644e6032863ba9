"""Know every key: what there is, what the user changed, and where two meanings meet on one key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode


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
    parts = ["# Keys", 'Each has a name, by which `[keys]` in `config.toml` gives it others: `play = "enter,p"`.']
    for place in dict.fromkeys(key.place for key in known):
        rows = [
            f"| {' '.join(f'`{one}`' for one in key.keys)} | {key.tooltip} | `{key.id}` |"
            for key in known
            if key.place == place
        ]
        parts += [f"## {place}", "\n".join(["| key | does | name |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def problems(known: Iterable[Key], changed: Mapping[str, str], *, everywhere: str) -> list[str]:
    """Return one line for each unknown binding id and each key that a change gave two meanings.

    Keys of two places meet only when one of them is `everywhere`; a meeting that the defaults have on purpose is
    between unchanged keys, and is not reported.
    """
    keys = list(known)
    ids = {key.id for key in keys}
    lines = [f"keys.{name}: no such key; the help screen (?) lists the names" for name in changed if name not in ids]
    for index, one in enumerate(keys):
        for other in keys[index + 1 :]:
            meet = one.place == other.place or everywhere in (one.place, other.place)
            shared = set(one.keys) & set(other.keys)
            if meet and shared and (one.id in changed or other.id in changed):
                lines.append(f"key {min(shared)} means both {one.id} and {other.id}: change one of them under [keys]")
    return lines


def _keys(text: str | None) -> tuple[str, ...]:
    return tuple(key.strip() for key in (text or "").split(",") if key.strip())

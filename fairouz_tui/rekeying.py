"""Give a command a key that another one has: say which, and what each of them would have then."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from fairouz_tui.keymap import Key, meetings, sign

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rekeying:
    """What giving a command other keys comes to."""

    key: Key
    """The command as it would be."""
    others: tuple[Key, ...]
    """The commands that have one of the keys already, as they are."""
    changes: Mapping[str, str]
    """The keys of each command that changes, by its name; empty when another would be left with none."""


def rekeyed(
    key: Key, keys: Sequence[str], known: Iterable[Key], *, together: Collection[frozenset[str]], usual: Iterable[Key]
) -> Rekeying:
    """Return what comes of giving `key` other keys: another command gives its own up, or takes the old one for it."""
    all_, usual, new = list(known), list(usual), replace(key, keys=tuple(keys))
    met = _others(new, all_, together, usual)
    freed = tuple(one for one in key.keys if one not in keys)
    changed = {new.id: new.keys}
    for other in met:
        changed[other.id] = tuple(one for one in other.keys if one not in keys) or freed
    after = [replace(one, keys=changed.get(one.id, one.keys)) for one in all_]
    works = all(changed.values()) and not any(meetings(after, changed, together=together, usual=usual))
    return Rekeying(new, met, {name: ",".join(has) for name, has in changed.items()} if works else {})


def _others(new: Key, known: list[Key], together: Collection[frozenset[str]], usual: list[Key]) -> tuple[Key, ...]:
    """Return the commands that `new` meets on a key."""
    after = [new if one.id == new.id else one for one in known]
    pairs = meetings(after, {new.id}, together=together, usual=usual)
    return tuple(other if one.id == new.id else one for one, other, _ in pairs)


def reset(
    name: str,
    changed: Mapping[str, str],
    *,
    known: Callable[[Mapping[str, str]], Iterable[Key]],
    together: Collection[frozenset[str]],
    usual: Iterable[Key],
) -> tuple[Key, ...]:
    """Return the commands that get their own keys back with the command `name`, as they are before that.

    Each command of `changed` that has a key of one that was put back is put back too, until none meets another.
    `known` returns all keys under given changes.
    """
    usual, before = list(usual), {key.id: key for key in known(changed)}
    left, back = {one: keys for one, keys in changed.items() if one != name}, [name]
    while met := _in_the_way(back, left, list(known(left)), together, usual):
        back += met
        left = {one: keys for one, keys in left.items() if one not in met}
    return tuple(before[one] for one in back[1:])


def _in_the_way(
    back: Collection[str],
    left: Collection[str],
    known: list[Key],
    together: Collection[frozenset[str]],
    usual: list[Key],
) -> list[str]:
    """Return the changed commands that have a key of one that was put back."""
    pairs = [{one.id, other.id} for one, other, _ in meetings(known, left, together=together, usual=usual)]
    return sorted({name for pair in pairs if pair & set(back) for name in pair & set(left)})


def told(rekeying: Rekeying, pressed: str) -> list[str]:
    """Return the lines that say who has the key that was pressed, and what enter does."""
    others, name = rekeying.others, sign(pressed)
    lines = [f"{name} is taken. It does this already:"]
    lines += [f"  {other.tooltip} ({other.place})" for other in others[:MOST_NAMED]]
    lines += [f"  and {len(others) - MOST_NAMED} more"] * (len(others) > MOST_NAMED)
    if not rekeying.changes:
        return [*lines, "", f"It has no other key, so press another one here, or give that one up first. {ESC}"]
    then = [f"“{one.description}” {_has(rekeying.changes[one.id])}" for one in others[:MOST_NAMED]]
    return [*lines, "", f"⏎ gives {name} to “{rekeying.key.description}”; then {', '.join(then)}.", f"{OTHER} {ESC}"]


OTHER = "Any other key is tried instead."
ESC = "esc changes nothing."


def _has(keys: str) -> str:
    return "has " + " ".join(map(sign, keys.split(",")))

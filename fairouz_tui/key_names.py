"""Read the names of keys as people write them in config.toml: "?", "Ctrl+S", "^s", "esc", "page down"."""

import re
from collections.abc import Mapping
from functools import cache

SPELT: Mapping[str, str] = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgdn": "pagedown",
    "pgup": "pageup",
    "page_down": "pagedown",
    "page_up": "pageup",
    "spacebar": "space",
    "shift+space": "space",
    "⏎": "enter",
    "⌫": "backspace",
    "↑": "up",
    "↓": "down",
    "←": "left",
    "→": "right",
    # What a terminal cannot tell apart.
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
    "ctrl+at": "ctrl+@",
}
"""Other spellings of a key, and the key."""
LAST_SIGN = 0xFF
"""Of Latin-1."""
_MODIFIER = re.compile(r"\s*(ctrl|control|alt|shift|super|hyper|meta)\s*[+-](?=.)", re.IGNORECASE)
"""ctrl+s, or ctrl-s as others write it."""


def read_keys(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the keys of a line such as "ctrl+s, ?" by the frame's names, each once, and the words that name none.

    A line without a word is itself one that names none.
    """
    text = text.strip()
    words = [text] if text == "," else [word.strip() for word in text.split(",") if word.strip()] or [text]
    read = {word: key_named(word) for word in words}
    return tuple(dict.fromkeys(key for key in read.values() if key)), tuple(word for word in words if not read[word])


def key_named(word: str) -> str:
    """Return the frame's name of the key that is written as `word`, "" where there is no such key."""
    if word.startswith("^") and len(word) > 1:
        word = "ctrl+" + word[1:]
    modifiers = []
    while found := _MODIFIER.match(word):
        modifiers.append(found[1].lower().replace("control", "ctrl"))
        word = word[found.end() :]
    key = _plain(word.strip())
    if not key:
        return ""
    if modifiers == ["shift"] and _prints(key):
        return _capital(key)
    name = "+".join([*sorted(modifiers), key.lower() if modifiers and len(key) == 1 else key])
    return SPELT.get(name, name)


def _prints(key: str) -> bool:
    """Return whether a key stands for a sign, a letter or a digit."""
    return len(key) == 1 or key in _signs()


def _capital(key: str) -> str:
    """Return a letter's capital; "" for what shift makes another sign of, which differs between keyboards."""
    return key.upper() if len(key) == len(key.upper()) == 1 and key.upper() != key.lower() else ""


def _plain(word: str) -> str:
    """Return the name of a key without modifiers."""
    from textual.keys import _character_to_key

    if len(word) == 1:
        return SPELT.get(word) or _character_to_key(word)
    name = word.lower().replace(" ", "_").replace("-", "_")
    name = SPELT.get(name, name)
    return name if name in _named() or name in _signs() else ""


@cache
def _named() -> frozenset[str]:
    """Return the names of the keys that print nothing."""
    from textual.keys import Keys

    return frozenset(key.value for key in Keys if key.value.isalnum()) - {"return"}


@cache
def _signs() -> frozenset[str]:
    """Return the names of the signs of Western keyboards; any other sign can be written itself."""
    from textual.keys import _character_to_key

    return frozenset(_character_to_key(chr(code)) for code in range(ord("!"), LAST_SIGN + 1))

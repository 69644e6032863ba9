"""Name keys in what is said on the screen, as they hold: "{mark} marks the track" with the key that marks now."""

from collections.abc import Iterator
from string import Formatter

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from fairouz_tui.show import one_line

WORDS = {"ctrl+s": "^s", "plus": "+", "minus": "-", "slash": "/", "comma": ",", "question_mark": "?", "colon": ":"}
"""How keys are written in a sentence, where their names do not say it."""
ELSEWHERE = {"index_add": "plus", "index_start": "u", "enter": "enter"}
"""Keys of screens that are not open where they are named, as they come; "enter" is that of a line of text."""


def hint(node: DOMNode, text: str, /, **said: object) -> str:
    """Return `text` with the key that holds for each {name of a command}, and with what else is `said`, in one line."""
    names = {name for _, name, _, _ in Formatter().parse(text) if name}
    keys = {name: key_of(node, name) for name in names - said.keys()}
    return text.format(**keys, **{name: one_line(value) for name, value in said.items()})


def key_of(node: DOMNode, name: str) -> str:
    """Return the first key of a command as a sentence names it: "x", "+", "backspace"."""
    changed = node.app._keymap.get(name, "").split(",")[0]
    key = changed or next((one.key for one in _bindings(node) if one.id == name), ELSEWHERE.get(name, name))
    return WORDS.get(key) or _sign(key)


def _sign(key: str) -> str:
    from fairouz_tui.keymap import SIGNS, sign

    written = SIGNS.get(key, "")
    return written if len(written) == 1 and written.isascii() else key if written else sign(key)


def _bindings(node: DOMNode) -> Iterator[Binding]:
    """Yield what the screen of a node and its parts bind, as it comes."""
    for owner in dict.fromkeys(type(one) for one in [node, node.screen, *node.screen.query("*")]):
        for kin in owner.__mro__:
            if kin.__module__.startswith("fairouz_tui."):
                for _, binding in BindingsMap(kin.__dict__.get("BINDINGS", ())):
                    yield binding

"""Keys as people write them in config.toml, read as the frame names them."""

import pytest

from fairouz_tui.config import Config
from fairouz_tui.key_names import key_named, read_keys
from fairouz_tui.keymap import SIGNS
from fairouz_tui.places import all_keys


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("?", "question_mark"),
        ("Ctrl+S", "ctrl+s"),
        ("ctrl-s", "ctrl+s"),
        ("^s", "ctrl+s"),
        ("esc", "escape"),
        ("Page Down", "pagedown"),
        ("Return", "enter"),
        ("shift+a", "A"),
        ("shift+left", "shift+left"),
        ("F2", "f2"),
        ("-", "minus"),
        ("+", "plus"),
        ("ع", "ع"),
        ("less_than_sign", "less_than_sign"),
        ("ctrl+i", "tab"),
        ("foo", ""),
        ("a b", ""),
        ("f99", ""),
        ("hypr+x", ""),
        ("ctrl++", "ctrl+plus"),
        ("ctrl--", "ctrl+minus"),
        ("ctrl-", ""),
        ("a+", ""),
        ("page-down", "pagedown"),
        ("Ctrl-Page-Up", "ctrl+pageup"),
        ("ctrl+@", "ctrl+@"),
        ("^@", "ctrl+@"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("shift+1", ""),
        ("shift+?", ""),
        ("shift+é", "É"),
        ("shift+ß", ""),
        ("shift+ع", ""),
        ("", ""),
    ],
)
def test_a_key_is_read_as_it_is_written(written: str, named: str) -> None:
    assert key_named(written) == named


def test_a_line_holds_several_and_names_those_that_are_none() -> None:
    assert read_keys("x, nokey ,?, x") == (("x", "question_mark"), ("nokey",))
    assert read_keys(",") == (("comma",), ())
    assert read_keys(" ") == ((), ("",))
    assert read_keys(", ,") == ((), (", ,",))
    assert read_keys("x,,") == (("x",), ())


def test_what_the_explorer_writes_it_reads() -> None:
    for key in {one for known in all_keys(Config()) for one in known.keys}:
        assert key_named(key) == key
        assert key_named(SIGNS.get(key, key)) == key

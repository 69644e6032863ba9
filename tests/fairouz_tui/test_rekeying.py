"""Giving a command a key that another has: who gives up what, and when it cannot be."""

from collections.abc import Mapping
from dataclasses import replace

from fairouz_tui.config import Config
from fairouz_tui.keymap import Key, problems
from fairouz_tui.places import all_keys
from fairouz_tui.rekeying import Rekeying, rekeyed, reset, told
from fairouz_tui.screens.rebinding import reset_with

TOGETHER = frozenset([frozenset(("Explore", "Lists"))])
MORE = Key("more", ("m",), "more", "More like", "Find tracks like this one", "Explore")
COPY = Key("copy", ("y", "Y"), "copy", "Copy path", "Copy the path", "Explore")
DOWN = Key("down", ("j",), "move", "Down", "One line down", "Lists")
OVER = Key("over_more", ("m",), "more", "More like", "Find tracks like this one", "Other screens")
KNOWN = (MORE, COPY, DOWN, OVER)


def given(key: Key, *keys: str) -> Rekeying:
    return rekeyed(key, keys, KNOWN, together=TOGETHER, usual=KNOWN)


def test_a_free_key_is_just_taken() -> None:
    assert given(MORE, "z") == Rekeying(given(MORE, "z").key, (), {"more": "z"})
    assert given(MORE, "z").key.keys == ("z",)


def test_the_other_keeps_what_else_it_has() -> None:
    found = given(MORE, "Y")
    assert found.others == (COPY,)
    assert found.changes == {"more": "Y", "copy": "y"}


def test_the_other_gets_the_old_key_where_it_has_no_more() -> None:
    found = given(COPY, "m")
    assert found.changes == {"copy": "m", "more": "y,Y"}
    assert told(found, "m") == [
        "m is taken. It does this already:",
        "  Find tracks like this one (Explore)",
        "",
        "⏎ gives m to “Copy path”; then “More like” has y Y.",
        "Any other key is tried instead. esc changes nothing.",
    ]


def test_places_that_meet_are_told_and_others_are_not() -> None:
    assert given(DOWN, "m").others == (MORE,)
    assert given(OVER, "j").others == ()
    assert given(OVER, "y").changes == {"over_more": "y"}


def test_nothing_is_left_without_a_key() -> None:
    found = given(COPY, "y", "Y", "m")
    assert found.others == (MORE,)
    assert found.changes == {}
    assert "It has no other key" in told(found, "m")[-1]


def put_back(name: str, changed: dict[str, str]) -> list[str]:
    def known(left: Mapping[str, str]) -> list[Key]:
        return [replace(key, keys=tuple(left[key.id].split(","))) if key.id in left else key for key in KNOWN]

    back = reset(name, changed, known=known, together=TOGETHER, usual=KNOWN)
    left = {one: keys for one, keys in changed.items() if one not in [name, *(key.id for key in back)]}
    assert not problems(known(left), left, together=TOGETHER, usual=KNOWN)
    return [key.id for key in back]


def test_a_command_put_back_puts_back_all_that_have_its_key() -> None:
    assert put_back("more", {"more": "z"}) == []
    assert put_back("copy", {"copy": "m", "more": "y"}) == ["more"]
    assert put_back("copy", {"copy": "j", "more": "y", "down": "m"}) == ["more", "down"]
    assert put_back("down", {"copy": "j", "more": "y", "down": "m"}) == ["copy", "more"]
    assert put_back("copy", {"copy": "x", "more": "p", "down": "q"}) == []


def test_the_keys_of_the_explorer_are_put_back_in_a_ring() -> None:
    config = Config(keys={"copy": "u", "caps": "y", "rescan": "o"})
    copy = next(key for key in all_keys(config) if key.id == "copy")
    assert {key.id for key in reset_with(copy, config)} == {"caps", "rescan"}

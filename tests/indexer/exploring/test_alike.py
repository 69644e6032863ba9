"""Names that are written by ear: what sounds the same, and what does not."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue import Catalogue
from indexer.exploring.alike import beginnings, frame, sound, unlikeness
from indexer.exploring.vocabulary import words_beginning
from tests.indexer.exploring.shelf import Row, shelve

WORDS = st.text("abcdefghijklmopqrstuvwxyz", min_size=1, max_size=9) | st.text("اويثستقكلمضظد", min_size=1, max_size=7)


@pytest.mark.parametrize(
    "alike",
    [
        ("mcload", "macleod", "maclaud"),
        ("fayrouz", "feiruz", "fairooz"),
        ("umm", "oum"),
        ("wahab", "ouahab"),
        ("qadim", "kadim", "kadhim"),
        ("rachid", "rashid"),
        ("كلثوم", "كللثوم"),
    ],
)
def test_what_sounds_the_same_is_written_the_same(alike: tuple[str, ...]) -> None:
    assert len({sound(word) for word in alike}) == 1
    assert len({frame(word) for word in alike}) == 1


@pytest.mark.parametrize(
    ("a", "b", "differ"),
    [
        ("farouz", "fairouz", 1),
        ("kalsoum", "kulthum", 2),
        ("حافض", "حافظ", 1),
        ("would", "world", None),
        ("seven", "severn", None),
        ("oum", "umm", None),
        ("rain", "rein", 0),
        ("sade", "sado", None),
    ],
)
def test_words_differ_in_vowels_and_like_consonants_or_altogether(a: str, b: str, differ: int | None) -> None:
    """The last of all is too short to tell."""
    assert unlikeness(a, b) == differ


@given(WORDS, WORDS)
def test_what_sounds_alike_is_found_by_its_frame_both_ways(a: str, b: str) -> None:
    """The frame is a filter: it must let through whatever is alike."""
    assert unlikeness(a, a) in (0, None)
    if unlikeness(a, b) is not None:
        assert frame(a) == frame(b)
        assert a.isascii() == b.isascii()
    if len(a) == len(b):
        assert unlikeness(a, b) == unlikeness(b, a)


def test_a_word_begins_as_itself_first() -> None:
    assert beginnings("qarawil")[:3] == ("q", "k", "c")
    assert beginnings("لبنان") == ("ل",)


def test_words_that_begin_alike_are_those_of_the_library_as_it_is(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", Row("Moon", "Maalouf"), Row("Moon 3000", "Mina"), Row("Sun", "Sade"))
    found = words_beginning(Catalogue(library).connection, "m")
    assert found.ordered == [("maalouf", 1), ("mina", 1), ("moon", 2)]
    assert list(found.beginning("ma")) == [("maalouf", 1)]
    with sqlite3.connect(library / "library.db") as connection:
        connection.execute("DELETE FROM word_index WHERE rowid = 2")
        connection.execute("INSERT OR REPLACE INTO facts VALUES ('version', 99)")
    assert words_beginning(Catalogue(library).connection, "m").ordered == [("maalouf", 1), ("moon", 1)]

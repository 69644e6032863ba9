"""One form for comparing: case, accents, Arabic spelling, width and composition do not count, letters do."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.fold import fold, word_line, words

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
ARABIC = st.text(st.sampled_from("اأإآٱبتةهىيیكکلمنءئؤ ًٌٍَُِّْٰـ"), max_size=30)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("   ", ""),
        ("BJO\u0308RK", "bjork"),
        ("Björk", "bjork"),
        ("Straße", "strasse"),
        ("ＡＢＣ　１２", "abc 12"),
        ("ﬁnal", "final"),
        ("İstanbul Ilıca", "istanbul ilica"),
        ("Łódź Ærø Þór", "lodz aero thor"),
        ("Don’t — “stop”", 'don\'t - "stop"'),
        ("a\u200bb\ufeffc", "abc"),
        (" two\t\n words ", "two words"),
        ("أُمّ كُلثوم", "ام كلثوم"),
        ("إسلام آمال ٱلله", "اسلام امال الله"),
        ("فيروزى", "فيروزي"),
        ("فیروز", "فيروز"),
        ("أغنية", "اغنيه"),
        ("عـــمـــر", "عمر"),
        ("کلام", "كلام"),
        ("رئيس مؤمن", "رييس مومن"),
        ("ﻻ", "لا"),
        ("שָׁלוֹם", "שלום"),
        ("Ελλάδα", "ελλαδα"),
        ("Чайковский", "чаиковскии"),
        ("हिन्दी", "हिन्दी"),
        ("ガガ", "ガガ"),
    ],
)
def test_forms(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(("a", "b"), [("ガ", "カ"), ("पि", "पी"), ("ب", "ت"), ("o", "u"), ("夜", "来")])
def test_letters_that_differ_stay_different(a: str, b: str) -> None:
    assert fold(a) != fold(b)


@given(TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TEXT)
def test_composition_does_not_count(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)


@given(TEXT)
def test_case_does_not_count(text: str) -> None:
    assert fold(text.casefold()) == fold(text)


@given(ARABIC, st.sampled_from("ًٌٍَُِّْٰـ"))
def test_harakat_and_tatweel_do_not_count(text: str, mark: str) -> None:
    assert fold("".join(letter + mark for letter in text)) == fold(text)


@given(TEXT)
def test_folded_text_is_one_plain_line(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert folded == folded.casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("!?...", []),
        ("Can't stop, won’t stop", ["cant", "stop", "wont", "stop"]),
        ("AC/DC", ["ac", "dc"]),
        ("夜来香 Remix", ["夜", "来", "香", "remix"]),
        ("東京Girls2", ["東", "京", "girls2"]),
        ("snake_case", ["snake", "case"]),
        ("أُمّ كُلثوم", ["ام", "كلثوم"]),
        ("서울", ["서", "울"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected
    assert word_line(text) == " ".join(expected)


@given(TEXT)
def test_words_of_words_are_the_same(text: str) -> None:
    assert words(word_line(text)) == words(text)

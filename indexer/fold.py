"""Fold text to the one form that search, queries and graph keys share; originals are shown, folded text is compared."""

import re
import unicodedata

_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640\u200b-\u200f\u2060\ufeff]"
)
"""Accents of Latin, Greek and Cyrillic, points of Hebrew, harakat and tatweel of Arabic, invisible joiners. Marks of
other scripts (Devanagari vowels, kana voicing) change the word and stay."""

_LETTERS = str.maketrans(
    {
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ې": "ي",
        "ة": "ه",
        "ۀ": "ه",
        "ک": "ك",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": "-",
        "‐": "-",
    }
)

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+", re.UNICODE)
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Fold case, accents, Arabic spelling variants, width and spaces; "" stays "".

    NFKC, casefold, then marks dropped: "Björk" and "BJO\u0308RK" both give "bjork", "أُمّ كُلثوم" gives "ام كلثوم".
    """
    if text.isascii():
        return _SPACE.sub(" ", text.casefold().replace("`", "'")).strip()
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = unicodedata.normalize("NFC", _MARKS.sub("", decomposed)).translate(_LETTERS)
    return _SPACE.sub(" ", bare).strip()


def words(text: str) -> list[str]:
    """Split text into folded words; "can't" is one word, each CJK character stands alone."""
    return _WORD.findall(_APOSTROPHE.sub("", fold(text)))


def word_line(text: str) -> str:
    """Join the folded words of `text` by spaces: what the word index stores."""
    return " ".join(words(text))

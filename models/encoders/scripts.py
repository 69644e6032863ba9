"""Tell which texts an encoder can read by the script that they are written in."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal

READABLE_SHARE = 0.5
"""A text is readable when at least this share of its letters are Latin."""


@cache
def is_latin(character: str) -> bool:
    """Tell whether a letter belongs to the Latin script, accents and full-width forms included."""
    return "LATIN" in unicodedata.name(character, "").split()[:2]


def readable(text: str, scripts: Literal["latin", "any"] = "latin") -> str | None:
    """Return `text` if an encoder that knows these scripts can read it, else None.

    None for text without letters or digits, and, where Latin alone is known, for text most of whose letters are of
    other scripts. Text without letters but with digits ("1984") is readable.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return text if any(character.isdigit() for character in text) else None
    if scripts == "any":
        return text
    latin = sum(is_latin(character) for character in letters)
    return text if latin >= READABLE_SHARE * len(letters) else None


def readable_parts(parts: Iterable[str], scripts: Literal["latin", "any"] = "latin") -> list[str]:
    """Return those parts of a text (title, genres, comment ...) that the encoder can read, in order."""
    return [part for part in parts if readable(part, scripts) is not None]

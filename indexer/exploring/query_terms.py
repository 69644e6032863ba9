"""Take a query apart into its terms: words, "phrases", and fields with the values behind them."""

import re
from dataclasses import dataclass

TEXT_FIELDS = ("artist", "album", "title", "genre", "lyrics", "format", "cluster")
WHOLE_FIELDS = ("artist", "album", "title", "genre", "format", "cluster")
"""Fields of which a query can name the whole text: genre:=rock is not hard rock."""
NUMBER_FIELDS = ("year", "bpm", "length")
FIELDS = (*TEXT_FIELDS, *NUMBER_FIELDS, "key", "has")

_TERM = re.compile(r"""(?P<not>-)?(?:(?P<field>[A-Za-z_]+):(?P<whole>=)?)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))""")
_HALF_TYPED = re.compile(r"-?([A-Za-z_]+):=?")
_NAMES_A_FIELD = re.compile(r"-?[A-Za-z_]+:")
_NOTE = re.compile(r"[a-g][#b♯♭]?", re.IGNORECASE)
_MODES = ("min", "minor", "maj", "major")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a query."""

    text: str
    """As it is typed."""
    value: str
    """What stands behind the field, or the free text; "" behind a field that has no value yet."""
    field: str = ""
    """In small letters, known or not; "" of free text."""
    negated: bool = False
    whole: bool = False
    """Whether the field is written with "=", for the whole of its text."""
    quoted: bool = False


def split_terms(text: str) -> list[Term]:
    """Return the terms of a query in their order.

    A value may stand apart from its field: "artist: nina" and "key:a minor" are one term. What stands between quotes
    stays together, whatever it is.
    """
    found: list[Term] = []
    start = 0
    for match in _TERM.finditer(text):
        if found and (value := _rest(found[-1], match)) is not None:
            last = found[-1]
            quoted = match[0].startswith('"')
            found[-1] = Term(text[start : match.end()], value, last.field, last.negated, last.whole, quoted)
        else:
            start = match.start()
            found.append(_term(match))
    return found


def _term(match: re.Match[str]) -> Term:
    negated, quoted = match["not"] is not None, match["quoted"] is not None
    half = _HALF_TYPED.fullmatch(match[0])
    if half is not None and half[1].lower() in FIELDS:
        return Term(match[0], "", half[1].lower(), negated, match[0].endswith("="))
    value = match["quoted"] if quoted else match["plain"]
    return Term(match[0], value, (match["field"] or "").lower(), negated, match["whole"] is not None, quoted)


def _rest(last: Term, match: re.Match[str]) -> str | None:
    """Return the value of a term together with what follows it, or None where that is a term of its own."""
    if last.field in FIELDS and not last.value and not last.quoted and not _NAMES_A_FIELD.match(match[0]):
        return match["quoted"] if match[0].startswith('"') else match[0]
    if last.field == "key" and not last.quoted and match[0].lower() in _MODES and _NOTE.fullmatch(last.value):
        return f"{last.value} {match[0]}"
    return None

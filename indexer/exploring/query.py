"""Parse the query language: free words, "phrases", field:value with ranges, and - for not.

Terms AND together. Free words rank and need not match; quoted phrases and fields must. A text behind "field:=" is the
whole of what it must equal. See docs/search.md.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.errors import QueryError
from indexer.exploring.query_terms import FIELDS, NUMBER_FIELDS, TEXT_FIELDS, WHOLE_FIELDS, Term, split_terms
from indexer.fold import fold, word_line, words

HAS_MODALITIES = ("audio", "lyrics", "tags", "cover", "graph", "playlists")
HAS_ATTRIBUTES = {
    "tempo": "tempo_bpm",
    "bpm": "tempo_bpm",
    "key": "key",
    "loudness": "loudness_lufs",
    "brightness": "brightness_hz",
    "onsets": "onset_rate",
    "pulse": "pulse_clarity",
    "attacks": "attack_share",
    "range": "loudness_range_lu",
    "noise": "flatness_db",
    "highlight": "highlight_seconds",
}
"""What `has:` accepts beside modalities, and the attribute it stands for."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_RANGE = re.compile(r"^(?P<low>[^.<>]*(?:\.\d+)?)\.\.(?P<high>[^<>]*)$")
_DASHED = re.compile(r"^(?P<low>[\d.:]+[smh]?)\s*[-\u2013\u2014]\s*(?P<high>[\d.:]+[smh]?)$", re.IGNORECASE)
_DECADE = re.compile(r"^(?P<century>\d\d)?(?P<ten>\d)0s$", re.IGNORECASE)
_LAST_OF_1900S = 3
"""The decade from which on "30s" is of the last century."""
_PITCHES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_KEY = re.compile(r"^(?P<note>[a-g])(?P<sign>[#b♯♭]?)\s*(?P<mode>m|min|minor|maj|major)?$")
_CAMELOT = re.compile(r"^(?P<hour>1[0-2]|[1-9])(?P<ring>[ab])$")
_LENGTH = re.compile(r"^(?:(?P<minutes>\d+):(?P<seconds>\d{1,2})|(?P<number>\d+(?:\.\d+)?)(?P<unit>[smh]?))$")
_WANTED = {
    "year": "1999, 1990..1999 or <2000",
    "bpm": "120, 110..130 or >120",
    "length": "4:30, 3m..5m or <4:30",
    "key": 'Am, "F# minor" or 8A',
    "has": "lyrics, cover or tempo",
}
"""What the value of a field looks like. Errors are whole on a screen of 60 columns: what to type comes first."""
_EXAMPLES = _WANTED | {
    "artist": 'artist:"nina simone"',
    "album": "album:live",
    "title": "title:rain",
    "genre": "genre:jazz",
    "lyrics": "lyrics:moon",
    "format": "format:flac",
    "cluster": "cluster:jazz",
}
_SHORT = 9
"""Characters of what was typed that an error repeats."""
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Condition:
    """One term that must hold (or must not, when negated).

    `field` is a name of FIELDS, "phrase" for a quoted phrase or a negated free word anywhere in the text, or "symbols"
    for free text without a letter or digit, which no index of words knows ("!!!").
    """

    field: str
    text: str = ""
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    negated: bool = False
    whole: bool = False
    """Whether `text` is all of it, not a part."""


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query."""

    text: str
    words: tuple[str, ...]
    """Folded free words, phrases included, for ranking."""
    free_text: str
    """The free words and phrases as typed, for the text encoder."""
    conditions: tuple[Condition, ...]


def parse_query(text: str) -> Query:
    """Parse what the user typed; an empty text gives a query without terms.

    Raises
    ------
    QueryError
        An unknown field, a field without a value, or a value that is no number, range, key or thing to have.

    """
    conditions: list[Condition] = []
    free: list[str] = []
    # What an argument holds of bytes that are no text comes as lone surrogates, which SQLite cannot take.
    terms = split_terms(_SURROGATES.sub("\ufffd", text))
    _refuse_or(terms)
    for term in terms:
        if term.field:
            conditions.append(_condition(term))
            continue
        if (term.negated or term.quoted) and words(term.value):
            conditions.append(Condition("phrase", word_line(term.value), negated=term.negated))
        if not term.negated:
            free.append(term.value)
    free_text = " ".join(free)
    asked = tuple(dict.fromkeys(words(free_text)))
    if not asked and fold(free_text):
        conditions.append(Condition("symbols", fold(free_text)))
    return Query(text, asked, free_text, tuple(conditions))


def _refuse_or(terms: Sequence[Term]) -> None:
    """Raise QueryError for an OR between fields; between words it is a word."""
    named = False
    for term, following in pairwise(terms):
        if named and term.text == "OR" and following.field in FIELDS:
            raise QueryError("there is no OR: all fields must hold, ask for one")
        named = named or term.field in FIELDS


def _condition(term: Term) -> Condition:
    field, value, negated = term.field, term.value, term.negated
    if field not in FIELDS:
        raise _unknown(field)
    folded = word_line(value) if field == "lyrics" else fold(value)
    if not folded:
        raise _without_value(field)
    if field == "format":
        folded = folded.lstrip(".") or folded
    if term.whole and field in TEXT_FIELDS and field not in WHOLE_FIELDS:
        raise QueryError(f'{field}: has no ":=", ask for a part: {_EXAMPLES[field]}')
    if field in TEXT_FIELDS:
        return Condition(field, folded, negated=negated, whole=term.whole)
    if field in NUMBER_FIELDS:
        return _number_condition(field, value, negated=negated)
    if field == "key":
        key = parse_key(value)
        return Condition(field, low=key, high=key, negated=negated)
    if folded not in HAS_MODALITIES and folded not in HAS_ATTRIBUTES:
        raise _wants(field, _nearest(folded, (*HAS_MODALITIES, *HAS_ATTRIBUTES)) or _WANTED[field], value)
    return Condition(field, folded, negated=negated)


def _number_condition(field: str, value: str, *, negated: bool) -> Condition:
    value = _spelt_out(field, value)
    if value[0] in "<>":
        equal = value[1:2] == "="
        bound = _number(field, value[2 if equal else 1 :], whole=value)
        if value[0] == "<":
            return Condition(field, high=bound, high_open=not equal, negated=negated)
        return Condition(field, low=bound, low_open=not equal, negated=negated)
    if match := _RANGE.match(value):
        low = _number(field, match["low"], whole=value) if match["low"] else None
        high = _number(field, match["high"], whole=value) if match["high"] else None
        if low is None and high is None:
            raise _wants(field, _WANTED[field], value)
        if low is not None and high is not None and low > high:
            raise QueryError(f"{field}: wants the smaller end first: {_short(match['high'])}..{_short(match['low'])}")
        return Condition(field, low=low, high=high, negated=negated)
    number = _number(field, value, whole=value)
    if field == "year":
        return Condition(field, low=number, high=number, negated=negated)
    # A tempo or a length typed as a whole number means "about": anything that rounds to it.
    return Condition(field, low=number - 0.5, high=number + 0.5, high_open=True, negated=negated)


def _spelt_out(field: str, value: str) -> str:
    """Return "1990-1999" and "1990s" as "1990..1999"; "90s" are of the century that they are likelier of."""
    if match := _DASHED.match(value):
        return f"{match['low']}..{match['high']}"
    if field == "year" and (match := _DECADE.match(value)):
        century = match["century"] or ("19" if int(match["ten"]) >= _LAST_OF_1900S else "20")
        return f"{century}{match['ten']}0..{century}{match['ten']}9"
    return value


def _number(field: str, text: str, *, whole: str) -> float:
    match = _LENGTH.match(text.strip().lower())
    if match is None or (field != "length" and (match["minutes"] or match["unit"])):
        raise _wants(field, _WANTED[field], whole)
    if match["minutes"]:
        return float(match["minutes"]) * 60 + float(match["seconds"])
    return float(match["number"]) * _UNITS[match["unit"]]


def parse_key(text: str) -> int:
    """Return 0-11 for a major key from C, 12-23 for a minor one: "Am", "F# minor", "8A" (Camelot).

    Raises
    ------
    QueryError
        When `text` names no key.

    """
    folded = text.strip().lower().replace("_", " ")
    if match := _CAMELOT.match(folded):
        # 8B is C major, 8A is A minor; one hour on is a fifth up.
        fifths = (int(match["hour"]) - 8) * 7
        return (fifths % 12) if match["ring"] == "b" else 12 + (fifths + 9) % 12
    match = _KEY.match(folded)
    if match is None:
        raise _wants("key", _WANTED["key"], text)
    sign = {"#": 1, "♯": 1, "b": -1, "♭": -1}.get(match["sign"], 0)
    pitch = (_PITCHES[match["note"]] + sign) % 12
    return pitch + 12 if match["mode"] in ("m", "min", "minor") else pitch


def _unknown(field: str) -> QueryError:
    near = _nearest(field, FIELDS)
    return QueryError(f'no field "{_short(field)}:"; try ' + (f"{near}:" if near else 'genre: year: or "quotes"'))


def _without_value(field: str) -> QueryError:
    return QueryError(f"{field}: needs a value, like {_EXAMPLES[field]}")


def _wants(field: str, wanted: str, value: str) -> QueryError:
    return QueryError(f'{field}: wants {wanted}, not "{_short(value)}"')


def _nearest(typed: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    return next(iter(get_close_matches(typed, known, n=1)), "")


def _short(text: str) -> str:
    return text if len(text) <= _SHORT else text[: _SHORT - 1] + "…"

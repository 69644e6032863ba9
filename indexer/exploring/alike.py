"""Tell how unlike two names sound that are written by ear: "fayrouz" and "Fairuz", "mcload" and "MacLeod".

What sounds the same is written the same; what is left may differ in vowels, and in consonants that one ear or alphabet
takes for the other. Any other letter makes another word.
"""

import re
from functools import lru_cache

_MOST_KEPT = 20_000
_SAME_LATIN = (
    ("^mc", "mak"),
    ("tch|sch|sh|ch", "S"),
    ("ph", "f"),
    ("zh|dj", "j"),
    ("qu(?=[ei])|ck|kh|q", "k"),
    ("c(?=[eiy])", "s"),
    ("c", "k"),
    ("x", "ks"),
    ("(?<=[gdtr])h", ""),
    ("w", "u"),
    ("y", "i"),
    ("ou|oo", "u"),
    ("ai|ei|ae", "e"),
    ("ee|ie", "i"),
    ("au|oa|eo", "o"),
    (r"(.)\1+", r"\1"),
    ("(?<=[aeiou])h$", ""),
)
"""What is written -> how it sounds, one after another."""
_SAME_ARABIC = (("ء", ""), (r"(.)\1+", r"\1"))
"""Hamza by itself, and what is doubled; of the forms of alef, ya and ta marbuta indexer/fold.py makes one."""
_LATIN = [(re.compile(written), sound) for written, sound in _SAME_LATIN]
_ARABIC = [(re.compile(written), sound) for written, sound in _SAME_ARABIC]
_VOWELS = frozenset("aeiou" + "اوي")
_NEAR = frozenset(
    frozenset((a, b))
    for group in ("tsz", "tdz", "Sks", "jgz", "kg", "vfu", "pb", "ثست", "ذزد", "ضظد", "طت", "صس", "ظز", "قك")
    for a in group
    for b in group
)
"""Consonants that are taken for each other."""
_FRAME = str.maketrans(
    {**dict.fromkeys("aeiouywhfvpb" + "اويء"), **dict.fromkeys("cqksztdjgx", "t"), **dict.fromkeys("ثسذزدضظطصقك", "ت")}
)
_RUN = re.compile(r"(.)\1+")
_BEGINNINGS = (
    ("k", "c", "q"),
    ("f", "ph", "v"),
    ("g", "j", "dj", "zh"),
    ("s", "z", "ce", "ci", "cy", "ch"),
    ("ch", "sh", "sch", "tch"),
    ("v", "w", "ou", "u"),
    tuple("aeiouy"),
    tuple("ثست"),
    tuple("صس"),
    tuple("ذزظضد"),
    tuple("قك"),
    tuple("طت"),
)
"""Beginnings that are taken for each other, any of a row for any other."""
_SHORTEST = 3
_ONE_HALF, _TWO_HALVES, _THREE_HALVES = 4, 6, 9
"""From so many sounds on two words may differ in one vowel or like consonant, two, or three."""
_SHORT_LATIN, _SHORT_ARABIC = 4, 3
"""Words of so many letters must sound the same. Arabic leaves short vowels out: its words are a letter shorter."""


def beginnings(word: str) -> tuple[str, ...]:
    """Return what the words that sound like one may begin with, its own letter first."""
    others = (other for row in _BEGINNINGS if word.startswith(row) for other in row)
    found = list(dict.fromkeys((word[0], *others)))
    return tuple(one for one in found if len(one) == 1 or one[0] not in found)


def frame(word: str) -> str:
    """Return a few of the consonants of a folded word, rough: two that sound alike have the same, which is quick."""
    return _RUN.sub(r"\1", word.translate(_FRAME))


@lru_cache(maxsize=_MOST_KEPT)
def sound(word: str) -> str:
    """Write a folded word as it sounds: "fayrouz" and "feiruz" give "feruz"; "" stays ""."""
    for written, heard in _LATIN if word.isascii() else _ARABIC:
        word = written.sub(heard, word)
    return word


def unlikeness(a: str, b: str) -> int | None:
    """Count the vowels and like consonants in which two words differ, 0 where they sound the same.

    None where they sound as two words: by another letter, by too many of these, or too short to tell.
    """
    first, second = sound(a), sound(b)
    most = _allowed(min(len(first), len(second)), spelt=len(a), arabic=not a.isascii())
    if most is None or first == second:
        return most if most is None else 0
    if abs(len(first) - len(second)) > most:
        return None
    found = _differences(first, second, most)
    return found if found <= most else None


def _allowed(sounds: int, *, spelt: int, arabic: bool) -> int | None:
    """Return in how much words of so many sounds may differ; Latin ones that are spelt shortly in nothing."""
    if sounds < _SHORTEST:
        return None
    if spelt <= (_SHORT_ARABIC if arabic else _SHORT_LATIN):
        return 0
    return (sounds >= _ONE_HALF) + (sounds >= _TWO_HALVES) + (sounds >= _THREE_HALVES)


def _differences(a: str, b: str, most: int) -> int:
    """Return the edit distance (Levenshtein 1966) in which only vowels come and go; more than `most` is more."""
    never = most + 1
    row = [0]
    for letter in b:
        row.append(row[-1] + (1 if letter in _VOWELS else never))
    for letter in a:
        before, row = row, [row[0] + (1 if letter in _VOWELS else never)]
        for j, other in enumerate(b):
            alone, its = (1 if one in _VOWELS else never for one in (letter, other))
            row.append(min(before[j + 1] + alone, row[j] + its, before[j] + _between(letter, other, never)))
        if min(row) > most:
            return never
    return row[-1]


def _between(a: str, b: str, never: int) -> int:
    if a == b:
        return 0
    return 1 if frozenset((a, b)) in _NEAR or (a in _VOWELS and b in _VOWELS) else never

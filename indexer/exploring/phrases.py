"""Keep together the words of the sound that are more than one: "steady beat", "free rhythm", "mid-tempo"."""

from typing import TYPE_CHECKING

from indexer.fold import words
from models.encoders.sound_words import VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PHRASES = {parts: name for name in VOCABULARY if len(parts := tuple(words(name))) > 1}


def joined(spoken: "Sequence[str]") -> list[str]:
    """Return words in their order, those that are one word of the sound together."""
    kept, place = [], 0
    while place < len(spoken):
        pair = tuple(spoken[place : place + 2])
        kept.append(_PHRASES.get(pair, spoken[place]))
        place += 2 if pair in _PHRASES else 1
    return kept


def single(spoken: "Iterable[str]") -> set[str]:
    """Return the single words of words and phrases."""
    return {word for phrase in spoken for word in words(phrase)}


def places_joined(places: "Mapping[str, str]", spoken: "Sequence[str]") -> dict[str, str]:
    """Return where words stand; a phrase of the words that were asked is named whole where its parts stand together."""
    found = dict(places)
    for phrase in joined(spoken):
        parts = words(phrase)
        where = {found.get(part) for part in parts}
        if len(parts) > 1 and len(where) == 1 and (place := where.pop()):
            found.setdefault(phrase, place)
            for part in parts:
                del found[part]
    return found

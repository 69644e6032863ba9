"""Name groups of tracks by what sets them apart: genres, artists, decades, words of the sound, words of titles."""

import json
import re
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from indexer.fold import words
from models.encoders.sound_words import VOCABULARY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NAMING = "1"
"""Changes when clusters are named otherwise: maps that are kept get new names then."""
_KINDS = ("genre", "artist", "sound", "decade", "word")
_PARTS = 2
"""Terms in a name."""
_SHARES = {"genre": 0.2, "artist": 0.5, "decade": 0.5, "sound": 0.2, "word": 0.2}
"""A term must be had by at least so many of a cluster's tracks to name it."""
_Z, _WEAK_Z = 2.0, 0.7
"""And be commoner there than elsewhere by so many standard deviations; where nothing is, by so few."""
_GUESS = "guess"
"""The kind of what was guessed from folders: it names only what nothing else does."""
_ASIDE = re.compile(r"[(\[{].*?(?:[)\]}]|$)")
"""What a title says in brackets: the version, the player, the ripper; none of that is about the music."""


def name_clusters(
    connection: "sqlite3.Connection", ids: "NDArray[np.int64]", labels: "NDArray[np.int64]", count: int
) -> list[str]:
    """Name `count` clusters, "jazz, slow"; what nothing sets apart by what was guessed from folders, else "mixed".

    Of each kind, the term with the highest log-odds of being had in against outside the cluster, over its standard
    deviation, comes first, with all tracks as prior (Monroe and others 2008). Artists and decades must hold for half
    the cluster. No two names are equal.
    """
    if count == 1:
        return ["all tracks"]
    cluster_of = dict(zip(ids.tolist(), labels.tolist(), strict=True))
    sizes = np.bincount(labels, minlength=count)
    inside: list[Counter[str]] = [Counter() for _ in range(count)]
    shown: dict[str, str] = {}
    for track_id, term, said in _terms(connection):
        if track_id in cluster_of:
            inside[cluster_of[track_id]][term] += 1
            shown.setdefault(term, said)
    everywhere: Counter[str] = sum(inside, Counter())
    names: list[str] = []
    for number in range(count):
        best = _ranked(inside[number], everywhere, int(sizes[number]), len(ids))
        names.append(_unlike(names, _of_different_scales([shown[term] for term in best]), number))
    return names


def _ranked(inside: Counter[str], everywhere: Counter[str], size: int, tracks: int) -> list[str]:
    """Return the telling terms: the best of each kind, then the second best of each, and so on."""
    for least in (_Z, _WEAK_Z):
        scored: dict[str, list[tuple[float, str]]] = {kind: [] for kind in _KINDS}
        for term, here in inside.items():
            kind = term.partition(" ")[0]
            if kind in scored and here >= max(2, _SHARES[kind] * size):
                z = _z(here, everywhere[term], size, tracks)
                scored[kind] += [(-z, term)] if z >= least else []
        ranked = [[term for _, term in sorted(found)] for found in scored.values()]
        if any(ranked):
            return [term for level in zip_longest(*ranked) for term in level if term]
    guesses = [(-here, term) for term, here in inside.items() if term.startswith(_GUESS) and 2 * here >= size]
    return [term for _, term in sorted(guesses)]


def _z(here: int, everywhere: int, size: int, tracks: int) -> float:
    """Return by how many standard deviations the log-odds in a cluster of `size` are above those outside."""
    # One pseudo-track on either side, divided as all tracks are, keeps rare terms from looking telling.
    prior = everywhere / tracks
    there, outside = everywhere - here, tracks - size
    inner = (here + prior) / (size - here + 1 - prior + 1e-9)
    outer = (there + prior) / (outside - there + 1 - prior + 1e-9)
    return float(np.log(inner / outer) / np.sqrt(1 / (here + prior) + 1 / (there + prior)))


def _of_different_scales(terms: "Sequence[str]") -> list[str]:
    """Keep of the words of one scale, "bright" and "dark", the first: together they say nothing."""
    taken: set[str] = set()
    kept: list[str] = []
    for term in terms:
        scale = VOCABULARY[term].attribute if term in VOCABULARY else ""
        if scale not in taken:
            kept.append(term)
            taken |= {scale} - {""}
    return kept


def _unlike(taken: "Sequence[str]", terms: list[str], number: int) -> str:
    """Join the best terms to a name that is not taken."""
    chosen: list[str] = []
    for term in terms:
        if not any(set(words(term)) <= set(words(other)) for other in chosen):
            chosen.append(term)
        if len(chosen) >= min(_PARTS, len(terms)) and ", ".join(chosen) not in taken:
            return ", ".join(chosen)
    return f"{', '.join(chosen) or 'mixed'} {number + 1}"


def _terms(connection: "sqlite3.Connection") -> "Iterator[tuple[int, str, str]]":
    """Yield (track id, term, how it is written), each once a track; what was guessed is of another kind."""
    for track_id, folded, name in connection.execute("SELECT track_id, folded, name FROM track_genres"):
        yield track_id, f"genre {folded}", name
    for track_id, said in connection.execute("SELECT track_id, words FROM sounds"):
        for word in (word for word in VOCABULARY if f" {word} " in f" {said} "):
            yield track_id, f"sound {word}", word
    for track_id, title, artist, year, guessed in connection.execute(
        "SELECT id, title, artist, year, guessed FROM tracks"
    ):
        unsure = set(json.loads(guessed)) if guessed != "[]" else set()
        if artist:
            yield track_id, f"{_GUESS if 'artist' in unsure else 'artist'} {artist}", artist
        if year and "year" not in unsure:
            yield track_id, f"decade {year // 10}", f"{year // 10 * 10}s"
        if "title" not in unsure:
            for word in dict.fromkeys(words(_ASIDE.sub(" ", title))):
                if len(word) > 3 and not word.isdigit():
                    yield track_id, f"word {word}", f'"{word}"'

"""Find groups of tracks in a space, and name each by what sets it apart: genres, words of the sound, words of tags."""

from collections import Counter, defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from indexer.fold import words
from models.encoders.sound_words import VOCABULARY

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

FEWEST, MOST = 2, 40
_SMALLEST = 8
"""Tracks a cluster has on average, at least."""
_KINDS = ("genre", "sound", "word")
_PARTS = 2
"""Terms in a name."""
_SHARE = 0.2
"""A term must be had by at least so many of a cluster's tracks to name it."""
_Z = 2.0
"""And be commoner there than elsewhere by so many standard deviations."""


def how_many(tracks: int) -> int:
    """Return how many clusters are sought: the root of half the tracks, 2 to 40, with 8 tracks each or more."""
    return int(np.clip(round((tracks / 2) ** 0.5), FEWEST, min(MOST, max(FEWEST, tracks // _SMALLEST))))


def find_clusters(rows: "NDArray[np.float32]") -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Group rows [n, k] by k-means: (labels int64 [n], centres float32 [c, k]), largest cluster first.

    Fewer than 16 rows are one cluster.
    """
    if len(rows) < FEWEST * _SMALLEST:
        return np.zeros(len(rows), np.int64), rows.mean(axis=0, keepdims=True)
    import faiss

    means = faiss.Kmeans(rows.shape[1], how_many(len(rows)), niter=25, nredo=3, seed=1, min_points_per_centroid=1)
    means.train(np.ascontiguousarray(rows))
    centres = np.asarray(means.centroids, np.float32)
    labels = nearest_centre(rows, centres)
    order = np.argsort(-np.bincount(labels, minlength=len(centres)), kind="stable")
    return np.argsort(order)[labels], centres[order]


def nearest_centre(rows: "NDArray[np.float32]", centres: "NDArray[np.float32]") -> "NDArray[np.int64]":
    """Return the number of the nearest centre of each row: int64 [n]."""
    return np.asarray(np.argmin((centres**2).sum(axis=1) - 2 * rows @ centres.T, axis=1), np.int64)


def name_clusters(
    connection: "sqlite3.Connection", ids: "NDArray[np.int64]", labels: "NDArray[np.int64]", count: int
) -> list[str]:
    """Name `count` clusters, "jazz, slow"; one that nothing sets apart is named by its commonest artist, or by number.

    Of each kind, genres, words of the sound, words of titles, the term with the highest log-odds of being had in
    against outside the cluster, over its standard deviation, comes first, with all tracks as prior (Monroe and others
    2008). No two names are equal.
    """
    cluster_of = dict(zip(ids.tolist(), labels.tolist(), strict=True))
    sizes = np.bincount(labels, minlength=count)
    inside: list[Counter[str]] = [Counter() for _ in range(count)]
    shown: dict[str, str] = {}
    for track_id, term, said in _terms(connection):
        if track_id in cluster_of:
            inside[cluster_of[track_id]][term] += 1
            shown.setdefault(term, said)
    artists = _artists(connection, cluster_of, count)
    everywhere: Counter[str] = sum(inside, Counter())
    names: list[str] = []
    for number in range(count):
        best = [shown[term] for term in _ranked(inside[number], everywhere, int(sizes[number]), len(ids))]
        names.append(_unlike(names, best, artists[number], number))
    return names


def _ranked(inside: Counter[str], everywhere: Counter[str], size: int, tracks: int) -> list[str]:
    """Return the telling terms: the best of each kind, then the second best of each, and so on."""
    scored: dict[str, list[tuple[float, str]]] = {kind: [] for kind in _KINDS}
    for term, here in inside.items():
        if here >= max(2, _SHARE * size) and (z := _z(here, everywhere[term], size, tracks)) >= _Z:
            scored[term.partition(" ")[0]].append((-z, term))
    ranked = [[term for _, term in sorted(found)] for found in scored.values()]
    return [term for level in zip_longest(*ranked) for term in level if term]


def _z(here: int, everywhere: int, size: int, tracks: int) -> float:
    """Return by how many standard deviations the log-odds in a cluster of `size` are above those outside."""
    # One pseudo-track on either side, divided as all tracks are, keeps rare terms from looking telling.
    prior = everywhere / tracks
    there, outside = everywhere - here, tracks - size
    inner = (here + prior) / (size - here + 1 - prior + 1e-9)
    outer = (there + prior) / (outside - there + 1 - prior + 1e-9)
    return float(np.log(inner / outer) / np.sqrt(1 / (here + prior) + 1 / (there + prior)))


def _unlike(taken: "Sequence[str]", terms: list[str], artist: str, number: int) -> str:
    """Join the best terms to a name that is not taken."""
    chosen: list[str] = []
    for term in [*terms, *([f"mostly {artist}"] if artist else [])]:
        if not any(set(words(term)) <= set(words(other)) for other in chosen):
            chosen.append(term)
        if len(chosen) >= min(_PARTS, len(terms) or 1) and ", ".join(chosen) not in taken:
            return ", ".join(chosen)
    return f"{', '.join(chosen) or 'mixed'} {number + 1}"


def _terms(connection: "sqlite3.Connection") -> "Iterator[tuple[int, str, str]]":
    """Yield (track id, term, how it is written): genres, the words of the sound, words of titles. Each once a track."""
    for track_id, folded, name in connection.execute("SELECT track_id, folded, name FROM track_genres"):
        yield track_id, f"genre {folded}", name
    for track_id, said in connection.execute("SELECT track_id, words FROM sounds"):
        for word in (word for word in VOCABULARY if f" {word} " in f" {said} "):
            yield track_id, f"sound {word}", word
    for track_id, title in connection.execute("SELECT id, title FROM tracks"):
        for word in dict.fromkeys(words(title)):
            if len(word) > 3 and not word.isdigit():
                yield track_id, f"word {word}", f'"{word}"'


def _artists(connection: "sqlite3.Connection", cluster_of: dict[int, int], count: int) -> list[str]:
    """Return the commonest artist of each cluster; "" where none has a third of it."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for track_id, artist in connection.execute("SELECT id, artist FROM tracks"):
        if track_id in cluster_of:
            counts[cluster_of[track_id]][artist] += 1
    commonest = [counts[number].most_common(1) for number in range(count)]
    return [
        first[0][0] if first and 3 * first[0][1] >= counts[number].total() else ""
        for number, first in enumerate(commonest)
    ]

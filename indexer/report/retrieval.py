"""Measure, for every way of comparing, whether tracks of one artist find each other by content alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.report.bootstrap import Interval, interval
from indexer.report.labels import Labels
from indexer.report.likeness import SPACE, TAG_WORDS, Likenesses, Scored
from indexer.report.material import Material
from indexer.report.ranking import CUT, Rows, first, first_again, ndcg10, relevance, sample, shaken
from models.dataset import UNKNOWN

QUERIES = 2000
"""Tracks asked: a mean is then good to about a hundredth."""
_LONGER = 40
"""Places looked at first, so that the list without the query's album need not be made from the start."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one way of comparing found; all [q], NaN where a track had nothing to ask."""

    name: str
    can: NDArray[np.bool_]
    """The queries that it knows anything of; the others got a random list."""
    artist_ndcg10: NDArray[np.float64]
    artist_precision1: NDArray[np.float64]
    other_album_ndcg10: NDArray[np.float64]
    artist_share10: NDArray[np.float64]
    """The share of the first ten that is by the same artist."""
    album_share10: NDArray[np.float64]

    def figures(self) -> dict[str, NDArray[np.float64]]:
        """Return the figures by name."""
        return {
            "same artist nDCG@10": self.artist_ndcg10,
            "same artist P@1": self.artist_precision1,
            "other album nDCG@10": self.other_album_ndcg10,
            "same artist in 10": self.artist_share10,
            "same album in 10": self.album_share10,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Retrieval:
    """One table: all ways of comparing on the same queries."""

    queries: Rows
    """[q], rows of the tracks asked, each having a fellow (not a copy of itself) to be found."""
    candidates: int
    """How many tracks could have been asked."""
    groups: NDArray[np.int64]
    """[q], their artists."""
    found: dict[str, Found]

    def against(self, name: str, baseline: str, *, on: NDArray[np.bool_] | None = None) -> Interval:
        """Return how much more of the same artist (nDCG@10) one way of comparing finds than another."""
        difference = self.found[name].artist_ndcg10 - self.found[baseline].artist_ndcg10
        return interval(difference if on is None else np.where(on, difference, np.nan), self.groups)

    def beats_tags(self) -> Interval:
        """Return how much more the space finds than the words of the tags."""
        return self.against(SPACE, TAG_WORDS)


def measure_retrieval(
    material: Material, *, most: int = QUERIES, progress: Callable[[int, int], None] = lambda done, total: None
) -> Retrieval | None:
    """Ask `most` of the tracks that have a fellow; None when no track has any, or there is no content to compare by."""
    likenesses = Likenesses(material)
    asked = _askable(material.labels)
    if not likenesses.content or not len(asked):
        return None
    queries = asked[sample(len(asked), most)]
    position = np.zeros(len(material), np.int64)
    position[queries] = np.arange(len(queries))
    tables: dict[str, NDArray[np.float64]] = {}
    able: dict[str, NDArray[np.bool_]] = {}
    done, task = 0, _asked(material.labels, queries[:0])
    for rows, scored in likenesses.scored(queries):
        if scored.name == SPACE:
            progress(done, len(queries))
            done += len(rows)
            task = _asked(material.labels, rows)
        if scored.name not in tables:
            tables[scored.name] = np.full((len(queries), 5), np.nan)
            able[scored.name] = np.zeros(len(queries), np.bool_)
        tables[scored.name][position[rows]] = _figures(material.labels, task, scored)
        able[scored.name][position[rows]] = scored.can
    found = {name: Found(name, able[name], *columns.T) for name, columns in tables.items()}
    return Retrieval(queries, len(asked), material.labels.groups[queries], found)


def _askable(labels: Labels) -> Rows:
    """Return the tracks whose artist has another track than copies of this one."""
    known = np.flatnonzero(labels.artists != UNKNOWN)
    # A title number stands for one artist; an unknown title is a title of its own.
    titles = np.where(labels.titles[known] == UNKNOWN, -2 - known, labels.titles[known])
    pairs = np.unique(np.column_stack([labels.artists[known], titles]), axis=0)
    songs = np.bincount(pairs[:, 0], minlength=int(labels.artists.max(initial=0)) + 1)
    return known[songs[labels.artists[known]] > 1]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What some queries look for and what is hidden from them; all bool [q, n] but `rows` [q]."""

    rows: Rows
    artist: NDArray[np.bool_]
    itself: NDArray[np.bool_]
    album: NDArray[np.bool_]
    elsewhere: NDArray[np.bool_]
    """Hidden where another album is looked for."""


def _asked(labels: Labels, rows: Rows) -> _Asked:
    itself = labels.itself(rows)
    elsewhere = itself | labels.maybe_same_album(rows)
    return _Asked(rows, labels.same_artist(rows), itself, labels.same_album(rows), elsewhere)


def _figures(labels: Labels, asked: _Asked, scored: Scored) -> NDArray[np.float64]:
    """Return the five figures of each query, [q, 5], in the order of Found. Changes the scores."""
    # A query that cannot be answered has all its scores equal, and shaking makes a random list of them.
    scored.scores[~scored.can] = 0
    shown = shaken(scored.scores, asked.rows)
    longer = first(shown, asked.itself, k=_LONGER)
    places = longer[:, :CUT]
    hits = relevance(places, asked.artist)
    others = relevance(first_again(shown, longer, asked.elsewhere), asked.artist)
    length = np.maximum((places >= 0).sum(axis=1), 1)
    known = labels.albums[asked.rows] != UNKNOWN
    return np.column_stack(
        [
            ndcg10(hits, (asked.artist & ~asked.itself).sum(axis=1)),
            hits[:, 0],
            ndcg10(others, (asked.artist & ~asked.elsewhere).sum(axis=1)),
            hits.sum(axis=1) / length,
            np.where(known, relevance(places, asked.album).sum(axis=1) / length, np.nan),
        ]
    )

"""Decide whether a space made anew serves the library better than the one in use.

Both are asked the same questions about the same tracks, each fold by a space that was not fitted to it: folds by
artist, the graph and the playlists left out since they hold the answers.

Retrieval: nDCG@10 of the tracks of the same artist, of the same artist on other albums, and of tracks that share a
genre (with TAGS left out, where the genre is written). Their mean is what "more like this" is worth here.
Cross-modal: how often one modality's shared block finds the same track by another's among the first ten. It is what
text queries over sound and covers, and tracks that lack modalities, live on.

A space is adopted when neither is worse and one of the two is better. The figures of one library are few and noisy, so
each is the difference on the same queries, with an interval from drawing artists anew:

- retrieval is "not worse" where that is shown: the interval's lower end is above -TOLERANCE (non-inferiority, as a new
  drug is tried against an old one). A small library cannot show so much; there the difference must at least be no loss.
- with too few queries for an interval at all, retrieval must only not be shown to be worse, and cross-modal recall, of
  which every track with two modalities is a query, decides.
- an average of the two figures would let cross-modal recall pay for any loss of what stands in every list: a space
  without shared blocks finds across modalities only by chance, so that every refit gains there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.report.bootstrap import Interval, interval
from indexer.report.labels import Labels, read_labels
from indexer.report.ranking import CUT, chunks, first, ndcg10, relevance, shaken
from models.evaluation.folds import artist_folds
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3

    from models.joint.additive import Space

TOLERANCE = 0.02
"""The most that retrieval may lose at the unfavourable end of the interval: a fellow in the last places of a list."""
WORTH = 0.01
"""A gain in cross-modal recall below this is not worth moving everybody's neighbours for."""
LEAST_TRACKS = 3
CONTENT = (Modality.AUDIO, Modality.LYRICS, Modality.TAGS, Modality.COVER)
RETRIEVAL = ("same_artist_ndcg10", "other_album_ndcg10", "shared_genre_ndcg10")

Vectors = Mapping[Modality, NDArray[np.float32]]
Fit = Callable[[NDArray[np.bool_]], "Space"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to adopt a space, on what grounds, and by how much it differs from the one in use."""

    adopt: bool
    reason: str
    retrieval: Interval
    cross_modal: Interval

    def to_json(self) -> dict[str, object]:
        """Return the fields for JSON."""
        return {
            "adopt": self.adopt,
            "reason": self.reason,
            "retrieval": self.retrieval.to_json(),
            "cross_modal": self.cross_modal.to_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What n tracks got from a space as queries; every figure in [0, 1], NaN where a track had nothing to ask."""

    groups: NDArray[np.int64]
    """[n], the artist of each track, unknown ones each their own."""
    retrieval: NDArray[np.float64]
    """[n, 3] in the order of RETRIEVAL."""
    cross_modal: NDArray[np.float64]
    """[n], recall@10 averaged over the pairs of modalities that the track has; ties count as their expectation."""

    def figures(self) -> dict[str, float | None]:
        """Return the means for JSON, None where there was nothing to ask."""
        columns = [*self.retrieval.T, self.cross_modal]
        return {name: _mean(column) for name, column in zip((*RETRIEVAL, "cross_modal_recall10"), columns, strict=True)}

    def compared_with(self, other: "Measured") -> Verdict:
        """Decide whether to adopt this space in place of the other, measured on the same tracks."""
        retrieval = interval(self.retrieval - other.retrieval, self.groups)
        across = interval(self.cross_modal - other.cross_modal, self.groups)
        adopt, reason = _decide(retrieval, across)
        return Verdict(adopt, reason, retrieval, across)

    def better_than(self, other: "Measured") -> bool:
        """Tell whether to adopt this space in place of the other."""
        return self.compared_with(other).adopt


def _decide(retrieval: Interval, across: Interval) -> tuple[bool, str]:
    better_across = across.low > 0 and across.mean > WORTH
    if not retrieval.enough:
        few = f"too few tracks with fellows to compare retrieval ({retrieval.queries} of {retrieval.artists} artists)"
        if retrieval.high < 0:
            return False, f"{few}, and what there is got worse"
        return better_across, f"{few}; cross-modal recall is {'better' if better_across else 'not better'}"
    if retrieval.low < -TOLERANCE and retrieval.mean < 0:
        return False, "retrieval may be worse"
    if across.high < -WORTH:
        return False, "cross-modal recall is worse"
    if retrieval.low > 0:
        return True, "retrieval is better"
    return better_across, f"retrieval is as good, cross-modal recall {'better' if better_across else 'not better'}"


def measure(
    connection: "sqlite3.Connection", ids: NDArray[np.int64], x: Vectors, present: NDArray[np.bool_], fit: Fit
) -> Measured:
    """Measure on each fold a space that `fit` made from the rows of the other folds (bool [n], True: may be used).

    ids, x, present : as in stages/space.py: n tracks, vectors [n, d] by modality, mask [n, 6].
    Folds of fewer than three tracks are not asked.
    """
    labels = read_labels(connection, ids)
    retrieval, across = np.full((len(ids), len(RETRIEVAL)), np.nan), np.full(len(ids), np.nan)
    folds = artist_folds(labels.artists)
    for fold in np.unique(folds):
        here = np.flatnonzero(folds == fold)
        if len(here) < LEAST_TRACKS or len(ids) - len(here) < LEAST_TRACKS:
            continue
        space = fit(folds != fold)
        blocks, mask = space.blocks({m: v[here] for m, v in x.items()}, present[here])
        retrieval[here] = _retrieval(space, blocks, mask, _part(labels, here))
        across[here] = _cross_modal(blocks, mask)
    return Measured(labels.groups, retrieval, across)


def _part(labels: Labels, rows: NDArray[np.int64]) -> Labels:
    return Labels(labels.ids[rows], labels.artists[rows], labels.albums[rows], labels.titles[rows], labels.genres[rows])


def _retrieval(
    space: "Space", blocks: NDArray[np.float16], mask: NDArray[np.bool_], labels: Labels
) -> NDArray[np.float64]:
    """Return the three figures of each track of a fold among the others, [n, 3]."""
    figures = np.full((len(blocks), len(RETRIEVAL)), np.nan)
    for rows in chunks(np.arange(len(blocks))):
        artist, itself = labels.same_artist(rows), labels.itself(rows)
        elsewhere = labels.maybe_same_album(rows) | itself
        for columns, asked, left_out in (
            ((0, 1), ((artist, itself), (artist, elsewhere)), ()),
            ((2,), ((labels.shared_genre(rows), itself),), (Modality.TAGS,)),
        ):
            kept = [m for m in CONTENT if m not in left_out and m in space.heads]
            if not kept:
                continue
            faders = {m: 0.0 for m in MODALITIES if m not in kept}
            scores = space.queries(blocks[rows], mask[rows], faders=faders) @ blocks.astype(np.float64).T
            shown = shaken(scores, rows)
            has = mask[rows][:, [MODALITIES.index(m) for m in kept]].any(axis=1)
            for column, (relevant, hidden) in zip(columns, asked, strict=True):
                hits = relevance(first(shown, hidden), relevant)
                figures[rows, column] = np.where(has, ndcg10(hits, (relevant & ~hidden).sum(axis=1)), np.nan)
    return figures


def _cross_modal(blocks: NDArray[np.float16], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return recall@10 of finding each track by one modality's shared block among another's, averaged over pairs, [n].

    Ties are broken at random, in expectation: without shared blocks that is chance, which is high in a small fold;
    counted as nothing found, any refit would look like a gain. Pairs that ten tracks or fewer have are not asked.
    """
    shared = blocks.astype(np.float32).reshape(len(blocks), len(MODALITIES), 2, -1)[:, :, 0]
    sums, counts = np.zeros(len(blocks)), np.zeros(len(blocks))
    for i, j in permutations([MODALITIES.index(m) for m in CONTENT], 2):
        both = np.flatnonzero(mask[:, i] & mask[:, j])
        if len(both) <= CUT:
            continue
        for rows in chunks(np.arange(len(both))):
            scores = shared[both[rows], i] @ shared[both, j].T
            own = scores[np.arange(len(rows)), rows][:, None]
            above, tied = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
            sums[both[rows]] += np.clip((CUT - above) / tied, 0, 1)
            counts[both[rows]] += 1
    means: NDArray[np.float64] = np.divide(sums, counts, out=np.full(len(blocks), np.nan), where=counts > 0)
    return means


def _mean(column: NDArray[np.float64]) -> float | None:
    asked = column[~np.isnan(column)]
    return float(asked.mean()) if len(asked) else None

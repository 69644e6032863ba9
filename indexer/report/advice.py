"""Say in plain sentences what the figures mean and what one could do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from indexer.report.agreement import CONCATENATION, JOINT
from indexer.report.bootstrap import ENOUGH_ARTISTS, ENOUGH_QUERIES, Interval
from indexer.report.likeness import CONCATENATION as BY_CONCATENATION
from indexer.report.likeness import SPACE, own
from models.modality import Modality

if TYPE_CHECKING:
    from indexer.report.library import LibraryReport

_CURES = {
    Modality.AUDIO: "files that cannot be decoded are listed by `fairouz-tui stats --problems`",
    Modality.LYRICS: "lyrics in tags or in .lrc files beside the music bring them in at the next `fairouz-tui index`",
    Modality.TAGS: "a title or a genre is enough to bring them in",
    Modality.COVER: "a picture in the tags or a cover.jpg beside the music brings them in",
    Modality.GRAPH: "artist and album tags bring them in",
}
_WORTH_SAYING = 0.2
"""A gap of fewer tracks is no reason to write a sentence."""
_SKEWED, _MANY_ORPHANS = 1.0, 0.1


def beats_tags(gain: Interval | None) -> str:
    """Answer in one sentence whether the space finds more of the same artist than the words of the tags do."""
    if gain is None or not gain.queries:
        return "Do embeddings beat tags? Nothing to ask: no artist has two songs here."
    rests = f"{gain.queries} queries of {gain.artists} artists"
    by = f"nDCG@10 {gain.mean:+.3f}"
    if not gain.enough:
        need = f"{ENOUGH_QUERIES} queries of {ENOUGH_ARTISTS} artists"
        return f"Do embeddings beat tags? Too few to say ({rests}, {need} are needed; {by} so far)."
    rests = f"{by}, 95 % between {gain.low:+.3f} and {gain.high:+.3f}, {rests}"
    if gain.low > 0:
        return f"Do embeddings beat tags? Yes: {rests}."
    if gain.high < 0:
        return f"Do embeddings beat tags? No, the words of the tags find more: {rests}."
    return f"Do embeddings beat tags? It cannot be told: {rests}."


def advice(report: "LibraryReport") -> tuple[str, ...]:
    """Return a few sentences, most important first; a library in good order may get none."""
    return (
        *_coverage(report),
        *_retrieval(report),
        *_agreement(report),
        *_cross_modal(report),
        *_hubs(report),
        *_duplicates(report),
    )


def _coverage(report: "LibraryReport") -> Iterator[str]:
    coverage = report.coverage
    if coverage.nothing:
        yield (
            f"{coverage.nothing} tracks have no vector at all and are in no list: let `fairouz-tui index` finish; "
            "`fairouz-tui stats --problems` names files that failed."
        )
    for m, cure in _CURES.items():
        missing = 1 - coverage.share(m)
        if coverage.tracks and missing >= _WORTH_SAYING:
            name = "sound" if m is Modality.AUDIO else str(m)
            yield f"{missing:.0%} of tracks have no {name}: {cure}."


def _retrieval(report: "LibraryReport") -> Iterator[str]:
    retrieval = report.retrieval
    if retrieval is None:
        return
    against = retrieval.against(SPACE, BY_CONCATENATION)
    if against.enough and against.high < 0:
        yield (
            f"Plain concatenation finds more of the same artist than the space (nDCG@10 {-against.mean:+.3f}): the "
            "space does not fit this music well; a refit comes when the library has grown by a fifth."
        )
    for m in report.coverage.counts:
        name = own(m)
        if name in retrieval.found:
            gain = retrieval.against(name, SPACE)
            if gain.enough and gain.low > 0:
                yield f"{m} alone finds more of the same artist than the space does: turn its fader up."


def _agreement(report: "LibraryReport") -> Iterator[str]:
    content = [one for one in report.agreement if {one.a, one.b}.isdisjoint({JOINT, CONCATENATION})]
    for m in report.coverage.counts:
        with_others = [one for one in content if m in (one.a, one.b)]
        if with_others and all(one.overlap.low <= one.chance for one in with_others):
            yield f"{m} agrees with no other modality more than chance: what it says is its own, or noise."


def _cross_modal(report: "LibraryReport") -> Iterator[str]:
    shared = {m for one in report.cross_modal if one.shared for m in (one.a, one.b)}
    without = sorted({str(m) for one in report.cross_modal for m in (one.a, one.b)} - {str(m) for m in shared})
    if without:
        names = " and ".join(without)
        yield (
            f"The space has no shared block for {names}: words that describe {names} are not found by meaning, and "
            "tracks without a common modality never meet."
        )


def _hubs(report: "LibraryReport") -> Iterator[str]:
    if not report.hubs or np.isnan(report.hubs[0].skewness):
        return
    shown, bare = report.hubs[0], report.hubs[1]
    if shown.skewness > _SKEWED:
        effect = "lowers" if shown.skewness < bare.skewness else "does not lower"
        yield (
            f"Some tracks stand in very many lists (skewness {shown.skewness:.1f}; the hub term {effect} it, from "
            f"{bare.skewness:.1f}): `ban` them in the explorer where they annoy."
        )
    if shown.orphans > _MANY_ORPHANS:
        yield f"{shown.orphans:.0%} of tracks are in nobody's list of ten: only a search or a mix leads to them."


def _duplicates(report: "LibraryReport") -> Iterator[str]:
    if report.duplicates is not None and report.duplicates.pairs:
        yield f"{report.duplicates.pairs} pairs of tracks sound the same: copies take places in every list."

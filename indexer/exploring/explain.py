"""Explain a pair: contributions that add up to the score, the products they are made of, and evidence per modality."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.exploring.answer import Explanation, PairTerm, TrackRow
from indexer.exploring.evidence import evidence
from indexer.exploring.outside import open_outside
from indexer.exploring.rank import total
from indexer.exploring.session import Point, Session, parse_faders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.exploring.evidence import Facts


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One of the two that are compared: a track of the library or a file outside it."""

    row: TrackRow
    point: Point
    facts: "int | Facts"
    note: str = ""


def explain(
    session: Session, a: int | str, b: int | str, *, faders: "Mapping[str, float] | None" = None, hub: bool = True
) -> Explanation:
    """Explain the score of track `b` for the query "like track `a`": the same numbers as `similar` gives.

    Either may be the path of a file outside the library, which is encoded and not stored; as `b` it has no hub term.

    Raises
    ------
    IndexerError
        When a track does not exist or is not embedded, or a file cannot be read.

    """
    parsed = parse_faders(faders)
    here, there = _side(session, a), _side(session, b)
    if isinstance(b, int):
        named = session.contributions(here.point, [b], faders=parsed, hub=hub)[0]
    else:
        named = session.contributions_to(here.point, there.point.blocks[None], there.point.mask[None], faders=parsed)[0]
    exact = session.space.contributions(
        here.point.blocks, here.point.mask, there.point.blocks, there.point.mask, faders=parsed
    )
    pairs = tuple(
        PairTerm(pair.query.value, pair.track.value, pair.shared, pair.private, pair.shared + pair.private)
        for pair in exact.pairs
    )
    both = sorted(here.row.modalities & there.row.modalities)
    facts = evidence(session, here.facts, there.facts, both)
    note = "; ".join(part for part in dict.fromkeys((here.note, there.note)) if part)
    return Explanation(here.row, there.row, total(named), named, pairs, facts, note)


def _side(session: Session, track: int | str) -> _Side:
    """Return a track by its id, or a file by its path."""
    if isinstance(track, str):
        outside = open_outside(session, track)
        return _Side(outside.row, outside.point(session), outside.facts, outside.note)
    rows = session.catalogue.rows([track])
    if not rows:
        raise IndexerError(f"no track has the id {track}")
    return _Side(rows[0], session.point(track), track)

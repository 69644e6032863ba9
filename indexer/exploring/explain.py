"""Explain a pair: contributions that add up to the score, the products they are made of, and evidence per modality."""

from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.exploring.answer import Explanation, PairTerm
from indexer.exploring.evidence import evidence
from indexer.exploring.rank import total
from indexer.exploring.session import Session, parse_faders

if TYPE_CHECKING:
    from collections.abc import Mapping


def explain(
    session: Session, a: int, b: int, *, faders: "Mapping[str, float] | None" = None, hub: bool = True
) -> Explanation:
    """Explain the score of track `b` for the query "like track `a`": the same numbers as `similar` gives.

    Raises
    ------
    IndexerError
        When a track does not exist or is not embedded.

    """
    rows = session.catalogue.rows([a, b])
    if {row.id for row in rows} != {a, b}:
        raise IndexerError(f"no track has the id {a if not rows or rows[0].id != a else b}")
    parsed = parse_faders(faders)
    here, there = session.point(a), session.point(b)
    named = session.contributions(here, [b], faders=parsed, hub=hub)[0]
    exact = session.space.contributions(here.blocks, here.mask, there.blocks, there.mask, faders=parsed)
    pairs = tuple(
        PairTerm(pair.query.value, pair.track.value, pair.shared, pair.private, pair.shared + pair.private)
        for pair in exact.pairs
    )
    both = [m for m in sorted(rows[0].modalities & rows[-1].modalities)]
    return Explanation(rows[0], rows[-1], total(named), named, pairs, evidence(session, a, b, both))

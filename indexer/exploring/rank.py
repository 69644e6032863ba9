"""Turn proposed tracks into ranked hits: exact scores, contributions and percentiles."""

from typing import TYPE_CHECKING

from indexer.exploring.answer import Hit
from indexer.exploring.scale import ENOUGH, NOTHING_CLOSE, percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from indexer.catalogue import Catalogue
    from indexer.exploring.session import Contributions


def total(contributions: "Contributions") -> float:
    """Add contributions up in their order: the score."""
    return float(sum(contributions.values()))


def hits(
    catalogue: "Catalogue",
    ids: "Sequence[int]",
    contributions: "Sequence[Contributions]",
    scale: "NDArray[np.float64]",
    *,
    count: int,
) -> tuple[Hit, ...]:
    """Return the best `count` hits, by score, then id."""
    scored = sorted(zip(ids, contributions, strict=True), key=lambda pair: (-total(pair[1]), pair[0]))[:count]
    rows = {row.id: row for row in catalogue.rows([i for i, _ in scored])}
    return tuple(Hit(rows[i], total(named), percentile(scale, total(named)), named) for i, named in scored if i in rows)


def verdict(ranked: tuple[Hit, ...]) -> str:
    """Say "nothing close" when even the best hit is worse than nearly all neighbours, and when too few can tell."""
    if not ranked:
        return ""
    if ranked[0].percentile is None:
        return f"too few tracks to say how close these are ({ENOUGH} tell)"
    if ranked[0].percentile < NOTHING_CLOSE:
        return "nothing close in this library: these are only the least far"
    return ""

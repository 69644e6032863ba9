"""Turn proposed tracks into ranked hits: exact scores, contributions and percentiles."""

from typing import TYPE_CHECKING

import numpy as np

from indexer.exploring.answer import Hit
from indexer.exploring.scale import ENOUGH, NOTHING_CLOSE, percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.catalogue import Catalogue
    from indexer.exploring.session import Contributions

FAR = "nothing close: only the least far"
ROUGH = 1e-3
"""What a rough score may differ by from another's and still have the better exact one; float32 errs by some 1e-6."""


def total(contributions: "Contributions") -> float:
    """Add contributions up in their order: the score."""
    return float(sum(contributions.values()))


def leading(scores: "NDArray[np.floating]", count: int) -> list[int]:
    """Return the rows of rough scores [n] among which the `count` best are, for the exact scores to be told of them."""
    if count >= len(scores):
        return list(range(len(scores)))
    least = np.partition(scores, len(scores) - count)[len(scores) - count] if count > 0 else np.inf
    rows: list[int] = np.flatnonzero(scores >= least - ROUGH).tolist()
    return rows


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
    return FAR if is_far(ranked) else ""


def is_far(ranked: tuple[Hit, ...]) -> bool:
    """Tell whether even the best hit is worse than nearly all neighbours."""
    return bool(ranked) and ranked[0].percentile is not None and ranked[0].percentile < NOTHING_CLOSE

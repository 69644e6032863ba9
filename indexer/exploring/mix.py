"""Add and subtract tracks: rank what is like some of them and unlike others.

The score of track t for plus tracks p and minus tracks m is

    score(t) = (sum over p of score(p, t) - sum over m of score(m, t)) / (number of p + number of m)

in which score(q, t) is what `similar` gives, hub term included: what a mix says can be checked against `similar`.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.exploring.answer import Answer
from indexer.exploring.feedback import BAN, judged
from indexer.exploring.limits import NONE, Limits, limited
from indexer.exploring.narrowing import meeting
from indexer.exploring.outside import open_outside
from indexer.exploring.rank import hits, is_far, verdict
from indexer.exploring.scale import ENOUGH, track_scale
from indexer.exploring.session import parse_faders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.exploring.answer import Hit
    from indexer.exploring.session import Contributions, Point, Session
    from models.modality import Modality

    Faders = dict[Modality, float] | None

SAMPLE = 50
"""Random mixes asked for the percentile: good to some seven points."""
_TRIED = 20
"""Proposals scored for each of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A track or file of a mix."""

    point: "Point"
    sign: int
    """1 or -1."""
    name: str
    track_id: int | None
    """None for a file outside the library."""
    note: str = ""


def mix(
    session: "Session",
    plus: "Sequence[int | str]",
    minus: "Sequence[int | str]" = (),
    *,
    count: int,
    faders: "Mapping[str, float] | None" = None,
    hub: bool = True,
    limits: Limits = NONE,
    within: str = "",
) -> Answer:
    """Rank the `count` tracks most like the `plus` and least like the `minus`, these left out, within the limits.

    within : fields that every one of them must meet, as in a query.

    Each is the id of a track or the path of a file outside the library, which is encoded and not stored.

    Raises
    ------
    IndexerError
        Without a plus, when one stands on both sides, or when a track or file cannot be compared.

    """
    started = time.perf_counter()
    parsed = parse_faders(faders)
    parts = _parts(session, plus, minus)
    own = {part.track_id for part in parts} | judged(session.connection, BAN)
    among = meeting(session.connection, within)

    def best(number: int) -> "tuple[Hit, ...]":
        near = _proposed(session, parts, count=number + len(own), faders=parsed, hub=hub, among=among)
        ids = [i for i in near.tolist() if i not in own]
        named = combined(session, parts, ids, faders=parsed, hub=hub)
        return hits(session.catalogue, ids, named, _scale(session, parts, parsed, hub=hub), count=number)

    ranked, left_out = limited(session, best, count=count, limits=limits)
    query = " ".join(f"{'+' if part.sign > 0 else '-'} {part.name}" for part in parts).removeprefix("+ ")
    notes = [part.note for part in parts if part.note]
    note = "; ".join(part for part in (*notes, left_out, verdict(ranked)) if part)
    return Answer(query, (time.perf_counter() - started) * 1000, ranked, note=note, nothing_close=is_far(ranked))


def combined(
    session: "Session", parts: "Sequence[Part]", ids: "Sequence[int]", *, faders: "Faders", hub: bool
) -> "list[Contributions]":
    """Return what each modality gives to the score of each track: the mean of its signed shares over the parts."""
    sums: list[Contributions] = [{} for _ in ids]
    for part in parts:
        for into, shares in zip(sums, session.contributions(part.point, ids, faders=faders, hub=hub), strict=True):
            for name, share in shares.items():
                into[name] = into.get(name, 0.0) + part.sign * share / len(parts)
    return sums


def _parts(session: "Session", plus: "Sequence[int | str]", minus: "Sequence[int | str]") -> list[Part]:
    if not plus:
        raise IndexerError("a mix needs a track to start from")
    both = set(plus) & set(minus)
    if both:
        raise IndexerError("a track cannot be added and taken away at once: name it on one side only")
    signed = [(asked, 1) for asked in dict.fromkeys(plus)] + [(asked, -1) for asked in dict.fromkeys(minus)]
    return [_part(session, asked, sign) for asked, sign in signed]


def _part(session: "Session", asked: int | str, sign: int) -> Part:
    if isinstance(asked, str):
        outside = open_outside(session, asked)
        return Part(outside.point(session), sign, outside.row.title or asked, None, outside.note)
    rows = session.catalogue.rows([asked])
    if not rows:
        raise IndexerError(f"no track has the id {asked}")
    return Part(session.point(asked), sign, rows[0].title, asked)


def _proposed(
    session: "Session",
    parts: "Sequence[Part]",
    *,
    count: int,
    faders: "Faders",
    hub: bool,
    among: "NDArray[np.int64] | None" = None,
) -> "NDArray[np.int64]":
    """Return the ids among which the best of the mix are, nearly always."""
    queries = np.stack([session.query(part.point, faders) for part in parts])
    balance = sum(part.sign for part in parts)
    query = np.array([part.sign for part in parts]) @ queries
    # The index knows the hub term with weight 1: as many more plus than minus as there are is its weight here.
    return session.nearest.search(query / max(balance, 1), count=count + 1_000, hub=hub and balance > 0, among=among)


def _scale(session: "Session", parts: "Sequence[Part]", faders: "Faders", *, hub: bool) -> "NDArray[np.float64]":
    """Return the rising scores of the best track for mixes of random tracks with the same signs."""
    if len(parts) == 1:
        return track_scale(session, faders, hub=hub)
    signs = np.array([part.sign for part in parts])
    key = ("mix", int((signs > 0).sum()), len(signs), hub, tuple(sorted((faders or {}).items())))
    if key not in session.scales:
        session.scales[key] = _sampled_scale(session, signs, faders, hub=hub)
    return session.scales[key]


def _sampled_scale(
    session: "Session", signs: "NDArray[np.int64]", faders: "Faders", *, hub: bool
) -> "NDArray[np.float64]":
    all_ids = session.nearest.ids
    if len(all_ids) < max(ENOUGH, 2 * len(signs)):
        return np.zeros(0)
    random = np.random.default_rng(0)
    picked = [random.choice(len(all_ids), len(signs), replace=False) for _ in range(SAMPLE)]
    asked = all_ids[np.array(picked)]
    blocks, masks, _ = session.blocks(asked.ravel().tolist())
    queries = session.space.queries(blocks, masks, faders=faders).reshape(*asked.shape, -1)
    balance, best = int(signs.sum()), []
    for own, query in zip(asked, np.einsum("s,nsd->nd", signs, queries), strict=True):
        near = session.nearest.search(query / max(balance, 1), count=_TRIED, hub=hub and balance > 0)
        near = near[~np.isin(near, own)]
        theirs, _, hubs = session.blocks(near.tolist())
        scores = theirs.astype(np.float64) @ query + (balance * hubs if hub else 0.0)
        best.append(float(scores.max()) / len(signs) if len(near) else -1.0)
    return np.sort(np.array(best))

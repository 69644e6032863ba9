"""Lead from one track to another in small steps, through a fixed number of tracks.

Candidates are what lies near mixes of the two ends. They are laid out by how much nearer they are to the end than to
the start, cut into one slice a step, and a dynamic program takes one of each slice so that the sum of (1 - score)**2
over all steps is least: one large jump costs more than several small ones. No track can come twice, none goes back.
"""

import itertools
import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.feedback import BAN, judged
from indexer.exploring.rank import total
from indexer.exploring.scale import percentile, track_scale
from indexer.exploring.session import parse_faders
from indexer.exploring.versions import recording
from indexer.fold import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.exploring.answer import TrackRow
    from indexer.exploring.session import Session
    from models.modality import Modality

    Faders = dict[Modality, float] | None

_MIXES = 5
"""Places between the ends near which candidates are sought."""
_A_STEP = 60
"""Candidates to choose from at each step, where the library has so many."""
_SAME_ARTIST = 0.25
"""Cost of an artist twice in a row: as much as a step that scores .5 less than a perfect one."""


def path(
    session: "Session", stops: "Sequence[int]", *, count: int, faders: "Mapping[str, float] | None" = None
) -> Answer:
    """Return `count` tracks that lead through the stops in their order; each hit's score is to the one before it.

    The steps between are shared out evenly. A library with too few tracks gives fewer, and the note says so.

    Raises
    ------
    IndexerError
        For fewer than two stops, the same one twice in a row, more stops than tracks, or a track without a place.

    """
    started = time.perf_counter()
    if len(stops) < 2 or any(a == b for a, b in itertools.pairwise(stops)):
        raise IndexerError("a path leads from one track to another: name two different tracks")
    if count < len(stops):
        raise IndexerError(f"{len(stops)} stops do not fit into {count} tracks: give a larger -n")
    parsed = parse_faders(faders)
    rows = {row.id: row for row in session.catalogue.rows(list(dict.fromkeys(stops)))}
    for stop in stops:
        if stop not in rows:
            raise IndexerError(f"no track has the id {stop}")
    chosen, used = [stops[0]], set(stops) | judged(session.connection, BAN)
    for number, (a, b) in enumerate(itertools.pairwise(stops)):
        between = _share(count - len(stops), len(stops) - 1, number)
        steps = _steps(session, a, b, between, parsed, used)
        used.update(steps)
        chosen += [*steps, b]
    hits = _hits(session, chosen, parsed)
    names = " > ".join(rows[stop].title for stop in stops)
    return Answer(names, (time.perf_counter() - started) * 1000, hits, note=_note(hits, count))


def _share(steps: int, parts: int, number: int) -> int:
    """Return how many of `steps` fall to part `number` of `parts`; the first parts take what is left over."""
    return steps // parts + (number < steps % parts)


def _steps(session: "Session", a: int, b: int, between: int, faders: "Faders", used: set[int]) -> list[int]:
    """Choose up to `between` tracks that lead from a to b."""
    if not between:
        return []
    rows = _candidates(session, a, b, between, faders, used)
    if not rows:
        return []
    ids = [a, *(row.id for row in rows), b]
    scores = _scores(session, ids, faders)
    artists = [fold(row.artist) for row in session.catalogue.rows([a])] + [fold(row.artist) for row in rows]
    artists += [fold(row.artist) for row in session.catalogue.rows([b])]
    costs = (1 - scores) ** 2 + _SAME_ARTIST * _same(artists)
    towards = scores[0] - scores[-1]
    order = 1 + np.argsort(-towards[1:-1], kind="stable")
    slices = np.array_split(order, min(between, len(order)))
    return [ids[i] for i in cheapest(costs, slices)]


def _candidates(session: "Session", a: int, b: int, between: int, faders: "Faders", used: set[int]) -> "list[TrackRow]":
    """Return tracks near the way between two, no second version of a recording among them."""
    start, end = (session.query(session.point(stop), faders) for stop in (a, b))
    found: dict[int, None] = {}
    for share in np.linspace(0.0, 1.0, _MIXES + 2)[1:-1]:
        each = _A_STEP * between // _MIXES + _A_STEP
        for i in session.nearest.search((1 - share) * start + share * end, count=each, hub=True).tolist():
            found.setdefault(i)
    others = [i for i in found if i not in used]
    _, masks, _ = session.blocks(others)
    comparable = np.any(masks & (session.space.gains(faders) > 0), axis=1).tolist()
    taken = {named.key for row in session.catalogue.rows(list(used)) if (named := recording(row))}
    rows = []
    for row in session.catalogue.rows([i for i, can in zip(others, comparable, strict=True) if can]):
        named = recording(row)
        if named is None or named.key not in taken:
            rows.append(row)
            taken |= {named.key} if named else set()
    return rows


def _scores(session: "Session", ids: "Sequence[int]", faders: "Faders") -> "NDArray[np.float64]":
    """Return the score of every track for every other as the query: [n, n], the query by row."""
    blocks, masks, hubs = session.blocks(ids)
    queries = session.space.queries(blocks, masks, faders=faders)
    return np.asarray(queries @ blocks.astype(np.float64).T + hubs)


def _same(artists: "Sequence[str]") -> "NDArray[np.float64]":
    """Tell, 1 or 0, which two are by the same known artist: [n, n]."""
    names = np.array(artists)
    return np.asarray((names[:, None] == names) & (names != ""), np.float64)


def cheapest(costs: "NDArray[np.float64]", slices: "Sequence[NDArray[np.int64]]") -> list[int]:
    """Take one of each slice so that the way from row 0 over all of them to the last row costs least.

    `costs` [n, n] is the cost of a step from row to column. Dynamic programming over the slices (Viterbi 1967).
    """
    layers = [np.zeros(1, np.int64), *slices, np.array([len(costs) - 1])]
    least, before = np.zeros(1), []
    for previous, layer in itertools.pairwise(layers):
        ways = least[:, None] + costs[np.ix_(previous, layer)]
        before.append(ways.argmin(axis=0))
        least = ways.min(axis=0)
    place, taken = 0, []
    for layer, back in zip(layers[-2::-1], before[::-1], strict=True):
        place = int(back[place])
        taken.append(int(layer[place]))
    return taken[-2::-1]


def _hits(session: "Session", ids: "Sequence[int]", faders: "Faders") -> tuple[Hit, ...]:
    """Give each track its score, with contributions, to the one before; the first has none."""
    rows = {row.id: row for row in session.catalogue.rows(list(ids))}
    scale = track_scale(session, faders, hub=True)
    hits = [Hit(rows[ids[0]])]
    for before, i in itertools.pairwise(ids):
        (named,) = session.contributions(session.point(before), [i], faders=faders, hub=True)
        hits.append(Hit(rows[i], total(named), percentile(scale, total(named)), named))
    return tuple(hits)


def _note(hits: "Sequence[Hit]", count: int) -> str:
    """Name the two neighbours that are least alike, and say so when the library had too few tracks."""
    scores = [hit.score for hit in hits if hit.score is not None]
    weakest = 1 + scores.index(min(scores))
    said = f"least like the one before: {hits[weakest].track.title} ({min(scores):.2f})"
    short = f"; {len(hits)} tracks instead of {count}: the library has no more to choose from"
    return said + (short if len(hits) < count else "")

"""Lead from one track to another in small steps, through as many tracks as asked for or as many as lie between.

Candidates are what lies near mixes of the two ends. They are laid out by how much nearer they are to the end than to
the start, cut into one slice a step, and a dynamic program takes one of each slice so that the sum of (1 - score)**6
over all steps is least: one large jump costs more than several small ones. No track and no song can come twice,
none goes back. Each artist comes once if that can be, else twice, else as it comes. Where the number is the most that
may come, paths of all lengths up to it are tried: the longest is taken whose widest step is about as narrow as that of
any of them. So a path is short where little lies between, and the note says so.
"""

import itertools
import re
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.feedback import BAN, judged
from indexer.exploring.rank import total
from indexer.exploring.scale import percentile, track_scale
from indexer.exploring.session import parse_faders
from indexer.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.exploring.answer import TrackRow
    from indexer.exploring.session import Session
    from models.modality import Modality

    Faders = dict[Modality, float] | None

_MIXES = 5
"""Places between the ends near which candidates are sought."""
_A_STEP = 60
"""Candidates to choose from at each step, where the library has so many."""
_SHORTER = 0.8
"""How much shorter the next path is that is tried."""
_AS_GOOD = 0.85
"""Share of the best way's widest step from which another way is as good: then the longer one is taken."""
_PER_ARTIST = (1, 2, 1_000)
"""How often an artist may come, tried in this order."""
_AS_LONG = 0.75
"""Share of the longest way's steps that one with fewer tracks of an artist must have."""
_VERSION = re.compile(r"\s*(?:[(\[].*|\s-\s.*)$")
_WIDE = 6
"""The power of (1 - score) that a step costs: one wide step then costs more than several of middling width."""
_MOST = 3_000
"""Candidates that are compared with one another at most: 72 MB."""
_SAME_ARTIST = 0.02
"""Cost of an artist twice in a row: as much as a step that scores .5 less than a perfect one."""


def path(
    session: "Session",
    stops: "Sequence[int]",
    *,
    count: int,
    at_most: bool = False,
    faders: "Mapping[str, float] | None" = None,
) -> Answer:
    """Return `count` tracks that lead through the stops in their order; each hit's score is to the one before.

    The steps between are shared out evenly. There are fewer where the library has no more to take, and with `at_most`
    where little lies between; the note says so.

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
        ground = _ground(session, a, b, between, parsed, used) if between else None
        steps = [] if ground is None else (_as_lies(ground, between) if at_most else _as_asked(ground, between))
        used.update(steps)
        chosen += [*steps, b]
    hits = _hits(session, chosen, parsed)
    names = " > ".join(rows[stop].title for stop in stops)
    return Answer(names, (time.perf_counter() - started) * 1000, hits, note=_note(hits, count))


def _share(steps: int, parts: int, number: int) -> int:
    """Return how many of `steps` fall to part `number` of `parts`; the first parts take what is left over."""
    return steps // parts + (number < steps % parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What lies between two tracks: candidates in the order in which they lead from the first (row 0) to the last."""

    ids: "NDArray[np.int64]"
    artists: "NDArray[np.str_]"
    """Folded; "" where unknown."""
    scores: "NDArray[np.float64]"
    """[n, n], the query by row."""
    costs: "NDArray[np.float64]"
    """[n, n], of a step from row to column."""

    def way(self, between: int, *, per_artist: int) -> list[int] | None:
        """Return the rows of the cheapest way through `between` candidates, ends counted with their artists.

        None where there are not enough of them.
        """
        left = np.arange(1, len(self.ids) - 1)
        while len(left) >= between:
            rows = cheapest(self.costs, np.array_split(left, between))
            often = _too_often(self.artists[[0, *rows, len(self.ids) - 1]], per_artist)
            if not often:
                return rows
            for name in often:
                left = left[(self.artists[left] != name) | np.isin(left, self._kept(rows, name, per_artist))]
        return None

    def _kept(self, rows: list[int], artist: str, most: int) -> list[int]:
        """Return the rows of an artist that may stay, the ends counted: those that follow the first track best."""
        ends = int(self.artists[0] == artist) + int(self.artists[-1] == artist)
        theirs = sorted((row for row in rows if self.artists[row] == artist), key=lambda row: self.costs[0, row])
        return theirs[: max(0, most - ends)]

    def widest(self, rows: "Sequence[int]") -> float:
        """Return the score of the widest step over some rows from the first track to the last."""
        return float(min(self.scores[i, j] for i, j in itertools.pairwise([0, *rows, len(self.ids) - 1])))


def _too_often(artists: "NDArray[np.str_]", most: int) -> list[str]:
    """Return the artists that come more often than `most` times, where so many need not come by the ends alone."""
    times, ends = Counter(artists.tolist()), Counter([artists[0], artists[-1]])
    return [name for name, count in times.items() if name and count > max(most, ends[name])]


def _as_asked(ground: _Ground, between: int) -> list[int]:
    """Choose `between` tracks, fewer only where there are no more to choose from."""
    number = min(between, len(ground.ids) - 2)
    tried = [ground.way(number, per_artist=most) for most in _PER_ARTIST] if number else []
    ways = _as_good([(ground.widest(rows), rows) for rows in tried if rows is not None])
    return [int(i) for i in ground.ids[ways[0]]] if ways else []


def _as_lies(ground: _Ground, between: int) -> list[int]:
    """Choose up to `between` tracks, fewer where fewer lie between."""
    ways = {most: list(_ways(ground, between, per_artist=most)) for most in _PER_ARTIST}
    widest = max((step for found in ways.values() for step, _ in found), default=-np.inf)
    if widest <= ground.widest([]):
        return []
    good = {most: _as_good(found, widest) for most, found in ways.items()}
    longest = max(len(rows) for found in good.values() for rows in found)
    # Rather another artist at each step, as long as that does not make the path much shorter.
    rows = next(found[0] for found in good.values() if found and len(found[0]) >= _AS_LONG * longest)
    return [int(i) for i in ground.ids[rows]]


def _as_good(ways: "Sequence[tuple[float, list[int]]]", widest: float | None = None) -> list[list[int]]:
    """Return the ways whose widest step is about as narrow as the best, which itself is one, be it below 0."""
    best = max((step for step, _ in ways), default=0.0) if widest is None else widest
    return [rows for step, rows in ways if step >= min(_AS_GOOD * best, best)]


def _ways(ground: _Ground, between: int, *, per_artist: int) -> "Iterator[tuple[float, list[int]]]":
    """Yield ways from long to short, each with the score of its widest step."""
    number = min(between, len(ground.ids) - 2)
    while number > 0:
        rows = ground.way(number, per_artist=per_artist)
        if rows is not None:
            yield ground.widest(rows), rows
        number = min(number - 1, int(number * _SHORTER))


def _ground(session: "Session", a: int, b: int, between: int, faders: "Faders", used: set[int]) -> _Ground:
    rows = _candidates(session, a, b, between, faders, used)
    ids = [a, *(row.id for row in rows), b]
    scores = _scores(session, ids, faders)
    artists = [fold(row.artist) for row in session.catalogue.rows(ids)]
    towards = scores[0] - scores[-1]
    order = np.array([0, *(1 + np.argsort(-towards[1:-1], kind="stable")), len(ids) - 1])
    scores, names = scores[np.ix_(order, order)], np.array(artists)[order]
    return _Ground(np.array(ids)[order], names, scores, (1 - scores) ** _WIDE + _SAME_ARTIST * _same(names))


def _candidates(session: "Session", a: int, b: int, between: int, faders: "Faders", used: set[int]) -> "list[TrackRow]":
    """Return tracks near the way between two, no second version of a recording among them."""
    start, end = (session.query(session.point(stop), faders) for stop in (a, b))
    found: dict[int, None] = {}
    for share in np.linspace(0.0, 1.0, _MIXES + 2)[1:-1]:
        each = min(_A_STEP * between // _MIXES + _A_STEP, _MOST // _MIXES)
        for i in session.nearest.search((1 - share) * start + share * end, count=each, hub=True).tolist():
            found.setdefault(i)
    others = [i for i in found if i not in used][:_MOST]
    _, masks, _ = session.blocks(others)
    comparable = np.any(masks & (session.space.gains(faders) > 0), axis=1).tolist()
    taken = {song for row in session.catalogue.rows(list(used)) if (song := _song(row))}
    rows = []
    for row in session.catalogue.rows([i for i, can in zip(others, comparable, strict=True) if can]):
        song = _song(row)
        if song is None or song not in taken:
            rows.append(row)
            taken |= {song} if song else set()
    return rows


def _song(row: "TrackRow") -> tuple[str, str] | None:
    """Return what names a song in any version, remix or arrangement; None where artist or title is unknown."""
    artist, title = fold(row.artist), fold(row.title)
    bare = _VERSION.sub("", title) or title
    return (artist, bare) if artist and bare else None


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
    """Name the widest step, and say why there are fewer tracks than were asked for."""
    scores = [hit.score for hit in hits if hit.score is not None]
    widest = 1 + scores.index(min(scores))
    said = f"the widest step leads to {hits[widest].track.title}"
    short = f"{len(hits)} tracks instead of {count}, for no more lie between; "
    return (short if len(hits) < count else "") + said

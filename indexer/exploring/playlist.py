"""Make a simple seeded playlist: from the nearest to the seeds outwards, no artist twice in a row; with an audit.

Same seeds and same random seed give the same playlist; another random seed varies it.
"""

import os
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.exploring.answer import Hit, Playlist, PlaylistItem
from indexer.exploring.rank import total
from indexer.exploring.similar import similar
from indexer.fold import fold
from indexer.reading.playlist_saving import Line, write_playlist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.exploring.answer import TrackRow
    from indexer.exploring.session import Session

COUNT = 20
"""Tracks when neither a number nor a length is asked for: about an album and a half."""
_CANDIDATES_PER_TRACK = 6
_VARIANCE = 0.03
"""Scores move by up to this much with the random seed: enough to reorder near-ties, too little to let strangers in."""
_ARTIST_CAP = 3
_TYPICAL_SECONDS = 210.0
"""A track of unknown length counts as three and a half minutes."""


@dataclass(slots=True)
class _Rules:
    """What each rule did, for the audit."""

    same_artist: int = 0
    capped: int = 0
    versions: int = 0
    relaxed: int = 0


def make_playlist(
    session: "Session",
    seeds: "Sequence[int]",
    *,
    count: int | None = None,
    seconds: float | None = None,
    seed: int = 0,
) -> Playlist:
    """Make a playlist that starts with the seeds, of `count` tracks or at most `seconds` long (20 tracks by default).

    Seeds that are longer than `seconds` by themselves stay, alone. A library that is used up gives fewer tracks.

    Raises
    ------
    IndexerError
        Without seeds, or for a seed that is not in the space.

    """
    if not seeds:
        raise IndexerError("a playlist needs a seed: give --seed TRACK")
    if (count is not None and count < 1) or (seconds is not None and not seconds > 0):
        raise IndexerError("a playlist must have at least one track: give a larger -n or --length")
    goal = count if count is not None else (COUNT if seconds is None else 10_000)
    pool = _pool(session, seeds, goal if count or seconds is None else int(seconds / 60) + COUNT, seed)
    rules = _Rules()
    chosen = _chosen(session, seeds, pool, goal, seconds, rules)
    return Playlist(_items(session, chosen), _audit(session, seeds, chosen, rules, goal, seconds, seed))


def save_playlist(path: Path, rows: "Sequence[TrackRow]") -> Path:
    """Write tracks as a playlist file in the format of its ending (M3U8 when it has none) and return its path.

    Raises
    ------
    IndexerError
        When the file cannot be written.

    """
    if not path.name:
        raise IndexerError(f"{path} is a folder: name a file, playlist.m3u8")
    target = path if path.suffix else path.with_name(f"{path.name}.m3u8")
    lines = [
        Line(os.fsencode(row.path), f"{row.artist} - {row.title}" if row.artist else row.title, row.duration_seconds)
        for row in rows
    ]
    try:
        write_playlist(str(target), lines, name=target.stem)
    except OSError as error:
        raise IndexerError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _pool(session: "Session", seeds: "Sequence[int]", wanted: int, seed: int) -> "list[tuple[float, Hit]]":
    """Return candidates with their mean score to the seeds, jittered by the random seed, best first."""
    jitter = random.Random(seed)
    sums: defaultdict[int, float] = defaultdict(float)
    best: dict[int, Hit] = {}
    for track_id in seeds:
        for hit in similar(session, track_id, count=wanted * _CANDIDATES_PER_TRACK).hits:
            sums[hit.track.id] += (hit.score or 0.0) / len(seeds)
            best.setdefault(hit.track.id, hit)
    spread = _VARIANCE if seed else 0.0
    scored = [(sums[i] + jitter.uniform(-spread, spread), hit) for i, hit in sorted(best.items()) if i not in seeds]
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].track.id))


def _chosen(
    session: "Session",
    seeds: "Sequence[int]",
    pool: "list[tuple[float, Hit]]",
    goal: int,
    seconds: float | None,
    rules: _Rules,
) -> "list[TrackRow]":
    chosen = session.catalogue.rows(list(dict.fromkeys(seeds)))[:goal]
    left = _without_versions(chosen, [hit.track for _, hit in pool], rules)
    while left and len(chosen) < goal:
        track = _next(chosen, left, rules)
        left.remove(track)
        if seconds is not None and _length(chosen) + _length([track]) > seconds:
            if _length(chosen) + 60 > seconds:
                break
            continue
        chosen.append(track)
    return chosen


def _without_versions(chosen: "list[TrackRow]", pool: "list[TrackRow]", rules: _Rules) -> "list[TrackRow]":
    """Leave out what has artist and title of a seed or of a better candidate; unknown artists may share titles."""
    seen = {(fold(track.artist), fold(track.title)) for track in chosen if track.artist}
    left = []
    for track in pool:
        recording = (fold(track.artist), fold(track.title))
        if recording in seen:
            rules.versions += 1
            continue
        left.append(track)
        if track.artist:
            seen.add(recording)
    return left


def _next(chosen: "list[TrackRow]", left: "list[TrackRow]", rules: _Rules) -> "TrackRow":
    """Return the best candidate that keeps the rules; when none does, the best one, and count the exception."""
    counts = Counter(fold(track.artist) for track in chosen)
    for track in left:
        artist = fold(track.artist)
        if artist and chosen and artist == fold(chosen[-1].artist):
            rules.same_artist += 1
        elif artist and counts[artist] >= _ARTIST_CAP:
            rules.capped += 1
        else:
            return track
    rules.relaxed += 1
    return left[0]


def _items(session: "Session", chosen: "list[TrackRow]") -> tuple[PlaylistItem, ...]:
    """Give each track its score, with contributions, to the one before."""
    items: list[PlaylistItem] = []
    for before, track in zip([None, *chosen], chosen, strict=False):
        if before is None:
            items.append(PlaylistItem(Hit(track), None))
            continue
        named = session.contributions(session.point(before.id), [track.id], faders=None, hub=True)[0]
        items.append(PlaylistItem(Hit(track, total(named), None, named), total(named)))
    return tuple(items)


def _audit(
    session: "Session",
    seeds: "Sequence[int]",
    chosen: "list[TrackRow]",
    rules: _Rules,
    goal: int,
    seconds: float | None,
    seed: int,
) -> tuple[str, ...]:
    names = ", ".join(row.title for row in session.catalogue.rows(list(seeds)))
    minutes = _length(chosen) / 60
    lines = [
        f"starts from {names}",
        f"{len(chosen)} tracks, {minutes:.0f} min"
        + (f" of the {seconds / 60:.0f} min asked for" if seconds is not None else f" of the {goal} tracks asked for"),
        f"no artist twice in a row: {_put_off(rules.same_artist)}",
        f"at most {_ARTIST_CAP} tracks of an artist: {_put_off(rules.capped)}",
        f"no second version of a recording: {rules.versions or 'none'} left out",
        f"order number {seed}: near-ties are shuffled" if seed else "the nearest first, the same each time",
    ]
    if seconds is not None and _length(session.catalogue.rows(list(dict.fromkeys(seeds)))) > seconds:
        lines.append("what it starts from is longer by itself than asked for")
    if rules.relaxed:
        lines.append(f"relaxed {rules.relaxed} times: no track was left that kept all rules")
    return tuple(lines)


def _length(tracks: "Sequence[TrackRow]") -> float:
    return sum(track.duration_seconds or _TYPICAL_SECONDS for track in tracks)


def _put_off(times: int) -> str:
    return f"another came first {times} times" if times else "always kept"

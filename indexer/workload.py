"""Say how much work a run has before it: its steps, and how the tracks still to be heard differ."""

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from indexer.reading.excerpts import LEAST_SECONDS, MOST_SECONDS, PART, WHOLE_BELOW_SECONDS
from indexer.underway import Step

if TYPE_CHECKING:
    from indexer.storing.store import Store

SMALL = 1000
"""Up to so many tracks to hear, a run goes through its stages once; beyond, tags and graph answer before the sound."""
SAMPLE = 48
"""Tracks heard ahead of the others; their mean cost is within a tenth of the library's."""

_OPENING = 4.5
"""To open a file and to keep what was heard takes as long as to decode and describe so many seconds of sound."""
_SONG_SECONDS = 210.0
"""Where no length is known yet."""
_REPORTED_TRACKS, _PLACED_BESIDE = 10_000, 0.2
"""A fit is measured on so many tracks (indexer/report/material.py); to place one takes a fifth of what that takes."""
_UNCODED_TRACKS, _CODED_BESIDE = 5_000, 0.08
"""Beyond so many tracks the index grows by codes alone (docs/search.md), which cost less."""
_ALONE = 0.9
"""Of the texts with words of the sound, so many are those of one track alone, and new."""


def steps_ahead(store: "Store", *, unread: int = 0) -> list[Step]:
    """List what a run has to do after the tags; `unread` files more are about to be read."""
    one = store.connection.execute
    present = "FROM tracks t WHERE t.missing_since IS NULL"
    without = " AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = '{}')"
    tracks = one(f"SELECT count(*) {present}").fetchone()[0] + unread
    unheard = one(f"SELECT count(*) {present}{without.format('audio')}").fetchone()[0] + unread
    wordless = one(f"SELECT count(*) {present}{without.format('tags')}").fetchone()[0] + unread
    unseen = one(f"SELECT count(*) {present} AND NOT examined").fetchone()[0] + unread
    lyrics = one(
        f"SELECT count(DISTINCT lyrics_hash) {present} AND lyrics_hash IS NOT NULL{without.format('lyrics')}"
    ).fetchone()[0]
    length = one(f"SELECT avg(duration_seconds) {present}").fetchone()[0] or _SONG_SECONDS
    beginning = [Step("graph", tracks), Step("relations", tracks)]
    looking = [Step("looking closer", unseen), Step("looking at covers", unseen // 12), Step("reading lyrics", lyrics)]
    hearing = Step("listening", unheard, work=unheard * seconds_of_sound(length))
    end = [_last_placing(store, tracks), Step("search index", tracks, work=_indexing(tracks))]
    again = "reading words again"
    if unheard <= SMALL:
        words = Step("reading words", wordless, cost=again)
        return [*beginning, *looking[:1], hearing, *looking[1:], words, *end]
    sample = [Step("looking closer", SAMPLE), Step("listening", SAMPLE, work=SAMPLE * seconds_of_sound(length))]
    first = [*sample, Step("reading words", wordless), Step("joint space", tracks)]
    return [*beginning, *first, *looking, hearing, Step("reading words", int(_ALONE * unheard), cost=again), *end]


def steps_of_retry(store: "Store", files: int) -> list[Step]:
    """List what a run has to do that reads and hears so many files again, and no others."""
    tracks = store.connection.execute("SELECT count(*) FROM tracks WHERE missing_since IS NULL").fetchone()[0]
    heard = Step("listening", files, work=files * seconds_of_sound(_SONG_SECONDS))
    reading = [Step("reading tags", files), Step("graph", tracks), Step("relations", tracks)]
    hearing = [Step("looking closer", files), heard, Step("reading words", files, cost="reading words again")]
    return [*reading, *hearing, Step("joint space", tracks), Step("search index", tracks, work=_indexing(tracks))]


def _last_placing(store: "Store", tracks: int) -> Step:
    """Return the last step of a run, which tries a fit when the library grew by a fifth."""
    if tracks < 1.2 * (store.fact("refit_tried") or 0):
        return Step("joint space", tracks)
    return Step("joint space", tracks, cost="fitting", work=min(tracks, _REPORTED_TRACKS) + _PLACED_BESIDE * tracks)


def _indexing(tracks: int) -> float:
    return min(tracks, _UNCODED_TRACKS) + _CODED_BESIDE * tracks


def seconds_of_sound(duration_seconds: float) -> float:
    """Return the work of hearing a file of this length: seconds decoded (reading/excerpts.py), and what is beside."""
    whole = duration_seconds < WHOLE_BELOW_SECONDS
    return _OPENING + (duration_seconds if whole else min(max(PART * duration_seconds, LEAST_SECONDS), MOST_SECONDS))


def heard_so_far(store: "Store", stage: str) -> Sequence[float]:
    """Return the work of the first track of a stage, of the first two, of all, in the order in which they are taken.

    Empty for stages whose items are alike: all but "listening". Tracks whose length is not known yet are left out:
    before all were looked at closer, those that were stand for them.
    """
    if stage != "listening":
        return ()
    query = (
        "SELECT duration_seconds FROM tracks t WHERE missing_since IS NULL AND duration_seconds > 0 AND NOT EXISTS "
        "(SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = 'audio') "
        "ORDER BY sort_artist, sort_album, disc_number, track_number, sort_title, id"
    )
    return list(accumulate(seconds_of_sound(row[0]) for row in store.connection.execute(query)))

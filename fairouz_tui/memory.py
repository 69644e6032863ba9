"""Turn what is on the screen into what is remembered between runs, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fairouz_tui.sorting import KEYS, RANK
from fairouz_tui.state import State
from fairouz_tui.state import Step as Remembered
from fairouz_tui.steps import LIBRARY, Kind, Step, Trail
from indexer.exploring.answer import TrackRow

VERBS = {Kind.WORDS: "search", Kind.TRACK: "similar", Kind.MIX: "mix", Kind.PATH: "path"}
"""What a step is called in the state; the library, where every trail starts, is not written down."""
KINDS = {verb: kind for kind, verb in VERBS.items()}
FEWEST_STOPS = 2
Rows = Mapping[int, TrackRow]


def remembered(trail: Trail) -> tuple[Remembered, ...]:
    """Return the steps of a trail without their answers, which are asked for again."""
    return tuple(
        Remembered(
            VERBS[step.kind],
            step.text,
            step.track.id if step.track else None,
            step.cursor,
            step.order,
            tuple(row.id for row in step.tracks),
            tuple(row.id for row in step.less),
            step.whole,
        )
        for step in trail
        if step.kind in VERBS
    )


def recalled(state: State, rows: Rows) -> Trail:
    """Return the trail of an earlier run; steps whose track is gone are left out."""
    steps = [_step(kept, rows) for kept in state.trail]
    return (replace(LIBRARY, cursor=state.library_cursor), *(step for step in steps if step is not None))


def _step(kept: Remembered, rows: Rows) -> Step | None:
    """Return a remembered step, or None for one that nothing is left of to ask with."""
    kind = KINDS.get(kept.kind)
    if kind is None:
        return None
    track = rows.get(kept.track_id) if kept.track_id is not None else None
    tracks, less = _rows(kept.tracks, rows), _rows(kept.less, rows)
    asks = {
        Kind.WORDS: bool(kept.text),
        Kind.TRACK: track is not None,
        Kind.MIX: bool(tracks),
        Kind.PATH: len(tracks) >= FEWEST_STOPS,
    }
    if not asks[kind]:
        return None
    order = kept.order if kept.order in KEYS else RANK
    return Step(kind, kept.text, track, cursor=kept.cursor, order=order, tracks=tracks, less=less, whole=kept.whole)


def _rows(ids: Sequence[int], rows: Rows) -> tuple[TrackRow, ...]:
    return tuple(rows[track] for track in ids if track in rows)


def remembered_ids(state: State) -> list[int]:
    """Return the ids of all tracks that a state speaks of."""
    ids = [*state.playlist, *state.marks, state.screen_track]
    if state.heard is not None:
        ids += [state.heard.track_id, *state.heard.tracks]
    for step in state.trail:
        ids += [step.track_id, *step.tracks, *step.less]
    return [track for track in ids if track is not None]

"""Turn what is on the screen into what is remembered between runs, and back."""

from collections.abc import Mapping
from dataclasses import replace

from fairouz_tui.sorting import KEYS, RANK
from fairouz_tui.state import State
from fairouz_tui.state import Step as Remembered
from fairouz_tui.steps import LIBRARY, Kind, Step, Trail
from indexer.exploring.answer import TrackRow

VERBS = {Kind.WORDS: "search", Kind.TRACK: "similar"}
"""What a step is called in the state; the library, where every trail starts, is not written down."""


def remembered(trail: Trail) -> tuple[Remembered, ...]:
    """Return the steps of a trail without their answers, which are asked for again."""
    return tuple(
        Remembered(VERBS[step.kind], step.text, step.track.id if step.track else None, step.cursor, step.order)
        for step in trail
        if step.kind in VERBS
    )


def recalled(state: State, rows: Mapping[int, TrackRow]) -> Trail:
    """Return the trail of an earlier run; steps whose track is gone are left out."""
    trail: Trail = (replace(LIBRARY, cursor=state.library_cursor),)
    for step in state.trail:
        order = step.order if step.order in KEYS else RANK
        if step.kind == VERBS[Kind.WORDS] and step.text:
            trail = (*trail, Step(Kind.WORDS, step.text, cursor=step.cursor, order=order))
        elif step.kind == VERBS[Kind.TRACK] and step.track_id is not None and step.track_id in rows:
            trail = (*trail, Step(Kind.TRACK, track=rows[step.track_id], cursor=step.cursor, order=order))
    return trail


def remembered_ids(state: State) -> list[int]:
    """Return the ids of all tracks that a state speaks of."""
    ids = [step.track_id for step in state.trail] + [*state.playlist]
    return [track for track in ids if track is not None]

"""Hold where the reader has been: the steps of the trail."""

from dataclasses import dataclass, replace
from enum import StrEnum

from fairouz_tui.show import name_of, one_line
from fairouz_tui.sorting import RANK
from indexer.exploring.answer import Answer, TrackRow

LONGEST_TRAIL = 50
"""Steps kept; each holds at most a few hundred rows, and nobody walks further back."""


class Kind(StrEnum):
    """What a step shows."""

    LIBRARY = "library"
    WORDS = "words"
    TRACK = "track"


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the trail: the library, an answer to words, or what is like a track."""

    kind: Kind
    text: str = ""
    """The words asked for; "" for the other kinds."""
    track: TrackRow | None = None
    answer: Answer | None = None
    """None until it has been answered; a step from an earlier run is asked again when it is shown."""
    cursor: int = 0
    order: str = RANK
    """What its answer is sorted by."""

    @property
    def label(self) -> str:
        """Return the step's name on the trail, one safe line."""
        if self.kind is Kind.WORDS:
            return f"“{one_line(self.text)}”"
        if self.track is not None:
            return name_of(self.track.title, self.track.path)
        return "library"

    def asks_like(self, other: "Step") -> bool:
        """Return whether both ask the same, whatever they were answered."""
        mine, its = (self.track, other.track)
        same_track = (mine.id if mine else None) == (its.id if its else None)
        return self.kind is other.kind and self.text == other.text and same_track


LIBRARY = Step(Kind.LIBRARY)
Trail = tuple[Step, ...]
START: Trail = (LIBRARY,)


def pushed(trail: Trail, step: Step) -> Trail:
    """Return the trail with `step` at its end; words replace words, so that typing leaves one step, not twenty."""
    if step.kind is Kind.WORDS and trail[-1].kind is Kind.WORDS:
        trail = trail[:-1]
    return (*trail[:1], *trail[1:][-(LONGEST_TRAIL - 2) :], step)


def popped(trail: Trail) -> Trail:
    """Return the trail without its last step; the library always stays."""
    return trail[:-1] or START


def with_last(
    trail: Trail, *, answer: Answer | None = None, cursor: int | None = None, order: str | None = None
) -> Trail:
    """Return the trail with a new answer, cursor or order in its last step; what is None stays as it was."""
    last = trail[-1]
    cursor = last.cursor if cursor is None else cursor
    return (*trail[:-1], replace(last, answer=answer or last.answer, cursor=cursor, order=order or last.order))

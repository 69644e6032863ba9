"""Hold where the reader has been: the steps of the trail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fairouz_tui.show import clip, name_of, one_line
from fairouz_tui.sorting import RANK
from indexer.exploring.answer import Answer, TrackRow

LONGEST_TRAIL = 50
"""Steps kept; each holds at most a few hundred rows, and nobody walks further back."""
LONGEST_NAME = 18
"""Cells of one of several titles in a label."""
PLUS, MINUS, TO = " + ", " − ", " → "


class Kind(StrEnum):
    """What a step shows."""

    LIBRARY = "library"
    WORDS = "words"
    TRACK = "track"
    MIX = "mix"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Step:
    """One place on the trail: the library, an answer to words, what is like tracks, or the way between them."""

    kind: Kind
    text: str = ""
    """The words asked for; of TRACK and MIX the fields that narrow them; "" for the other kinds."""
    track: TrackRow | None = None
    answer: Answer | None = None
    """None until it has been answered; a step from an earlier run is asked again when it is shown."""
    cursor: int = 0
    order: str = RANK
    """What its answer is sorted by."""
    tracks: tuple[TrackRow, ...] = ()
    """What a MIX adds up, or the stops of a PATH."""
    less: tuple[TrackRow, ...] = ()
    """What a MIX takes away."""
    whole: bool = False
    """Whether the caps on artists and albums are lifted."""
    typed: bool = False
    """Whether its words were only looked up, as they were typed: meaning was not asked."""

    @property
    def label(self) -> str:
        """Return the step's name on the trail, one safe line."""
        match self.kind:
            case Kind.LIBRARY:
                return "library"
            case Kind.WORDS:
                return f"“{one_line(self.text)}”"
            case Kind.PATH:
                return _names(self.tracks, TO)
            case Kind.MIX:
                return _names(self.tracks, PLUS) + "".join(MINUS + _names([row], MINUS) for row in self.less) + self._in
            case _:
                return (name_of(self.track.title, self.track.path) if self.track is not None else "?") + self._in

    @property
    def _in(self) -> str:
        return f" · {one_line(self.text)}" if self.text else ""

    @property
    def narrows(self) -> bool:
        """Return whether fields narrow what it shows; a path leads where it leads."""
        return self.kind is not Kind.PATH

    def asks_like(self, other: "Step") -> bool:
        """Return whether both ask the same, whatever they were answered."""
        return self._question == other._question

    @property
    def _question(self) -> tuple[object, ...]:
        asked = (self.track, *self.tracks, None, *self.less)
        return self.kind, self.text, tuple(row.id if row is not None else None for row in asked)


def _names(rows: Sequence[TrackRow], between: str) -> str:
    return between.join(clip(name_of(row.title, row.path), LONGEST_NAME) for row in rows)


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
    trail: Trail,
    *,
    answer: Answer | None = None,
    cursor: int | None = None,
    order: str | None = None,
    whole: bool | None = None,
    typed: bool | None = None,
) -> Trail:
    """Return the trail with a new answer, cursor, order or without caps in its last step; None leaves what was."""
    last = trail[-1]
    return (
        *trail[:-1],
        replace(
            last,
            answer=answer or last.answer,
            cursor=last.cursor if cursor is None else cursor,
            order=order or last.order,
            whole=last.whole if whole is None else whole,
            typed=last.typed if typed is None else typed,
        ),
    )

"""Name what the workers tell the screen."""

from dataclasses import dataclass, field
from typing import Any

from textual.message import Message

from fairouz_tui.held_place import Moved
from fairouz_tui.picture import Picture
from fairouz_tui.steps import Step
from indexer.exploring.answer import Answer, Explanation, TrackRow


@dataclass
class PageRead(Message):
    """A page of the library is there; `generation` tells whether the list still wants it."""

    generation: int
    offset: int
    rows: list[TrackRow]


@dataclass
class Answered(Message):
    """A search or a "more like this" is answered; `ask` is the number of the question."""

    ask: int
    step: Step
    answer: Answer
    version: int | None = None
    """Of the library that it was asked of; None where nobody read it."""


@dataclass
class Explained(Message):
    """Why two tracks are close is known."""

    ask: int
    explanation: Explanation
    covers: tuple[Picture | None, Picture | None] = (None, None)
    whole: bool = True
    """False while the lyrics wait for the text model; the rest comes in a second message."""


@dataclass
class CardRead(Message):
    """Everything known about a track is there."""

    ask: int
    card: dict[str, Any] = field(default_factory=dict)
    cover: Picture | None = None


@dataclass
class LibraryRead(Message):
    """The library's size was read; `summary` is empty while there is no library yet."""

    version: int
    summary: dict[str, Any] = field(default_factory=dict)
    moved: Moved | None = None
    """Where the track under the cursor stands now; None where that is not known."""


@dataclass
class Recalled(Message):
    """The tracks that an earlier run left on the trail and in the playlist are there, by id."""

    rows: dict[int, TrackRow]


@dataclass
class Progressed(Message):
    """The indexing child reported how far it is; the fields of `indexer.pipeline.Progress`."""

    stage: str
    done: int
    total: int
    failed: int = 0
    note: str = ""
    seconds_left: float | None = None
    share: float | None = None
    step: int = 0
    steps: int = 0
    paused: bool = False

    def can_replace(self, message: Message) -> bool:
        """Let a newer report take the place of one not yet handled."""
        return isinstance(message, Progressed)


@dataclass
class IndexingEnded(Message):
    """The indexing child ended; `problem` is one line, "" when all went well."""

    problem: str = ""

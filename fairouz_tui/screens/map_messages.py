"""Carry what the workers of the map screen found; `side` is the id of a canvas, `ask` drops what is stale."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.maps.charts import Chart
    from indexer.maps.colours import Colours, Group


@dataclass
class Laying(Message):
    """A map is being laid out."""

    side: str
    ask: int
    share: float
    began: float | None = None
    """When (monotonic seconds); None where it is only asked for."""
    behind: str = ""
    """The source whose map is laid out first; the share is of that then."""

    def can_replace(self, message: Message) -> bool:
        """Let the newest share stand for those before it."""
        return isinstance(message, Laying) and message.side == self.side


@dataclass
class Laid(Message):
    """A map is there."""

    side: str
    ask: int
    chart: "Chart"
    by: str
    colours: "Colours"
    groups: "tuple[Group, ...]"
    sources: tuple[str, ...]
    """What else there are maps of."""
    version: int
    """Of the library that it shows."""
    meanwhile: bool = False
    """The one that was asked for is still being laid out."""


@dataclass
class Followed(Message):
    """The library changed: a map was brought up to it, or is to be laid out anew."""

    version: int
    laid: Laid | None
    """None where the map has been outgrown, or there was none."""
    side: str
    ask: int


@dataclass
class Coloured(Message):
    """A map that is there has other colours."""

    side: str
    chart: "Chart"
    by: str
    colours: "Colours"
    groups: "tuple[Group, ...]"


@dataclass
class Encircled(Message):
    """The tracks inside a lasso are known."""

    ids: "NDArray[np.int64]"


@dataclass
class Found(Message):
    """Words were looked up."""

    ask: int
    text: str
    ids: tuple[int, ...]
    """Best match first."""
    note: str = ""


@dataclass
class Read(Message):
    """The selected tracks were read."""

    rows: tuple[TrackRow, ...]

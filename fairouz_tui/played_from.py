"""Name what a track is played from, which says what is played after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.exploring.answer import TrackRow


@dataclass(frozen=True)
class Source:
    """What is played from: an answer's rows as they were, the library in its order, or else the playlist as it is."""

    rows: Sequence[TrackRow] = ()
    order: str = ""
    """That of the library; "" for the other two."""
    index: int = 0
    """Of the track that plays, among the rows or in the library."""

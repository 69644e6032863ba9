"""Fold the versions of a recording into the row of the best, and unfold them under it."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from indexer.exploring.answer import Hit


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an answer: a row, or one of its versions under it."""

    hit: Hit
    under: bool = False
    is_open: bool = False

    @property
    def versions(self) -> tuple[Hit, ...]:
        """Return what is folded into the line, or stands under it."""
        return () if self.under else self.hit.versions

    @property
    def ids(self) -> frozenset[int]:
        """Return the ids of the line's track and its versions."""
        return frozenset(hit.track.id for hit in (self.hit, *self.versions))

    @property
    def badge(self) -> str:
        """Return " +2" where two versions are folded into the line, " −2" where they stand under it, else ""."""
        return f" {'−' if self.is_open else '+'}{len(self.versions)}" if self.versions else ""


def unfolded(hits: Iterable[Hit], ids: AbstractSet[int]) -> Iterator[Line]:
    """Yield the lines of an answer; rows that hold a track of `ids` are open, their versions follow them."""
    for hit in hits:
        is_open = bool(hit.versions) and not ids.isdisjoint(Line(hit).ids)
        yield Line(hit, is_open=is_open)
        if is_open:
            yield from (Line(version, under=True) for version in hit.versions)


def folded(lines: Sequence[Line], index: int) -> int:
    """Return the place of the row that line `index` belongs to."""
    while lines[index].under:
        index -= 1
    return index

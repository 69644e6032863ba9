"""Keep the cursor on its track while an index run puts others above it in the library's list."""

from dataclasses import dataclass

from fairouz_tui.widgets.track_list import PAGE_ROWS, first_of_page
from indexer.catalogue import Catalogue
from indexer.exploring.answer import TrackRow


@dataclass(frozen=True, slots=True)
class Held:
    """A track of the library's list: the line it stands on, and the lines in sight with it."""

    track_id: int
    index: int
    order: str
    above: int = 0
    """Lines in sight over it."""
    lines: int = 0
    """All lines in sight; 0 while the list shows something else."""


@dataclass(frozen=True, slots=True)
class Moved:
    """By how many lines a held track has moved, and the rows around it as they are now, by the first row of a page."""

    held: Held
    lines: int
    pages: tuple[tuple[int, list[TrackRow]], ...] = ()


def moved(catalogue: Catalogue, held: Held) -> Moved | None:
    """Look where a held track stands now; None when it is gone. Some milliseconds in a library of 100,000 tracks."""
    index = catalogue.place(held.track_id, order=held.order)
    if index is None:
        return None
    top = max(index - held.above, 0)
    offsets = {first_of_page(row) for row in (top, top + held.lines - 1)} if held.lines else set()
    pages = tuple((offset, catalogue.window(offset, PAGE_ROWS, order=held.order)) for offset in sorted(offsets))
    return Moved(held, index - held.index, pages)

"""Say how the cells of a drawn map are marked."""

from dataclasses import dataclass

LETTERS = "ABCDEFGH"
"""Of the classes, one for each colour, where marks are letters."""
UNKNOWN = "·"
"""Of tracks without a class."""
CLASSES = 64
LIT, FADED, SELECTED = CLASSES, 2 * CLASSES, 4 * CLASSES
"""Bits over the class in a look; the class itself is counted from NOTHING, which is 0."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn window of a map."""

    lines: tuple[str, ...]
    looks: tuple[tuple[int, ...], ...]
    """Of each cell: its class + 2, 0 where nothing lies, with LIT, FADED and SELECTED."""

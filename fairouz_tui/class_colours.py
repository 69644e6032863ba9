"""Give classes a colour each that colour-blind eyes tell apart too."""

from collections.abc import Sequence

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#b8a800", "#9d7bd8")
"""Okabe and Ito (2008), without black and with yellow darkened, and a violet."""
FAINT = "#8a8a8a"
"""Of "other" and of what has no class."""


def colour_of(number: int, legend: Sequence[str]) -> str:
    """Return the colour of class `number`; -1 is none."""
    return FAINT if number < 0 or legend[number] == "other" else COLOURS[number % len(COLOURS)]

"""Colour what a window of a map shows: a style for each look of a cell."""

from typing import TYPE_CHECKING

from rich.color import Color as RichColor
from rich.style import Style

from indexer.maps.marks import CLASSES, FADED, LIT, SELECTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.maps.colours import Colours

FEW_COLOURS = ("blue", "yellow", "green", "red", "magenta", "cyan", "bright_yellow", "bright_magenta")
"""Of the classes, where there are sixteen colours."""


def colour_of(number: int, colours: "Colours", *, few: bool) -> str:
    """Return the colour of a class; of the terminal's own where there are `few`."""
    if few:
        return FEW_COLOURS[number] if 0 <= number < len(FEW_COLOURS) else "default"
    return colours.colour(number)


def style_of(look: int, colours: "Colours", components: "Mapping[str, Style]", *, few: bool) -> Style:
    """Return the style of a cell; `components` are those of the canvas: "faded", "lit" and "selected"."""
    number = look % CLASSES - 2
    style = Style(color=RichColor.parse(colour_of(number, colours, few=few))) if number > -2 else Style()
    if look & FADED:
        style += components["faded"]
    if look & LIT:
        style += components["lit"]
    return style + components["selected"] if look & SELECTED else style

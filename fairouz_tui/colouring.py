"""Draw with as many colours and lines as the settings say: the theme, and the filters over every line drawn."""

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.constants import TEXTUAL_ANIMATIONS
from textual.filter import LineFilter, Monochrome, NoColor

from fairouz_tui.config import Config
from fairouz_tui.theme import TERMINAL

FRAME_SIGNS = {code: " " for code in range(0x2500, 0x2580)}
"""Box drawing, which a screen reader reads out sign by sign; the block elements of bars are no part of it."""

FEW_COLOURS_CSS = """
LineList:ansi > .line-list--cursor { background: ansi_default; text-style: underline; }
LineList:ansi:focus > .line-list--cursor { background: ansi_default; text-style: reverse; }
LineList:ansi > .line-list--dim, LineList:ansi > .line-list--empty { text-style: none; }
*:ansi:focus { border-title-style: reverse bold !important; }
Input:ansi > .input--cursor { text-style: reverse; }
Input:ansi > .input--placeholder, Input:ansi > .input--suggestion { text-style: dim; }
Tooltip:ansi { background: ansi_default; border: round ansi_default; }
"""
"""Where a coloured ground would say where one is, a sign that needs no colour says it; over every widget's own."""


class NoFrames(LineFilter):
    """Draw blanks for lines and corners."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without the signs of frames."""
        return [Segment(text.translate(FRAME_SIGNS), style, control) for text, style, control in segments]


class PlainReverse(LineFilter):
    """Draw what is reversed in the terminal's two plain colours: a coloured dot would become a coloured block."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, those reversed without their colours."""
        return [
            Segment(text, style + NoColor.DEFAULT_COLORS if style and style.reverse else style, control)
            for text, style, control in segments
        ]


OURS = (Monochrome, NoColor, NoFrames, PlainReverse)


def colour(app: App[None], config: Config, *, few: bool = False) -> None:
    """Let an app draw as the settings say, from its next line on; `few` tells that the terminal has 16 colours."""
    colours = "16" if few and config.colours_shown == "full" else config.colours_shown
    app.no_color = colours == "none"
    filters: dict[str, list[LineFilter]] = {"16": [PlainReverse()], "none": [NoColor()]}
    frames: list[LineFilter] = [] if config.frames else [NoFrames()]
    kept = [one for one in app._filters if not isinstance(one, OURS)]
    app._filters[:] = [*kept, *filters.get(colours, []), *frames]
    app.animation_level = "none" if config.reduced_motion else TEXTUAL_ANIMATIONS
    wanted = config.theme if colours == "full" else TERMINAL.name
    if app.theme != wanted:
        app.theme = wanted


def redraw(app: App[None]) -> None:
    """Draw all screens anew: what a line filter does to a line is kept with the line."""
    app.refresh_css(animate=False)
    for screen in app.screen_stack:
        for widget in screen.walk_children(with_self=True):
            widget.refresh()

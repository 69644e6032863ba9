"""Decide how pictures are drawn: by the terminal's own graphics where it surely has them, else in half blocks.

The terminal is never asked: an answer that comes late, over a slow link, would be read as typed keys. What it says of
itself in the environment must do; whoever knows better sets `images`.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Graphics = Literal["kitty", "sixel", "half", "off"]
SETTINGS = ("auto", "kitty", "sixel", "half", "off")
KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
KITTY_WITH_PLACEHOLDERS = (0, 28)
"""The first kitty that draws pictures in place of private characters; before, these are drawn as boxes."""
SIXEL_TERMS = ("foot", "foot-extra", "mlterm", "contour", "yaft-256color")
SIXEL_PROGRAMS = ("WezTerm", "mintty")
MULTIPLEXERS = ("TMUX", "STY", "ZELLIJ")
"""Programs between us and the terminal, which let no graphics through."""


def graphics(setting: str, environment: Mapping[str, str] | None = None) -> Graphics:
    """Return how to draw for the setting `images`: one of SETTINGS; what is none of them is "auto"."""
    match setting:
        case "kitty" | "sixel" | "half" | "off":
            return setting
    return _known(os.environ if environment is None else environment)


def _known(environment: Mapping[str, str]) -> Graphics:
    """Return what the terminal has by its own word."""
    if any(name in environment for name in MULTIPLEXERS):
        return "half"
    term = environment.get("TERM", "")
    true_colour = environment.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    if true_colour and (term in KITTY_TERMS or "KITTY_WINDOW_ID" in environment):
        # its pictures are named by colours: with 256 of them the name is lost
        return "kitty" if _kitty_version(environment) >= KITTY_WITH_PLACEHOLDERS else "half"
    if term in SIXEL_TERMS or environment.get("TERM_PROGRAM") in SIXEL_PROGRAMS:
        return "sixel" if cell_pixels() is not None else "half"
    return "half"


def _kitty_version(environment: Mapping[str, str]) -> tuple[int, int]:
    """Return the version of the kitty that we run in, by its own files; where they do not say, a recent one.

    `kitty/constants.py` of its sources is installed by distributions; over ssh there is nothing to look at.
    """
    folder = environment.get("KITTY_INSTALLATION_DIR")
    if folder is None:
        return KITTY_WITH_PLACEHOLDERS
    try:
        source = Path(folder, "kitty", "constants.py").read_text("utf-8", "replace")
    except OSError:
        return KITTY_WITH_PLACEHOLDERS
    found = re.search(r"^version\b.*Version\((\d+), (\d+)", source, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else KITTY_WITH_PLACEHOLDERS


def cell_pixels() -> tuple[int, int] | None:
    """Return width and height of a cell in pixels where the system knows them; it is the system that is asked."""
    try:
        import fcntl
        import struct
        import termios

        answer = fcntl.ioctl(sys.__stderr__.fileno(), termios.TIOCGWINSZ, bytes(8))  # type: ignore[union-attr]
    except (ImportError, OSError, AttributeError, ValueError):
        return None
    lines, columns, width, height = struct.unpack("HHHH", answer)
    if not (lines and columns and width and height):
        return None
    return width // columns, height // lines

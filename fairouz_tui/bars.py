"""Draw numbers as block characters: small columns for a cell, long bars for a pane, sums that print exactly."""

from collections.abc import Mapping

COLUMNS = " ▁▂▃▄▅▆▇█"
"""Eighths of a cell from below."""
EIGHTHS = " ▏▎▍▌▋▊▉█"
"""Eighths of a cell from the left."""
NEGATIVE = "-"
FAINT = "·"
FAINT_SHARE = 1 / 32
"""Below this share of the largest a column would be invisible; a dot says "present, hardly counts"."""


def column(value: float | None, largest: float) -> str:
    """Return one character for `value` against `largest`: "" blank for None, "-" below zero, "·" for nearly nothing."""
    if value is None:
        return " "
    if largest <= 0 or abs(value) < largest * FAINT_SHARE:
        return FAINT
    if value < 0:
        return NEGATIVE
    return COLUMNS[min(8, max(1, round(value / largest * 8)))]


def bar(share: float, width: int) -> str:
    """Return a bar of `share` in [0, 1] of `width` cells, in eighths, padded; other shares are held to the ends."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    drawn = EIGHTHS[8] * full + (EIGHTHS[rest] if rest else "")
    return drawn.ljust(width)


def meter(share: float, width: int) -> str:
    """Return a progress meter "▓▓▓░░" of `width` cells."""
    filled = round(min(max(share, 0.0), 1.0) * width)
    return "▓" * filled + "░" * (width - filled)


def rounded_to_total(values: Mapping[str, float], *, digits: int = 3) -> tuple[dict[str, float], float]:
    """Return `values` and their sum rounded so that the printed parts add up to the printed total.

    Largest-remainder rounding: each part moves by less than one unit of its last digit. Empty gives ({}, 0.0).
    """
    unit = 10**digits
    total = round(sum(values.values()) * unit)
    floors = {name: int(value * unit // 1) for name, value in values.items()}
    left = total - sum(floors.values())
    by_remainder = sorted(values, key=lambda name: floors[name] - values[name] * unit)
    for name in by_remainder[:left]:
        floors[name] += 1
    return {name: count / unit for name, count in floors.items()}, total / unit

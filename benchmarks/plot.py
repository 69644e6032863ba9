"""Draw line plots as one SVG: panels of series over a logarithmic axis, readable on light and dark ground."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from pathlib import Path

Points = Sequence[tuple[float, float]]
"""What is drawn as one line: positive x, rising, and y."""
WIDTH, HEIGHT = 440, 300
"""Of a panel, in pixels."""
LEFT, RIGHT, TOP, BOTTOM = 52, 22, 46, 40
COLUMNS = 2
TICKS = 5
"""At most, of a linear axis."""
LIGHT, DARK = ("#0969da", "#bc4c00", "#1a7f37", "#8250df"), ("#4493f8", "#f0883e", "#3fb950", "#ab7df8")
"""Of the lines, in turn."""


def _colours(colours: Sequence[str]) -> str:
    return " ".join(f".s{k} polyline {{ stroke: {c} }} .s{k} circle {{ fill: {c} }}" for k, c in enumerate(colours))


STYLE = f"""
text {{ font: 12px system-ui, sans-serif; fill: #6e7681 }}
.title {{ font-weight: 600 }}
.grid {{ stroke: #8b949e; stroke-opacity: .3 }}
polyline {{ fill: none; stroke-width: 2 }}
{_colours(LIGHT)}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9198a1 }} .title {{ fill: #f0f6fc }}
{_colours(DARK)}
}}
"""


@dataclass(frozen=True)
class Panel:
    """One plot; its lines by name, at most four."""

    title: str
    lines: Mapping[str, Points]
    log_y: bool = False
    least_y: float = 0.0
    """Where a linear axis begins."""


class Axis:
    """Where values lie between two pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float, *, log: bool, least: float = 0.0) -> None:
        self._start, self._end, self._log = start, end, log
        if log:
            low, high = floor(log10(min(values)) + 1e-9), ceil(log10(max(values)) - 1e-9)
            self.ticks = [10.0**power for power in range(low, max(high, low + 1) + 1)]
        else:
            step = _step((max(values) - least or 1.0) / TICKS)
            self.ticks = [least + step * k for k in range(ceil((max(values) - least) / step - 1e-9) + 1)]

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        part = log10(value / low) / log10(high / low) if self._log else (value - low) / (high - low)
        return self._start + part * (self._end - self._start)


def _step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20 ... that is no less."""
    power = 10.0 ** floor(log10(least))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= least * (1 - 1e-9))


def shown(value: float) -> str:
    """Write a tick: 1000000 as 1M, 10000 as 10k."""
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:g}{name}"
    return f"{value:.6g}"


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for line in panel.lines.values() for point in line]
    x = Axis([point[0] for point in points], LEFT, WIDTH - RIGHT, log=True)
    ends = HEIGHT - BOTTOM, TOP
    y = Axis([point[1] for point in points], *ends, log=panel.log_y, least=panel.least_y)
    yield f'<text class="title" x="{LEFT}" y="16">{escape(panel.title)}</text>'
    for tick in x.ticks:
        yield f'<path class="grid" d="M{x(tick):.1f} {TOP}V{ends[0]}"/>'
        yield f'<text x="{x(tick):.1f}" y="{ends[0] + 18}" text-anchor="middle">{shown(tick)}</text>'
    for tick in y.ticks:
        yield f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{shown(tick)}</text>'
    yield f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">tracks</text>'
    along = LEFT
    for number, (name, line) in enumerate(panel.lines.items()):
        places = [(x(a), y(b)) for a, b in line]
        dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3"/>' for a, b in places)
        way = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        key = f'<circle cx="{along + 4}" cy="30" r="4"/><text x="{along + 12}" y="34">{escape(name)}</text>'
        yield f'<g class="s{number}"><polyline points="{way}"/>{dots}{key}</g>'
        along += 24 + 7 * len(name)


def draw(panels: Sequence[Panel]) -> str:
    """Return the SVG of the panels that have a point, two in a row; every y of a logarithmic one is above 0."""
    drawn = [panel for panel in panels if any(panel.lines.values())]
    size = f"{COLUMNS * WIDTH} {ceil(len(drawn) / COLUMNS) * HEIGHT}"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}"><style>{STYLE}</style>']
    for number, panel in enumerate(drawn):
        row, column = divmod(number, COLUMNS)
        parts += [f'<g transform="translate({column * WIDTH} {row * HEIGHT})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def write(panels: Sequence[Panel], file: Path) -> None:
    """Write the SVG."""
    file.write_text(draw(panels), encoding="utf-8")

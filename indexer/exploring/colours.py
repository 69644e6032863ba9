"""Tell which colours of two pictures look alike, by their Euclidean distance in CIELAB (CIE 1976; about 2 is seen)."""

import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE = 18.0
"""Two greens of one wood are this far apart, a green and a blue twice as far."""
_WHITE = (0.95047, 1.0, 1.08883)
"""D65."""


def alike(a: "Sequence[str]", b: "Sequence[str]") -> list[list[str]]:
    """Return pairs of one colour of each side ("#rrggbb") that look alike, the closest first, no colour twice."""
    pairs = sorted(
        (math.dist(lab(x), lab(y)), i, j) for (i, x), (j, y) in itertools.product(enumerate(a), enumerate(b))
    )
    found: list[list[str]] = []
    taken: set[tuple[str, int]] = set()
    for distance, i, j in pairs:
        if distance <= _ALIKE and not taken & {("a", i), ("b", j)}:
            taken |= {("a", i), ("b", j)}
            found.append([a[i], b[j]])
    return found


def lab(colour: str) -> tuple[float, float, float]:
    """Return L* of 0-100, a* and b* of an sRGB colour "#rrggbb"."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    x = 0.4124 * red + 0.3576 * green + 0.1805 * blue
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = 0.0193 * red + 0.1192 * green + 0.9505 * blue
    fx, fy, fz = (_cube_root(value / white) for value, white in zip((x, y, z), _WHITE, strict=True))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else float(((level + 0.055) / 1.055) ** 2.4)


def _cube_root(value: float) -> float:
    """Return the cube root, and a line near zero, where the root is too steep."""
    return float(value ** (1 / 3)) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29

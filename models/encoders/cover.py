"""Describe a cover picture by its colours, their layout and its texture, and name its dominant colours.

Everything is computed on the picture shrunk to 64 x 64 by averaging, so that size and JPEG quality hardly matter.
The three blocks weigh the same, and each is centred on a grey, plain picture: cosine then tells pictures apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLOCKS", "DIMENSIONS", "dominant_colours", "encode_cover"]

Pixels = NDArray[np.uint8]
Array = NDArray[np.float32]

SIDE = 64
GRID = 4
"""The layout is read in 4 x 4 cells, the texture too."""
LIGHTNESS_CENTRES = np.linspace(0.0, 100.0, 4)
CHROMA_CENTRES = np.linspace(-60.0, 60.0, 5)
"""Centres of the soft colour bins: L* of 0-100; a* and b* where most pictures lie, more counts as the outermost."""
ORIENTATIONS = 8
DIMENSIONS = 4 * 5 * 5 + GRID * GRID * 3 + GRID * GRID * ORIENTATIONS
BLOCKS: dict[str, slice] = {
    "colour": slice(0, 100),
    "layout": slice(100, 148),
    "texture": slice(148, DIMENSIONS),
}
"""Where each block lies in the vector."""
FLAT_GRADIENT = 8.0
"""Strength of an orientation in a cell of 256 pixels, in L*, under which texture is the codec's noise."""
COLOURS = 5
SMALLEST_SHARE = 0.05
"""A colour under a twentieth of the picture is not dominant."""


def encode_cover(image: Pixels) -> Array:
    """Encode an RGB picture, uint8 [shape=(height, width, 3)], as float32 of unit length [shape=(276,)].

    Any picture of a pixel or more has a vector. Raises ValueError for another shape or type.
    """
    lab = to_lab(shrink(image))
    blocks = (_colour(lab), _layout(lab), _texture(lab[..., 0]))
    vector = np.concatenate([block / max(float(np.linalg.norm(block)), 1e-6) for block in blocks])
    return (vector / max(float(np.linalg.norm(vector)), 1e-6)).astype(np.float32)


def dominant_colours(image: Pixels, *, most: int = COLOURS) -> tuple[str, ...]:
    """Name up to `most` colours as "#rrggbb", the most common first, each at least a twentieth of the picture.

    Pixels are counted in cells of 32 levels a channel; the neighbours of the fullest cell join it and their mean is
    named. The same picture always gives the same answer.
    """
    pixels = shrink(image).reshape(-1, 3)
    cells = (pixels // 32).astype(np.int64)
    free = np.ones(len(pixels), dtype=bool)
    found: list[str] = []
    while len(found) < most and free.any():
        numbers, counts = np.unique(cells[free] @ (64, 8, 1), return_counts=True)
        centre = np.array(np.unravel_index(numbers[np.argmax(counts)], (8, 8, 8)))
        near = free & (np.abs(cells - centre).max(axis=1) <= 1)
        if near.sum() < SMALLEST_SHARE * len(pixels):
            break
        found.append("#" + "".join(f"{round(float(level)):02x}" for level in pixels[near].mean(axis=0)))
        free &= ~near
    return tuple(found)


def shrink(image: Pixels) -> Array:
    """Average a picture down (or repeat it up) to float32 [shape=(64, 64, 3)], levels 0-255."""
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ValueError(f"a cover is uint8 [shape=(height, width, 3)], not {image.dtype} {image.shape}")
    down, across = (_averaging(size) for size in image.shape[:2])
    return np.asarray(np.einsum("ih,hwc,jw->ijc", down, image.astype(np.float32), across, optimize=True))


def _averaging(size: int) -> Array:
    """Make the matrix that averages `size` samples into 64 cells by overlap [shape=(64, size)]."""
    edges = np.linspace(0.0, size, SIDE + 1)
    start = np.arange(size)
    overlap = np.minimum(edges[1:, None], start + 1) - np.maximum(edges[:-1, None], start)
    weights = np.maximum(overlap, 0.0)
    return np.asarray((weights / weights.sum(axis=1, keepdims=True)).astype(np.float32))


_RGB_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""sRGB primaries, D65 white (IEC 61966-2-1)."""


def to_lab(levels: Array) -> Array:
    """Convert sRGB levels 0-255 [shape=(..., 3)] to CIE L*a*b* under D65, float32: L* 0-100, a* and b* about +-100."""
    part = levels / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    relative = linear @ _RGB_TO_XYZ.T / _RGB_TO_XYZ.sum(axis=1)
    root = np.where(relative > (6 / 29) ** 3, np.cbrt(relative), relative / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1).astype(np.float32)


def _colour(lab: Array) -> Array:
    """Give the square root of the soft colour histogram less a uniform one [shape=(100,)]."""
    flat = lab.reshape(-1, 3)
    lightness, red, blue = (
        _soft(flat[:, axis], centres)
        for axis, centres in enumerate((LIGHTNESS_CENTRES, CHROMA_CENTRES, CHROMA_CENTRES))
    )
    histogram = np.einsum("nl,na,nb->lab", lightness, red, blue, optimize=True).ravel() / len(flat)
    return np.asarray(np.sqrt(histogram) - np.sqrt(1 / histogram.size))


def _soft(values: Array, centres: NDArray[np.float64]) -> Array:
    """Share each value between its two nearest centres, linearly [shape=(n, centres)]."""
    step = centres[1] - centres[0]
    clipped = values.clip(centres[0], centres[-1])
    return np.asarray(np.maximum(1 - np.abs(clipped[:, None] - centres) / step, 0).astype(np.float32))


def _layout(lab: Array) -> Array:
    """Give the mean colour of each cell less a middle grey [shape=(48,)]."""
    cells = _cells(lab).mean(axis=(1, 3))
    return np.asarray((cells - (50.0, 0.0, 0.0)).astype(np.float32).ravel())


def _texture(lightness: Array) -> Array:
    """Give the orientations of the edges in each cell, by strength [shape=(128,)]; 0 in a plain picture."""
    down, across = np.gradient(lightness)
    strength = np.hypot(down, across)
    angle = np.arctan2(down, across) % np.pi / np.pi * ORIENTATIONS
    low = np.floor(angle)
    part = angle - low
    votes = np.zeros((SIDE, SIDE, ORIENTATIONS), dtype=np.float32)
    row, column = np.indices(lightness.shape)
    np.add.at(votes, (row, column, low.astype(int) % ORIENTATIONS), strength * (1 - part))
    np.add.at(votes, (row, column, (low.astype(int) + 1) % ORIENTATIONS), strength * part)
    return np.asarray(np.sqrt(np.maximum(_cells(votes).sum(axis=(1, 3)) - FLAT_GRADIENT, 0.0)).ravel())


def _cells(picture: Array) -> Array:
    """Cut a picture into the grid [shape=(4, 16, 4, 16, channels)]."""
    size = SIDE // GRID
    return picture.reshape(GRID, size, GRID, size, -1)

"""Draw the demo library's covers: abstract, and alike for one artist."""

import io
import zlib

import numpy as np

COVER_PIXELS = 480
"""Side of a cover."""
PALETTE_TURNS = (0, 15, 110, 140)
"""Hues of a palette as turns from its first, of 256: the ground, a neighbour and two against it."""


def draw_cover(artist: str, *, title: str, seed: int = 0) -> bytes:
    """Draw an abstract square picture as JPEG: the artist decides the colours, the title the shapes."""
    from PIL import Image, ImageDraw

    colours = np.random.default_rng(zlib.crc32(f"{seed}/{artist}".encode()))
    shapes = np.random.default_rng(zlib.crc32(f"{seed}/{artist}/{title}".encode()))
    hue = colours.integers(0, 256)
    palette = [
        (int(hue + turn) % 256, int(colours.integers(90, 220)), int(colours.integers(60, 250)))
        for turn in PALETTE_TURNS
    ]
    image = Image.new("HSV", (COVER_PIXELS, COVER_PIXELS), palette[0])
    pen = ImageDraw.Draw(image)
    for _ in range(int(shapes.integers(4, 9))):
        x, y, size = (int(value) for value in shapes.integers((0, 0, 60), (COVER_PIXELS, COVER_PIXELS, 260)))
        draw = (pen.ellipse, pen.rectangle)[int(shapes.integers(2))]
        draw((x - size // 2, y - size // 2, x + size // 2, y + size // 2), fill=palette[int(shapes.integers(1, 4))])
    jpeg = io.BytesIO()
    image.convert("RGB").save(jpeg, "JPEG", quality=88)
    return jpeg.getvalue()

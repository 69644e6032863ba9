"""Turn a cover's thumbnail into half blocks: two pixels a cell, colours only, for any terminal."""

from dataclasses import dataclass, field
from functools import lru_cache

UPPER_HALF = "▀"


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture; `cells` has one row of (upper colour, lower colour) a line, each "#rrggbb"."""

    cells: tuple[tuple[tuple[str, str], ...], ...]
    data: bytes = field(default=b"", repr=False)
    """The JPEG it was made of, for other sizes and for terminals that draw pixels; b"" for a picture of our own."""

    @property
    def columns(self) -> int:
        """Return the width in cells."""
        return len(self.cells[0]) if self.cells else 0

    def halved(self) -> "Picture":
        """Return every second cell of every second line."""
        return Picture(tuple(line[::2] for line in self.cells[::2]), self.data)

    def at(self, columns: int) -> "Picture":
        """Return the same picture `columns` wide; one that has no JPEG stays as it is."""
        return (picture_of(self.data, columns=columns) if self.data else None) or self


@lru_cache(maxsize=64)
def picture_of(thumbnail: bytes | None, *, columns: int = 20) -> Picture | None:
    """Return the JPEG as half blocks, `columns` wide and at most half as many lines; None for no or broken bytes.

    Decodes a picture of at most 256 pixels a side (a millisecond); call it in a worker all the same.
    """
    if not thumbnail:
        return None
    from io import BytesIO

    from PIL import Image, UnidentifiedImageError

    columns = max(columns - columns % 2, 2)
    try:
        with Image.open(BytesIO(thumbnail)) as image:
            small = image.convert("RGB").resize((columns, columns), Image.Resampling.BOX)
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    pixels = small.tobytes()

    def colour(x: int, y: int) -> str:
        at = (y * columns + x) * 3
        return f"#{pixels[at : at + 3].hex()}"

    rows = range(0, columns - 1, 2)
    cells = tuple(tuple((colour(x, y), colour(x, y + 1)) for x in range(columns)) for y in rows)
    return Picture(cells, thumbnail)

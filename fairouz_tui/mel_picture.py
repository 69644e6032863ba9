"""Colour a log-mel spectrogram: time to the right, low tones below, loud is bright."""

from functools import cache
from typing import TYPE_CHECKING

from fairouz_tui.picture import Picture
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from indexer.exploring.mel import Mel

MAGMA = ("#000004", "#1c1044", "#4f127b", "#812581", "#b5367a", "#e55064", "#fb8761", "#fec287", "#fcfdbf")
"""Evenly spaced in lightness, and told apart by eyes that see no red or green (van der Walt and Smith, 2015)."""
LEVELS = 256


@cache
def palette() -> tuple[str, ...]:
    """Return the colour of each level of 0 to 255."""
    stops = [tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in MAGMA]
    colours = []
    for level in range(LEVELS):
        place = level / (LEVELS - 1) * (len(stops) - 1)
        low = min(int(place), len(stops) - 2)
        mixed = (round(a + (b - a) * (place - low)) for a, b in zip(stops[low], stops[low + 1], strict=True))
        colours.append("#" + "".join(f"{channel:02x}" for channel in mixed))
    return tuple(colours)


def mel_picture(bands: tuple[bytes, ...], *, columns: int, lines: int) -> Picture:
    """Draw bands of levels, lowest first, into `columns` x `lines` cells, two rows of colours a line."""
    if not bands or not bands[0]:
        return Picture(())
    rows = [_averaged_rows(bands, row, 2 * lines, columns) for row in range(2 * lines)]
    rows.reverse()
    return Picture(tuple(tuple(zip(rows[2 * line], rows[2 * line + 1], strict=True)) for line in range(lines)))


def _averaged_rows(bands: tuple[bytes, ...], row: int, rows: int, columns: int) -> tuple[str, ...]:
    """Average the bands that fall into a row, and the moments that fall into each of its columns."""
    low = row * len(bands) // rows
    own = bands[low : max((row + 1) * len(bands) // rows, low + 1)]
    frames = len(bands[0])
    colours = []
    for column in range(columns):
        first = column * frames // columns
        last = max((column + 1) * frames // columns, first + 1)
        total = sum(sum(band[first:last]) for band in own)
        colours.append(palette()[total // (len(own) * (last - first))])
    return tuple(colours)


class Sounds:
    """The pictured sounds of a run by file; each is decoded once."""

    def __init__(self) -> None:
        self._known: dict[str, Mel | str] = {}

    def get(self, row: TrackRow) -> "Mel | str | None":
        """Return a track's sound, or why there is none; None before it was read."""
        return self._known.get(row.path)

    def read(self, row: TrackRow, *, highlight_seconds: float | None) -> None:
        """Decode a track's file, if it was not yet; for a worker."""
        from indexer.errors import ReadError
        from indexer.exploring.mel import mel_of

        if row.path in self._known:
            return
        try:
            self._known[row.path] = mel_of(row.path, highlight_seconds=highlight_seconds)
        except ReadError as error:
            self._known[row.path] = error.reason

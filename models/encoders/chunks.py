"""Cut long texts into pieces that a model reads whole, and average what it makes of the pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


def pieces(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int | None], *, most: int) -> list[str]:
    """Cut a text at its `borders` into pieces without blanks at their ends."""
    cuts = borders(text, offsets, words, most=most)
    cut = [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [piece for piece in cut if piece]


def borders(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int | None], *, most: int) -> list[int]:
    """Choose the characters before which `text` is cut, rising, given its tokens' offsets and words.

    Each piece has at most `most` tokens and ends at the last line border in reach, else at the last word border.
    """
    cuts: list[int] = []
    first = 0
    while first + most < len(offsets):
        reach = range(first + most, first, -1)
        lines = (i for i in reach if "\n" in text[offsets[i - 1][1] : offsets[i][0]])
        whole = (i for i in reach if words[i] != words[i - 1])
        first = next(lines, None) or next(whole, reach[0])
        cuts.append(offsets[first][0])
    return cuts


def averaged(
    chunks: Sequence[Sequence[str]], encode: Callable[[Sequence[str]], NDArray[np.float32]], *, dimension: int
) -> NDArray[np.float32]:
    """Average what `encode` makes of the chunks of each text by their length: float32 [texts, dimension], unit rows.

    A text without chunks gives a zero row.
    """
    flat = [(row, chunk) for row, cut in enumerate(chunks) for chunk in cut]
    sums = np.zeros((len(chunks), dimension))
    if flat:
        rows, texts = zip(*flat, strict=True)
        lengths = np.array([[len(text)] for text in texts])
        np.add.at(sums, np.array(rows), encode(texts) * lengths)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0).astype(np.float32)
    return unit

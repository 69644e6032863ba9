"""Make a cover fit for the models that look at its centre: checked, and no strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

LONGEST = 4
"""Edges: the models resize by the shorter one and crop the centre; a longer strip would first grow to gigabytes."""


def picture(image: NDArray[np.uint8]) -> Image:
    """Return an RGB image, uint8 [h, w, 3], for PIL; of one more than four times as long as wide, the middle.

    Raises ModelError for an array of another shape or type, or without pixels.
    """
    from PIL import Image

    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ModelError(f"a cover must be uint8 [h, w, 3], not {image.dtype} {image.shape}")
    kept = LONGEST * min(image.shape[:2])
    top, left = (max(0, (edge - kept) // 2) for edge in image.shape[:2])
    return Image.fromarray(np.ascontiguousarray(image[top : top + kept, left : left + kept]))

"""Turn a query into the vector that `text.TextEncoder` gives it, in one thread and a quarter of a second's start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.encoders.text import TextEncoder, model_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class QueryEncoder(TextEncoder):
    """all-MiniLM-L6-v2 for a few texts."""

    def __init__(self) -> None:
        """Map the weights and load the tokenizer; raises ModelError as `model_path` does.

        The weights' size is checked and not their hash. One thread: on matrices this small a second one only waits.
        """
        self._load(model_path(), threads=1)

    def encode_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts of any length as those of the library were: this model has no prompts, so `encode` does."""
        return self.encode(texts)

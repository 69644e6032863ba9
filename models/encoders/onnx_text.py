"""Turn a query into the vector that `hub_text.HubTextEncoder` gives it, in one thread and without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.encoders.hub_text import HubTextEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from models.encoders.known import KnownEncoder


class OnnxTextEncoder:
    """A fetched text model for a few texts: no torch once its graph is there."""

    def __init__(self, directory: Path, known: KnownEncoder) -> None:
        """Load the model; raises ModelError as `HubTextEncoder` does."""
        self._model = HubTextEncoder(directory, known, threads=1)
        self.encoder = self._model.encoder
        self.dimension = self._model.dimension
        self.notes = self._model.notes

    def readable(self, text: str) -> str | None:
        """Return `text` if the model knows the script of most of its letters, else None."""
        return self._model.readable(text)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode what is searched for, with the prompt that the model wants before it: float32 [n, d], unit rows."""
        return self._model.encode_queries(texts)

    def encode_whole(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts of any length as those of the library were: float32 [n, d], unit rows."""
        return self._model.encode(texts)

"""Turn texts of any length into vectors: prompt, chunks, tokens, vectors, average; what computes them is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from models.encoders.chunks import averaged
from models.encoders.scripts import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from models.encoders.known import KnownEncoder
    from models.encoders.tokens import Tokens


class Computer(Protocol):
    """What turns token ids into vectors."""

    def vectors(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Encode token ids to float32 [n, dimension], unit rows."""
        ...


class TextModel:
    """A text model in memory."""

    def __init__(self, known: KnownEncoder, *, revision: str, tokens: Tokens, computer: Computer) -> None:
        self.encoder = f"{known.name}@{revision}"
        self.dimension = known.dimension
        self.tokens = tokens
        self._known = known
        self._computer = computer

    def readable(self, text: str) -> str | None:
        """Return `text` if the model knows the script of most of its letters, else None."""
        return readable(text, self._known.scripts)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that are stored and compared with each other: float32 [n, dimension], unit rows.

        A text longer than the model reads is cut into chunks, whose vectors are averaged by their length. A blank
        text gives a zero row, no texts give [0, dimension]. Ask `readable` first: text in a script that the model
        does not know gives a vector that means nothing. Hand over hundreds at once: texts of one length are computed
        together.
        """
        return self._encode(texts, self._known.passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that are searched for: as `encode`, with the prompt that the model's card asks for."""
        return self._encode(texts, self._known.query_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        def vectors(chunks: Sequence[str]) -> NDArray[np.float32]:
            return self._computer.vectors(self.tokens.ids([prompt + chunk for chunk in chunks]))

        chunks = [self.tokens.chunks(text, prompt=prompt) for text in texts]
        return averaged(chunks, vectors, dimension=self.dimension)

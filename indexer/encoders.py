"""Choose the encoder of each modality; the one place where the heavy ones are loaded, once, when first used."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from indexer.errors import IndexerError
from models.encoders.cover import encode_cover
from models.encoders.names import COVER_ENCODER
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from models.encoders.query_text import QueryEncoder
    from models.encoders.text import TextEncoder


class CoverEncoder(Protocol):
    """What turns pictures into vectors."""

    encoder: str

    def encode(self, images: "Sequence[NDArray[np.uint8]]") -> "NDArray[np.float32]":
        """Encode RGB images, uint8 [h, w, 3], to float32 [n, d]."""
        ...


class OwnCoverEncoder:
    """The colour, layout and texture descriptor, as a CoverEncoder."""

    encoder = COVER_ENCODER

    def encode(self, images: "Sequence[NDArray[np.uint8]]") -> "NDArray[np.float32]":
        """Encode RGB images, uint8 [h, w, 3], to float32 [n, d]; at least one."""
        import numpy as np

        return np.stack([encode_cover(image) for image in images])


@cache
def text_encoder() -> "TextEncoder":
    """Load the text encoder; some seconds the first time in a process."""
    from models.encoders.text import TextEncoder

    return TextEncoder()


@cache
def query_encoder() -> "QueryEncoder":
    """Load the text encoder for a few short texts: the same vectors, without torch."""
    from models.encoders.query_text import QueryEncoder

    return QueryEncoder()


@cache
def cover_encoder(directory: str | None = None) -> CoverEncoder:
    """Return the cover encoder: our own descriptor, or the OpenCLIP model that lies in `directory`.

    Raises
    ------
    IndexerError
        When no such model lies there.

    """
    if directory is None:
        return OwnCoverEncoder()
    from models.encoders.open_clip import OpenClipEncoder

    try:
        return OpenClipEncoder(Path(directory))
    except ModelError as error:
        cure = "give another folder with --cover-model DIR, or go back to our own encoder with --cover-model none"
        raise IndexerError(f"{error}; {cure}") from error

"""Choose what turns words into vectors: for a library what it was told to use, for a question what made its vectors.

The two differ while an encoder is being exchanged, and where its files are gone.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from indexer.encoders.folder import checked, encoder_id, find_known
from indexer.encoders.processor import processor
from indexer.encoders.profiles import chosen, models_folder
from indexer.errors import IndexerError
from models.encoders.known import scripts_of
from models.encoders.names import TEXT_ENCODER
from models.errors import ModelError
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from indexer.encoders.profiles import Facts
    from models.joint.additive import Space


__all__ = [
    "QueryEncoder",
    "TextEncoder",
    "asked_encoder",
    "query_encoder",
    "query_reader",
    "scripts_of",
    "text_encoder",
]


class TextEncoder(Protocol):
    """What turns the words of a library into vectors."""

    encoder: str
    """name@revision."""

    def encode(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Encode texts of any length to float32 [n, d], unit rows; a blank text gives a zero row."""
        ...


class QueryEncoder(Protocol):
    """What turns a few texts into the same vectors, without torch."""

    encoder: str

    def encode(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Encode what is searched for, with the prompt that the model wants before it: float32 [n, d], unit rows."""
        ...

    def encode_whole(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Encode texts of any length as those of the library were."""
        ...


class Asked(Protocol):
    """A session: the space in use and the library that it belongs to."""

    @property
    def catalogue(self) -> "Facts":
        """Return the library."""
        ...

    @property
    def space(self) -> "Space":
        """Return the space in use."""
        ...

    @property
    def connection(self) -> "sqlite3.Connection":
        """Return this thread's connection."""
        ...


def text_encoder(library: "Facts | None" = None) -> TextEncoder:
    """Load the text encoder that a library was told to use; the embedded one where it was told nothing.

    Raises
    ------
    IndexerError
        When its files are not here, not as pinned, or cannot be loaded.

    """
    choice = chosen(library, "text") if library is not None else None
    return _own() if choice is None else _hub(choice.folder(), choice.encoder.name, choice.id)


@cache
def _own() -> TextEncoder:
    from models.encoders.text import TextEncoder as Own

    return Own()


@cache
def _hub(folder: Path, name: str, revision: str) -> TextEncoder:
    """Load a fetched model; `revision` only tells one state of the folder from another."""
    from models.encoders.hub_text import HubTextEncoder

    try:
        return HubTextEncoder(folder, find_known(name), device=processor())
    except ModelError as error:
        raise IndexerError(str(error)) from error


@cache
def query_encoder(encoder: str = TEXT_ENCODER, models: Path | None = None) -> QueryEncoder:
    """Load a text encoder, by its id, for a few texts: the same vectors, without torch.

    `models` is the folder of models, for any but the embedded one.

    Raises
    ------
    IndexerError
        When its files are not here, not as pinned, of another revision than the id says, or cannot be loaded.

    """
    if encoder == TEXT_ENCODER or models is None:
        from models.encoders.query_text import QueryEncoder as Own

        return Own()
    return _quick(models, encoder)


def _quick(models: Path, encoder: str) -> QueryEncoder:
    found = find_known(encoder)
    folder = checked(models, found)
    here = encoder_id(models, found)
    if here != encoder:
        raise IndexerError(f"the library was read by {encoder}, in {models} is {here}: run `fairouz-tui index` again")
    from models.encoders.onnx_text import OnnxTextEncoder

    try:
        return OnnxTextEncoder(folder, found)
    except ModelError as error:
        raise IndexerError(str(error)) from error


def query_reader(session: Asked) -> QueryEncoder:
    """Return the text encoder whose vectors the space in use reads, for questions; raises as `query_encoder` does."""
    encoder = asked_encoder(session)
    if encoder == TEXT_ENCODER:
        return query_encoder()
    return query_encoder(encoder, models_folder(session.catalogue))


def asked_encoder(session: Asked) -> str:
    """Return the id of the text encoder whose vectors the space in use reads.

    The embedded one where it reads no text that the library has: then a text finds nothing by meaning either way.
    """
    from indexer.storing.vectors import encoder_read_by

    for m in (Modality.TAGS, Modality.LYRICS):
        found = encoder_read_by(session.connection, m, session.space.heads.get(m))
        if found:
            return found
    return TEXT_ENCODER

"""Choose what turns covers into vectors: our own descriptor, a fetched model, or an OpenCLIP model in any folder."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from indexer.encoders.folder import checked, encoder_id, find_known
from indexer.encoders.processor import processor
from indexer.encoders.profiles import chosen, models_folder
from indexer.errors import IndexerError
from models.encoders.known import known
from models.encoders.names import COVER_ENCODER
from models.errors import ModelError
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from indexer.encoders.profiles import Facts
    from indexer.encoders.text import Asked


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

        from models.encoders.cover import encode_cover

        return np.stack([encode_cover(image) for image in images])


def library_cover_encoder(library: "Facts") -> CoverEncoder:
    """Load the cover encoder that a library was told to use; ours where it was told nothing.

    Raises
    ------
    IndexerError
        When its files are not here, not as pinned, or cannot be loaded.

    """
    choice = chosen(library, "cover")
    if library.fact("cover_model") or choice is None:
        return cover_encoder(library.fact("cover_model"))
    return _known(choice.folder(), choice.encoder.name, choice.id)


def cover_reader(session: "Asked") -> CoverEncoder:
    """Load the cover encoder whose vectors the space in use reads, which a library that is being switched still uses.

    Raises IndexerError as `library_cover_encoder` does.
    """
    from indexer.storing.vectors import encoder_read_by

    used = encoder_read_by(session.connection, Modality.COVER, session.space.heads.get(Modality.COVER))
    if used == COVER_ENCODER:
        return cover_encoder()
    if known(used) is None:
        return library_cover_encoder(session.catalogue)
    models, found = models_folder(session.catalogue), find_known(used)
    return _known(checked(models, found), found.name, encoder_id(models, found))


@cache
def _known(folder: Path, name: str, revision: str) -> CoverEncoder:
    """Load a fetched model; `revision` only tells one state of the folder from another."""
    encoder = find_known(name)
    try:
        if encoder.kind == "dinov2":
            from models.encoders.dinov2 import DinoV2Encoder

            return DinoV2Encoder(folder, encoder, device=processor())
        from models.encoders.open_clip import OpenClipEncoder

        return OpenClipEncoder(folder, encoder, device=processor())
    except ModelError as error:
        raise IndexerError(str(error)) from error


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
        return OpenClipEncoder(Path(directory), device=processor())
    except ModelError as error:
        cure = "give another folder with --cover-model DIR, or go back to our own encoder with --cover-model none"
        raise IndexerError(f"{error}; {cure}") from error

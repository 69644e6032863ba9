"""Choose what turns sound into vectors beside our own descriptor, and make in the workers what it looks at.

Workers decode and compute pictures of the sound in numpy; the main process alone holds the model. What can be said of
the sound in words always comes from our own analysis.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from indexer.encoders.folder import checked, encoder_id, find_known
from indexer.encoders.processor import processor
from indexer.encoders.profiles import chosen, models_folder
from indexer.errors import IndexerError, ReadError
from models.encoders.known import known
from models.encoders.names import AUDIO_ENCODER
from models.errors import ModelError
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from indexer.encoders.profiles import Facts
    from indexer.encoders.text import Asked
    from models.encoders.known import Kind

    Pictures = NDArray[np.float32]


class AudioEncoder(Protocol):
    """What turns the pictures of sounds into vectors."""

    encoder: str
    """name@revision."""

    def encode(self, features: "Sequence[Pictures]") -> "NDArray[np.float32]":
        """Encode the pictures of each track, float32 [pictures, ...], to float32 [tracks, d], unit rows."""
        ...


class DescribingEncoder(AudioEncoder, Protocol):
    """What puts words about sound where the sound would be."""

    def encode_text(self, texts: "Sequence[str]") -> "NDArray[np.float32]":
        """Encode descriptions of sound to float32 [n, d], unit rows, to be compared with those of sounds."""
        ...


def audio_encoder(library: "Facts") -> AudioEncoder | None:
    """Load the audio encoder that a library was told to use; None where that is our own descriptor.

    Raises
    ------
    IndexerError
        When its files are not here, not as pinned, or cannot be loaded.

    """
    choice = chosen(library, "audio")
    return None if choice is None else _known(choice.folder(), choice.encoder.name, choice.id)


def audio_id(library: "Facts") -> str:
    """Return the id of the audio encoder that a library was told to use, without loading it.

    Raises IndexerError where it never was here.
    """
    choice = chosen(library, "audio")
    return AUDIO_ENCODER if choice is None else choice.id


def describing_encoder(session: "Asked") -> DescribingEncoder | None:
    """Load the audio encoder whose vectors the space in use reads, where it understands words about sound; else None.

    Raises IndexerError as `audio_encoder` does, and where another revision made the library's vectors.
    """
    from indexer.storing.vectors import encoder_read_by

    used = encoder_read_by(session.connection, Modality.AUDIO, session.space.heads.get(Modality.AUDIO))
    found = known(used) if used else None
    if found is None or found.kind != "clap":
        return None
    models = models_folder(session.catalogue)
    folder, here = checked(models, found), encoder_id(models, found)
    if here != used:
        raise IndexerError(f"the library was heard by {used}, in {models} is {here}: run `fairouz-tui index` again")
    return _clap(folder, found.name, here)


def outside_sound(session: "Asked", path: str) -> "tuple[str, NDArray[np.float32]] | None":
    """Encode the sound of a file outside the library as the library's was, with the encoder's id; None for our own.

    Raises IndexerError as `audio_encoder` does, ReadError where the file has no sound.
    """
    from indexer.storing.vectors import encoder_read_by

    used = encoder_read_by(session.connection, Modality.AUDIO, session.space.heads.get(Modality.AUDIO))
    if known(used) is None:
        return None
    models, found = models_folder(session.catalogue), find_known(used)
    encoder = _known(checked(models, found), found.name, encoder_id(models, found))
    try:
        return encoder.encoder, encoder.encode([pictures(path, found.kind)])[0]
    except ModelError as error:
        raise IndexerError(str(error)) from error


def pictures(path: str, kind: "Kind") -> "Pictures":
    """Decode the excerpts of a file and make what an encoder of this kind looks at; for a worker process, no torch.

    Raises ReadError as `read_excerpts` does.
    """
    from importlib import import_module

    from indexer.reading.audio import decode_excerpts

    front_end = import_module(f"models.encoders.{kind}_features")
    signals = decode_excerpts(path, sample_rate=front_end.SAMPLE_RATE)
    try:
        made: Pictures = front_end.features(signals)
    except ValueError as error:
        raise ReadError(path, f"the sound cannot be encoded ({error})") from error
    return made


def kind_of(encoder: AudioEncoder) -> "Kind":
    """Return which pictures an encoder looks at, for `pictures`."""
    return find_known(encoder.encoder).kind


@cache
def _known(folder: Path, name: str, revision: str) -> AudioEncoder:
    """Load a fetched model; `revision` only tells one state of the folder from another."""
    encoder = find_known(name)
    try:
        match encoder.kind:
            case "vggish":
                from models.encoders.vggish import VggishEncoder

                return VggishEncoder(folder, encoder, device=processor())
            case "openl3":
                from models.encoders.openl3 import OpenL3Encoder

                return OpenL3Encoder(folder, encoder, device=processor())
            case _:
                return _clap(folder, name, revision)
    except ModelError as error:
        raise IndexerError(str(error)) from error


@cache
def _clap(folder: Path, name: str, revision: str) -> DescribingEncoder:
    from models.encoders.clap import ClapEncoder

    try:
        return ClapEncoder(folder, find_known(name), device=processor())
    except ModelError as error:
        raise IndexerError(str(error)) from error

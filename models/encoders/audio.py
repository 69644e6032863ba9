"""Describe how a track sounds in one vector: timbre, movement, texture, rhythm, harmony and dynamics.

Each block is a few dozen statistics on the shared spectrogram. Every number is standardised by a stored mean and
scale and every block weighs the same, because a large block would otherwise decide every comparison; balance
matters more than the number of dimensions. Cosine then works as it is, and better after subtracting a library's
own mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.names import AUDIO_ENCODER
from models.encoders.sound_blocks import BLOCK_SIZES, CEPSTRA, describe_blocks
from models.encoders.spectrogram import SAMPLE_RATE, Array, Spectrogram, spectrogram
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BLOCKS", "CEPSTRA", "DIMENSIONS", "SAMPLE_RATE", "describe_audio", "encode_audio"]

CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "audio.safetensors"

CLIP = 4.0
"""A number more than 4 standard deviations off says no more than 4."""


DIMENSIONS = sum(BLOCK_SIZES.values())


def _slices() -> dict[str, slice]:
    ends = np.cumsum(list(BLOCK_SIZES.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(BLOCK_SIZES.items(), ends, strict=True)}


BLOCKS: dict[str, slice] = _slices()
"""Where each block lies in the vector."""


@dataclass(frozen=True)
class Standardisation:
    """Mean and scale of each dimension over a corpus, float32 [shape=(d,)] each."""

    mean: Array
    scale: Array


def encode_audio(sound: Sequence[Array] | Spectrogram) -> Array:
    """Encode mono excerpts at 22.05 kHz, or their spectrogram, as float32 [shape=(DIMENSIONS,)], block-balanced.

    Silence and single clicks give finite numbers too. Raises ValueError without an excerpt and ModelError where
    the shipped standardisation does not belong to this encoder.
    """
    shipped = shipped_standardisation()
    return np.asarray(standardise(describe_audio(sound)[None, :], shipped.mean, shipped.scale, BLOCKS)[0])


def describe_audio(sound: Sequence[Array] | Spectrogram) -> Array:
    """Compute the raw descriptor, float32 [shape=(DIMENSIONS,)], before standardisation; see `encode_audio`."""
    spectrum = sound if isinstance(sound, Spectrogram) else spectrogram(sound)
    return np.concatenate(list(describe_blocks(spectrum).values()))


def fit_standardisation(vectors: Array) -> Standardisation:
    """Learn mean and scale from raw descriptors [shape=(n, d)]; a dimension that never changes has scale 1.

    Raises ValueError for fewer than two rows.
    """
    if len(vectors) < 2:
        raise ValueError("standardisation needs two descriptors or more")
    scale = vectors.std(axis=0)
    return Standardisation(vectors.mean(axis=0), np.where(scale > 1e-6, scale, 1.0).astype(np.float32))


def standardise(vectors: Array, mean: Array, scale: Array, blocks: Mapping[str, slice]) -> Array:
    """Standardise descriptors [shape=(n, d)] and give every block the same mean square length, 1 / blocks."""
    balanced = ((vectors - mean) / scale).clip(-CLIP, CLIP)
    for block in blocks.values():
        balanced[:, block] /= np.sqrt((block.stop - block.start) * len(blocks))
    return balanced.astype(np.float32)


def save_standardisation(fitted: Standardisation, *, path: Path = CHECKPOINT) -> None:
    """Write a standardisation as safetensors with the encoder's id."""
    from safetensors.numpy import save_file

    save_file({"mean": fitted.mean, "scale": fitted.scale}, path, metadata={"encoder": AUDIO_ENCODER})
    path.chmod(0o644)  # safetensors writes for the owner alone, and an installed file is read by everyone


@lru_cache(maxsize=1)
def shipped_standardisation() -> Standardisation:
    """Read the standardisation that belongs to this encoder; raise ModelError where it is absent or another's."""
    return load_standardisation(CHECKPOINT)


def load_standardisation(path: Path) -> Standardisation:
    """Read a standardisation; raise ModelError where it is absent, broken or made for another encoder."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as stored:
            maker = (stored.metadata() or {}).get("encoder")
            fitted = Standardisation(stored.get_tensor("mean"), stored.get_tensor("scale"))
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path}: cannot be read ({error}); install the package again") from error
    if maker != AUDIO_ENCODER or fitted.mean.shape != (DIMENSIONS,):
        raise ModelError(f"{path}: made for {maker}, not {AUDIO_ENCODER}; fit it again with scripts/fit_audio.py")
    return fitted

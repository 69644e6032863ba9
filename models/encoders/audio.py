"""Describe how a track sounds in one vector: timbre, texture, shape, rhythm, harmony and dynamics.

Each block is a few dozen statistics on the shared spectrogram. Every number is standardised by a stored mean and
scale and every block weighs the same, because a large block would otherwise decide every comparison; balance
matters more than the number of dimensions. Cosine then works as it is, and better after subtracting a library's
own mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from models.encoders.names import AUDIO_ENCODER
from models.encoders.spectrogram import (
    FRAMES_PER_SECOND,
    MEL_BANDS,
    SAMPLE_RATE,
    Array,
    Floats,
    Spectrogram,
    frequencies_hz,
    spectrogram,
)
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["BLOCKS", "DIMENSIONS", "SAMPLE_RATE", "describe_audio", "encode_audio"]

CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "audio.safetensors"

CEPSTRA = 20
TEXTURE_CEPSTRA = 13
DELTA_FRAMES = 9
"""Slopes are fitted over 9 frames (.4 s), the length of a note at a middling tempo."""
CONTRAST_EDGES_HZ = (0, 200, 400, 800, 1600, 3200, 6400, 11025)
CONTRAST_PART = 0.05
LAGS_SECONDS = 0.2 * 2 ** (np.arange(48) / 12)
"""Lags of the onset autocorrelation: .2 to 3 s, twelve an octave, so that a tempo step is one shift."""
PULSES_HZ = 0.5 * 2 ** (np.arange(43) / 10)
"""Pulse rates of the onset spectrum: .5 to 9 Hz (30 to 550 a minute)."""
TRANSITION_FRAMES = (4, 10)
"""Chords are compared .2 and .5 s apart: within a beat and across one."""
ONSET_BANDS = 8
SILENCE_POWER = 1e-8
"""-80 dB of a full-scale sine."""
CLIP = 4.0
"""A number more than 4 standard deviations off says no more than 4."""

BLOCK_SIZES: dict[str, int] = {
    "timbre": 4 * CEPSTRA,
    "texture": TEXTURE_CEPSTRA * (TEXTURE_CEPSTRA + 1) // 2,
    "shape": 2 * (len(CONTRAST_EDGES_HZ) - 1) + 8,
    "rhythm": len(LAGS_SECONDS) + len(PULSES_HZ),
    "harmony": 12 + 12 + 7 + 12 * len(TRANSITION_FRAMES),
    "dynamics": 9 + 2 * ONSET_BANDS,
}
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
    cepstra = mel_cepstra(spectrum)
    blocks = (
        _timbre(spectrum, cepstra),
        _texture(cepstra),
        _shape(spectrum),
        _rhythm(spectrum.onsets),
        _harmony(spectrum),
        _dynamics(spectrum),
    )
    return np.concatenate([np.asarray(block, dtype=np.float32).ravel() for block in blocks])


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


def mel_cepstra(spectrum: Spectrogram) -> Array:
    """Compute 20 mel cepstra a frame [shape=(frames, 20)]: the orthonormal DCT-II of the mel bands in dB."""
    return spectrum.log_mel @ _cosines()


@lru_cache(maxsize=1)
def _cosines() -> Array:
    return np.asarray(fft.dct(np.eye(MEL_BANDS), type=2, norm="ortho", axis=0)[:CEPSTRA].T.astype(np.float32))


def _timbre(spectrum: Spectrogram, cepstra: Array) -> Array:
    """Give mean, log spread, log spread of the slope and of the step of each cepstrum [shape=(80,)]."""
    pieces = spectrum.split(cepstra)
    slopes = np.concatenate([_slope(piece) for piece in pieces])
    steps = np.concatenate([np.diff(piece, axis=0, append=piece[-1:]) for piece in pieces])
    spreads = [np.log(part.std(axis=0) + 1e-2) for part in (cepstra, slopes, steps)]
    return np.concatenate([cepstra.mean(axis=0), *spreads])


def _slope(series: Array) -> Array:
    """Fit a line through 9 frames around each, along axis 0; the edges repeat."""
    half = DELTA_FRAMES // 2
    padded = np.pad(series, ((half, half), (0, 0)), mode="edge")
    count = len(series)
    steps = range(1, half + 1)
    rise = sum(k * (padded[half + k : half + k + count] - padded[half - k : half - k + count]) for k in steps)
    return np.asarray(rise / (2 * sum(k * k for k in steps)), dtype=np.float32)


def _texture(cepstra: Array) -> Array:
    """Give the matrix logarithm of the covariance of 13 cepstra, as a vector of its upper triangle [shape=(91,)].

    In the logarithm the plain Euclidean distance compares Gaussians (Arsigny et al. 2006, log-Euclidean metrics).
    """
    some = cepstra[:, :TEXTURE_CEPSTRA].astype(np.float64)
    covariance = np.cov(some, rowvar=False, bias=True) + 0.1 * np.eye(TEXTURE_CEPSTRA)
    values, axes = np.linalg.eigh(covariance)
    logarithm = (axes * np.log(values)) @ axes.T
    row, column = np.triu_indices(TEXTURE_CEPSTRA)
    return np.asarray(logarithm[row, column] * np.where(row == column, 1.0, np.sqrt(2.0)), dtype=np.float32)


def _shape(spectrum: Spectrogram) -> Array:
    """Give mean and spread of octave contrast, centroid, flatness and the 85 and 50 % rolloffs [shape=(22,)].

    Every other frame is as telling and half of the dearest work here.
    """
    power, magnitude = spectrum.power[::2], spectrum.magnitude[::2]
    contrast = np.stack([_contrast(magnitude[:, low:high]) for low, high in _octaves()])
    total = power.sum(axis=1) + 1e-12
    centroid_hz = power @ frequencies_hz() / total
    flatness = np.exp(np.log(magnitude + 1e-7).mean(axis=1)) / (magnitude.mean(axis=1) + 1e-7)
    running = np.cumsum(power, axis=1)
    rolloffs = [(running < part * running[:, -1:]).sum(axis=1) * frequencies_hz()[1] for part in (0.85, 0.5)]
    curves = np.stack(
        [np.log(centroid_hz + 50), np.log(flatness + 1e-4), *(np.log(rolloff + 50) for rolloff in rolloffs)]
    )
    return np.concatenate([contrast.mean(axis=1), contrast.std(axis=1), curves.mean(axis=1), curves.std(axis=1)])


def _octaves() -> list[tuple[int, int]]:
    edges = np.searchsorted(frequencies_hz(), CONTRAST_EDGES_HZ).tolist()
    return list(pairwise(edges))


def _contrast(band: Array) -> Array:
    """Give log peak over log valley in a band of bins, each frame [shape=(frames,)] (Jiang et al. 2002)."""
    few = int(CONTRAST_PART * band.shape[1]) + 1
    parted = np.partition(band, (few - 1, band.shape[1] - few), axis=1)
    peak, valley = parted[:, -few:].mean(axis=1), parted[:, :few].mean(axis=1)
    return np.asarray(np.log(peak + 1e-7) - np.log(valley + 1e-7))


def _rhythm(onsets: Sequence[Array]) -> Array:
    """Give autocorrelation and spectrum of the onset strength on logarithmic axes [shape=(91,)]."""
    return np.concatenate([onset_autocorrelation(onsets, LAGS_SECONDS), _pulse_spectrum(onsets)])


def onset_autocorrelation(onsets: Sequence[Array], lags_seconds: Floats) -> Array:
    """Correlate the onset strength with itself at the lags, 1 at lag 0, averaged over the excerpts; 0 in silence."""
    longest = int(np.ceil(lags_seconds.max() * FRAMES_PER_SECOND)) + 1
    total = np.zeros(longest + 1)
    for onset in onsets:
        centred = onset - onset.mean() if onset.size else np.zeros(1)
        raw = fft.irfft(np.abs(fft.rfft(centred, 2 * max(centred.size, longest + 1))) ** 2)[: longest + 1]
        overlap = np.maximum(centred.size - np.arange(longest + 1), centred.size / 4)
        total += raw / overlap * centred.size
    lags = lags_seconds * FRAMES_PER_SECOND
    return np.asarray(np.interp(lags, np.arange(longest + 1), total / (total[0] + 1e-6)), dtype=np.float32)


def _pulse_spectrum(onsets: Sequence[Array]) -> Array:
    """Give the strongest magnitude of the onset curve around each pulse rate, relative to its spread."""
    size = 2 ** int(np.ceil(np.log2(max(512, *(4 * onset.size for onset in onsets)))))
    centred = [onset - onset.mean() if onset.size else np.zeros(1) for onset in onsets]
    energy = sum(np.abs(fft.rfft(curve, size)) ** 2 for curve in centred)
    magnitude = np.sqrt(energy / (sum(np.square(curve).sum() for curve in centred) + 1e-6))
    edges = np.outer(PULSES_HZ, (2**-0.05, 2**0.05)) * size / FRAMES_PER_SECOND
    return np.array([magnitude[int(low) + 1 : int(high) + 1].max(initial=0.0) for low, high in edges])


def _harmony(spectrum: Spectrogram) -> Array:
    """Give mean and spread of each pitch class, and how often two an interval apart sound together or follow.

    The first two know the key, the intervals do not [shape=(55,)].
    """
    chroma = spectrum.chroma
    root = np.sqrt(chroma)  # unit length, so that products are cosines
    together = _by_interval(root.T @ root / len(root))[:7]
    follows = [_by_interval(_following(spectrum.split(root), frames)) for frames in TRANSITION_FRAMES]
    return np.concatenate([root.mean(axis=0), chroma.std(axis=0), together, *follows])


def _following(pieces: Sequence[Array], frames: int) -> Floats:
    """Average the product of the pitch classes now and some frames later [shape=(12, 12)]."""
    total = sum((piece[:-frames].T @ piece[frames:] for piece in pieces if len(piece) > frames), np.zeros((12, 12)))
    return np.asarray(total / max(1, sum(len(piece) for piece in pieces)))


def _by_interval(pairs: Array | Floats) -> Array:
    """Average a table of pitch-class pairs over all transpositions [shape=(12,)]: interval 0 to 11 upwards."""
    low = np.arange(12)
    return np.array([pairs[low, (low + interval) % 12].mean() for interval in range(12)])


def _dynamics(spectrum: Spectrogram) -> Array:
    """Give the steps between level quantiles in dB, spread, level, and onset strength by band [shape=(25,)]."""
    level_db = 10 * np.log10(spectrum.power.sum(axis=1) + SILENCE_POWER)
    level_db = np.maximum(level_db, level_db.max() - 80)
    quantiles = np.quantile(level_db, (0.05, 0.25, 0.5, 0.75, 0.95))
    spread = (level_db.std(), np.diff(level_db, append=level_db[-1]).std(), level_db.mean() - level_db.max())
    bands = np.concatenate(spectrum.onset_bands)
    octaves = bands.reshape(len(bands), ONSET_BANDS, -1).mean(axis=2) if len(bands) else np.zeros((1, ONSET_BANDS))
    onsets = (np.log(octaves.mean(axis=0) + 1e-2), np.log(octaves.std(axis=0) + 1e-2))
    return np.concatenate([np.diff(quantiles), spread, quantiles[[2, 4]], *onsets])

"""Compute the blocks of the audio descriptor on the shared spectrogram.

Each function takes the spectrogram or a part of it and gives raw statistics; `audio` standardises and balances them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from models.encoders.spectrogram import FRAMES_PER_SECOND, MEL_BANDS, Array, Floats, Spectrogram, frequencies_hz

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.encoders.spectrogram import Integers

CEPSTRA = 20
TEXTURE_CEPSTRA = 13
DELTA_FRAMES = 9
"""Slopes are fitted over 9 frames (.4 s), the length of a note at a middling tempo."""
OCTAVE_EDGES_HZ = (0, 100, 200, 400, 800, 1600, 3200, 6400, 11026)
ROLLOFF_PARTS = (0.85, 0.5)
ROLLOFF_BLOCK = 32
COLOUR_EVERY = 2
"""Frames between those whose colour is measured: as telling and half the work."""
LAGS_SECONDS = 0.2 * 2 ** (np.arange(48) / 12)
"""Lags of the onset autocorrelation: .2 to 3 s, twelve an octave, so that a tempo step is one shift."""
PULSES_HZ = 0.5 * 2 ** (np.arange(43) / 10)
"""Pulse rates of the onset spectrum: .5 to 9 Hz (30 to 550 a minute)."""
TRANSITION_FRAMES = (4, 10)
"""Chords are compared .2 and .5 s apart: within a beat and across one."""
ONSET_BANDS = 8
SILENCE_MAGNITUDE = 1e-7
SILENCE_POWER = 1e-8
"""-80 dB of a full-scale sine."""

_OCTAVES = len(OCTAVE_EDGES_HZ) - 1
_COLOURS = _OCTAVES + 2 + len(ROLLOFF_PARTS)

BLOCK_SIZES: dict[str, int] = {
    "timbre": CEPSTRA + _COLOURS,
    "movement": 3 * CEPSTRA + _COLOURS,
    "texture": TEXTURE_CEPSTRA * (TEXTURE_CEPSTRA + 1) // 2,
    "rhythm": len(LAGS_SECONDS) + len(PULSES_HZ),
    "harmony": 12 + 12 + 7 + 12 * len(TRANSITION_FRAMES),
    "dynamics": 9 + 2 * ONSET_BANDS,
}


def describe_blocks(spectrum: Spectrogram) -> dict[str, Array]:
    """Compute every block of `BLOCK_SIZES`, in its order, float32 [shape=(size,)] each."""
    cepstra, colour = mel_cepstra(spectrum), colours(spectrum)
    blocks = {
        "timbre": np.concatenate([cepstra.mean(axis=0), colour.mean(axis=0)]),
        "movement": _movement(spectrum, cepstra, colour),
        "texture": _texture(cepstra),
        "rhythm": _rhythm(spectrum.onsets),
        "harmony": _harmony(spectrum),
        "dynamics": _dynamics(spectrum),
    }
    return {name: np.asarray(block, dtype=np.float32).ravel() for name, block in blocks.items()}


def mel_cepstra(spectrum: Spectrogram) -> Array:
    """Compute 20 mel cepstra a frame [shape=(frames, 20)]: the orthonormal DCT-II of the mel bands in dB."""
    return np.asarray(spectrum.log_mel @ _cosines())


@lru_cache(maxsize=1)
def _cosines() -> Array:
    return np.asarray(fft.dct(np.eye(MEL_BANDS), type=2, norm="ortho", axis=0)[:CEPSTRA].T.astype(np.float32))


def _movement(spectrum: Spectrogram, cepstra: Array, colour: Array) -> Array:
    """Give the log spread of each cepstrum, its slope and its step, and the spread of each colour [shape=(72,)]."""
    pieces = spectrum.split(cepstra)
    slopes = np.concatenate([_slope(piece) for piece in pieces])
    steps = np.concatenate([step for piece in pieces for step in (piece[1:] - piece[:-1], np.zeros_like(piece[:1]))])
    spreads = np.log(np.hstack([cepstra, slopes, steps]).std(axis=0) + 1e-2)
    return np.concatenate([spreads, colour.std(axis=0)])


def _slope(series: Array) -> Array:
    """Fit a line through 9 frames around each, along axis 0; the edges repeat."""
    half, count = DELTA_FRAMES // 2, len(series)
    padded = np.concatenate([series[:1]] * half + [series] + [series[-1:]] * half)  # np.pad takes five times as long
    steps = range(1, half + 1)
    rise = sum(k * (padded[half + k : half + k + count] - padded[half - k : half - k + count]) for k in steps)
    return np.asarray(rise / (2 * sum(k * k for k in steps)), dtype=np.float32)


def _texture(cepstra: Array) -> Array:
    """Give the matrix logarithm of the covariance of 13 cepstra, as a vector of its upper triangle [shape=(91,)].

    In the logarithm the plain Euclidean distance compares Gaussians (Arsigny et al. 2006, log-Euclidean metrics).
    """
    some = cepstra[:, :TEXTURE_CEPSTRA].astype(np.float64)
    some -= some.mean(axis=0)
    values, axes = np.linalg.eigh(some.T @ some / len(some) + 0.1 * np.eye(TEXTURE_CEPSTRA))
    logarithm = (axes * np.log(values)) @ axes.T
    places, weights = _triangle()
    return np.asarray(logarithm.ravel()[places] * weights, dtype=np.float32)


@lru_cache(maxsize=1)
def _triangle() -> tuple[Integers, Floats]:
    """Give the places of a square table's upper triangle, and weights by which its vector is as long as the table."""
    row, column = np.triu_indices(TEXTURE_CEPSTRA)
    return row * TEXTURE_CEPSTRA + column, np.where(row == column, 1.0, np.sqrt(2.0))


def colours(spectrum: Spectrogram) -> Array:
    """Give flatness by octave, and logs of centroid, flatness and the 85 and 50 % rolloffs [shape=(frames / 2, 12)].

    The flatness of a band is the log of its geometric over its arithmetic mean magnitude: 0 noise, -3 a clear tone
    (as in MPEG-7, ISO 15938-4, audio spectrum flatness). It tells what octave contrast (Jiang et al. 2002) tells, at
    a quarter of the cost.
    """
    magnitude = np.maximum(spectrum.magnitude[::COLOUR_EVERY], SILENCE_MAGNITUDE)
    power = spectrum.power[::COLOUR_EVERY]
    logarithm = np.log(magnitude)
    flatness = logarithm @ _octave_means() - np.log(magnitude @ _octave_means())
    total = spectrum.frame_power[::COLOUR_EVERY]
    centroid_hz = power @ frequencies_hz() / (total + 1e-12)
    rolloffs_hz = [bins * frequencies_hz()[1] for bins in _rolloff_bins(power, total)]
    overall = np.logaddexp(flatness[:, _OCTAVES], np.log(1e-4))
    curves = (np.log(centroid_hz + 50), overall, *(np.log(hz + 50) for hz in rolloffs_hz))
    return np.asarray(np.column_stack([flatness[:, :_OCTAVES], *curves]), dtype=np.float32)


def _rolloff_bins(power: Array, total: Array) -> list[Integers]:
    """Find the bin up to which each of ROLLOFF_PARTS of the power lies [shape=(frames,)]: block first, then bin.

    Adding up all bins one after the other takes four times as long. Silence gives bin 0.
    """
    rows = np.arange(len(power))
    blocks = power[:, : ROLLOFF_BLOCK * (power.shape[1] // ROLLOFF_BLOCK)].reshape(len(power), -1, ROLLOFF_BLOCK)
    running = np.zeros((len(power), blocks.shape[1] + 1), dtype=np.float32)
    np.cumsum(blocks @ np.ones(ROLLOFF_BLOCK, dtype=np.float32), axis=1, out=running[:, 1:])
    found = []
    for part in ROLLOFF_PARTS:
        wanted = np.float32(part) * total[:, None]
        block = np.minimum((running[:, 1:] < wanted).sum(axis=1), blocks.shape[1] - 1)
        inside = running[rows, block][:, None] + np.cumsum(blocks[rows, block], axis=1)
        found.append(ROLLOFF_BLOCK * block + (inside < wanted).sum(axis=1))
    return found


@lru_cache(maxsize=1)
def _octave_means() -> Array:
    """Make the table that averages the bins of each octave, and all bins [shape=(1025, 9)]."""
    hz, edges = frequencies_hz(), [*pairwise(OCTAVE_EDGES_HZ), (0, np.inf)]
    inside = np.stack([(hz >= low) & (hz < high) for low, high in edges], axis=1)
    return np.asarray(inside / inside.sum(axis=0), dtype=np.float32)


def _rhythm(onsets: Sequence[Array]) -> Array:
    """Give autocorrelation and spectrum of the onset strength on logarithmic axes [shape=(91,)]."""
    return np.concatenate([onset_autocorrelation(onsets, LAGS_SECONDS), _pulse_spectrum(onsets)])


def onset_autocorrelation(onsets: Sequence[Array], lags_seconds: Floats) -> Array:
    """Correlate the onset strength with itself at the lags, 1 at lag 0, averaged over the excerpts; 0 in silence."""
    longest = int(np.ceil(lags_seconds.max() * FRAMES_PER_SECOND)) + 1
    total = np.zeros(longest + 1)
    for onset in onsets:
        centred = onset - onset.mean() if onset.size else np.zeros(1)
        size = fft.next_fast_len(centred.size + max(centred.size, longest + 1), real=True)
        raw = fft.irfft(np.abs(fft.rfft(centred, size)) ** 2, size)[: longest + 1]
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
    edges, wide = _pulse_edges(size)
    return np.where(wide, np.maximum.reduceat(magnitude, edges)[::2], 0.0)


@lru_cache(maxsize=8)
def _pulse_edges(size: int) -> tuple[Integers, NDArray[np.bool_]]:
    """Give first bin and end of each pulse rate, one after the other, and whether a bin lies between."""
    edges = (np.outer(PULSES_HZ, (2**-0.05, 2**0.05)) * size / FRAMES_PER_SECOND).astype(np.intp) + 1
    return edges.ravel(), edges[:, 0] < edges[:, 1]


def _harmony(spectrum: Spectrogram) -> Array:
    """Give mean and spread of each pitch class, and how often two an interval apart sound together or follow.

    The first two know the key, the intervals do not [shape=(55,)].
    """
    chroma = spectrum.chroma
    root = np.sqrt(chroma)  # unit length, so that products are cosines
    together, pieces = _by_interval(root.T @ root / len(root))[:7], spectrum.split(root)
    follows = [_by_interval(_following(pieces, frames)) for frames in TRANSITION_FRAMES]
    return np.concatenate([root.mean(axis=0), chroma.std(axis=0), together, *follows])


def _following(pieces: Sequence[Array], frames: int) -> Floats:
    """Average the product of the pitch classes now and some frames later [shape=(12, 12)]."""
    total = sum((piece[:-frames].T @ piece[frames:] for piece in pieces if len(piece) > frames), np.zeros((12, 12)))
    return np.asarray(total / max(1, sum(len(piece) for piece in pieces)))


def _by_interval(pairs: Array | Floats) -> Array:
    """Average a table of pitch-class pairs over all transpositions [shape=(12,)]: interval 0 to 11 upwards."""
    return np.asarray(pairs.ravel()[_transpositions()].mean(axis=0))


@lru_cache(maxsize=1)
def _transpositions() -> Integers:
    """Give where in a table of pairs each interval stands above each pitch class [shape=(12, 12)]."""
    low, interval = np.arange(12)[:, None], np.arange(12)
    return 12 * low + (low + interval) % 12


def _dynamics(spectrum: Spectrogram) -> Array:
    """Give the steps between level quantiles in dB, spread, level, and onset strength by band [shape=(25,)]."""
    level_db = 10 * np.log10(spectrum.frame_power + SILENCE_POWER)
    level_db = np.maximum(level_db, level_db.max() - 80)
    places = np.array((0.05, 0.25, 0.5, 0.75, 0.95)) * (level_db.size - 1)
    quantiles = np.interp(places, np.arange(level_db.size), np.sort(level_db))  # np.quantile takes ten times as long
    steps = np.append(level_db[1:] - level_db[:-1], np.float32(0))
    spread = (level_db.std(), steps.std(), level_db.mean() - level_db.max())
    bands = np.concatenate(spectrum.onset_bands)
    octaves = bands @ _onset_means() if len(bands) else np.zeros((1, ONSET_BANDS))
    onsets = (np.log(octaves.mean(axis=0) + 1e-2), np.log(octaves.std(axis=0) + 1e-2))
    return np.concatenate([np.diff(quantiles), spread, quantiles[[2, 4]], *onsets])


@lru_cache(maxsize=1)
def _onset_means() -> Array:
    """Make the table that averages the mel bands of each octave [shape=(40, 8)]."""
    each = MEL_BANDS // ONSET_BANDS
    return np.repeat(np.eye(ONSET_BANDS, dtype=np.float32) / np.float32(each), each, axis=0)

"""Compute the one spectrogram that every description of the sound shares, and the filter banks over it.

Frames are 2048 samples every 1024 at 22.05 kHz: 21.5 frames a second, 10.8 Hz a bin. A finer hop doubles the
cost and moved no figure of `benchmarks/similarity_baseline.py` by more than one query.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import fft

if TYPE_CHECKING:
    from collections.abc import Sequence

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

SAMPLE_RATE = 22050
WINDOW_SAMPLES = 2048
HOP_SAMPLES = 1024
FRAMES_PER_SECOND = SAMPLE_RATE / HOP_SAMPLES
BINS = WINDOW_SAMPLES // 2 + 1
MEL_BANDS = 40
LOWER_BANDS = 26
"""They end where the others, as a table of their own, begin: the two tables are smallest together."""
FLOOR_POWER = 1e-13
"""130 dB below a full-scale sine: under the noise of 16-bit sound in one band."""
RANGE_DB = 80.0
"""What lies further below the loudest band is noise of the encoder (librosa's `top_db`)."""
TUNED_HZ = (200.0, 2100.0)
"""Where peaks tell the tuning: below, a bin is too wide; above C7, overtones drown notes."""
TUNED_PEAK = 0.1
"""Of the loudest bin in the frame."""
CENTRE_OCTAVE, OCTAVES_WIDE = 5.0, 2.0
"""Above A0: the octaves that chroma listens to."""
BELOW_FIRST_BIN_SEMITONES = 18
"""0 Hz lies at no pitch and is put an octave and a half below the first bin."""


@dataclass(frozen=True)
class Spectrogram:
    """Magnitudes of all excerpts in a row, and how many frames each has; a full-scale sine on a bin has magnitude 1."""

    magnitude: Array
    """float32 [shape=(frames, 1025)]"""
    lengths: tuple[int, ...]

    @cached_property
    def power(self) -> Array:
        """Squared magnitude [shape=(frames, 1025)]."""
        return np.square(self.magnitude)

    @cached_property
    def frame_power(self) -> Array:
        """Power of each frame, all bins together [shape=(frames,)]."""
        return np.asarray(self.power @ np.ones(BINS, dtype=np.float32))

    @cached_property
    def log_mel(self) -> Array:
        """Mel bands in dB [shape=(frames, 40)], at most 80 dB below the loudest."""
        low, high = _mel_halves()
        bands = np.hstack([self.power[:, : len(low)] @ low, self.power[:, -len(high) :] @ high])
        decibels = 10 * np.log10(np.maximum(bands, FLOOR_POWER))
        return np.asarray(np.maximum(decibels, decibels.max() - RANGE_DB))

    @cached_property
    def onset_bands(self) -> tuple[Array, ...]:
        """Rises of each mel band in dB a frame, each excerpt [shape=(frames - 1, 40)]."""
        return tuple(self._rises[start : end - 1] for start, end in self._bounds)

    @cached_property
    def onsets(self) -> tuple[Array, ...]:
        """Onset strength of each excerpt [shape=(frames - 1,)]: the mean rise over the mel bands in dB."""
        strength = self._rises.mean(axis=1)
        return tuple(strength[start : end - 1] for start, end in self._bounds)

    @cached_property
    def _rises(self) -> Array:
        return np.asarray(np.maximum(self.log_mel[1:] - self.log_mel[:-1], 0))

    @cached_property
    def chroma(self) -> Array:
        """Energy of the pitch classes from C, tuned, each frame summing to 1 [shape=(frames, 12)]; 0 in silence."""
        energy = self.power @ chroma_filters(round(tuning_semitones(self), 2)).T
        total = energy.sum(axis=1, keepdims=True)
        return np.asarray(np.divide(energy, total, out=np.zeros_like(energy), where=total > FLOOR_POWER))

    def split(self, frames: Array) -> list[Array]:
        """Cut something per frame back into the excerpts."""
        return [frames[start:end] for start, end in self._bounds]

    @cached_property
    def _bounds(self) -> tuple[tuple[int, int], ...]:
        return tuple(pairwise(accumulate(self.lengths, initial=0)))


def as_mono(channels: Array) -> Array:
    """Average one or two channels [shape=(channels, n)] to float32 [shape=(n,)]."""
    return np.asarray(channels[0] if len(channels) == 1 else np.float32(0.5) * (channels[0] + channels[1]))


def spectrogram(excerpts: Sequence[Array]) -> Spectrogram:
    """Transform mono excerpts at 22.05 kHz; one shorter than a window is padded with silence.

    Raises ValueError where there is no excerpt at all.
    """
    if not excerpts:
        raise ValueError("no excerpt to transform")
    spectra, lengths = transformed([np.asarray(signal, dtype=np.float32) for signal in excerpts])
    return Spectrogram(np.abs(spectra), lengths)


def transformed(signals: Sequence[Array], *, every: int = 1) -> tuple[NDArray[np.complex64], tuple[int, ...]]:
    """Transform the frames of all signals, or every so many [shape=(frames, 1025)], and count those of each."""
    views = [_frames(signal, hop_samples=HOP_SAMPLES * every) for signal in signals]
    lengths = tuple(len(view) for view in views)
    windowed = np.empty((sum(lengths), WINDOW_SAMPLES), dtype=np.float32)
    ends = tuple(accumulate(lengths))
    for view, end in zip(views, ends, strict=True):
        np.multiply(view, _window(), out=windowed[end - len(view) : end])
    return fft.rfft(windowed, axis=1), lengths


def _frames(signal: Array, *, hop_samples: int) -> Array:
    """View a signal as overlapping frames [shape=(frames, 2048)]; `sliding_window_view` takes 10 us."""
    if signal.size < WINDOW_SAMPLES:
        signal = np.pad(signal, (0, WINDOW_SAMPLES - signal.size))
    signal = np.ascontiguousarray(signal)
    shape = (1 + (signal.size - WINDOW_SAMPLES) // hop_samples, WINDOW_SAMPLES)
    return np.ndarray(shape, np.float32, signal, strides=(signal.itemsize * hop_samples, signal.itemsize))


@lru_cache(maxsize=1)
def _window() -> Array:
    """Make a periodic Hann window scaled so that a full-scale sine has magnitude 1."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW_SAMPLES) / WINDOW_SAMPLES)
    return np.asarray((hann * 2 / hann.sum()).astype(np.float32))


@lru_cache(maxsize=1)
def frequencies_hz() -> Array:
    """Centre of each bin in Hz [shape=(1025,)]."""
    return (np.arange(BINS) * SAMPLE_RATE / WINDOW_SAMPLES).astype(np.float32)


@lru_cache(maxsize=2)
def mel_filters(*, bands: int = MEL_BANDS) -> Array:
    """Make triangles of equal area on Slaney's mel scale, 0 Hz to 11 kHz [shape=(bands, 1025)].

    Slaney (1998), Auditory Toolbox: linear to 1 kHz, logarithmic above.
    """
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), bands + 2))[:, None]
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    bins = frequencies_hz().astype(np.float64)
    triangle = np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))
    return (np.maximum(triangle, 0.0) * 2 / (high - low)).astype(np.float32)


@lru_cache(maxsize=1)
def _mel_halves() -> tuple[Array, Array]:
    """Cut the bank into its lower bands over the bins they reach and the rest: half the work of the whole table."""
    bank = mel_filters()
    lower, upper = bank[:LOWER_BANDS], bank[LOWER_BANDS:]
    reach, first = int(np.flatnonzero(lower.any(axis=0))[-1]) + 1, int(np.flatnonzero(upper.any(axis=0))[0])
    return np.ascontiguousarray(lower[:, :reach].T), np.ascontiguousarray(upper[:, first:].T)


_LINEAR_HZ_A_MEL = 200 / 3
_BREAK_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27


def _hz_to_mel(hz: float) -> float:
    """Convert a frequency of 1 kHz or more."""
    return float(_BREAK_HZ / _LINEAR_HZ_A_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mel: Floats) -> Floats:
    break_mel = _BREAK_HZ / _LINEAR_HZ_A_MEL
    return np.where(mel < break_mel, mel * _LINEAR_HZ_A_MEL, _BREAK_HZ * np.exp((mel - break_mel) * _LOG_STEP))


@lru_cache(maxsize=128)
def chroma_filters(tuning: float = 0.0) -> Array:
    """Make bells around the pitch classes from C [shape=(12, 1025)], the very ones of `librosa.filters.chroma`.

    `tuning` is how far the music lies above A = 440 Hz in semitones. A bell is half a semitone wide, or half a bin
    where bins are wider; each bin's bells have length 1; octaves are weighted by a broad bell around 880 Hz.
    """
    hz = np.arange(1, BINS + 1) * SAMPLE_RATE / WINDOW_SAMPLES
    place = 12 * np.log2(hz / (440 / 16 * 2 ** (tuning / 12)))  # semitones above A0
    place = np.concatenate([[place[0] - BELOW_FIRST_BIN_SEMITONES], place])
    width = np.maximum(np.diff(place), 1.0)
    place = place[:-1]
    distance = place - np.arange(12)[:, None]
    distance -= 12 * np.rint(distance / 12)
    bells = np.exp(-0.5 * (2 * distance / width) ** 2)
    bells /= np.linalg.norm(bells, axis=0)
    octave_weight = np.exp(-0.5 * ((place / 12 - CENTRE_OCTAVE) / OCTAVES_WIDE) ** 2)
    return np.roll(bells * octave_weight, -3, axis=0).astype(np.float32)  # from A to C


def tuning_semitones(spectrum: Spectrogram) -> float:
    """Estimate how far the music lies above A = 440 Hz, in [-.5, .5) semitones: the mean angle of the peaks.

    Silence and noise give 0 or a small number.
    """
    low, high = (round(hz * WINDOW_SAMPLES / SAMPLE_RATE) for hz in TUNED_HZ)
    # Every other frame is as sure and half the work.
    _, place, top = peaks(spectrum.magnitude[::2], bins=(low, high + 1), least=TUNED_PEAK)
    return mean_offset(12 * np.log2(place * np.float32(SAMPLE_RATE / WINDOW_SAMPLES / 440)), top)


def peaks(magnitude: Array, *, bins: tuple[int, int], least: float) -> tuple[Integers, Array, Array]:
    """Find the peaks among the bins from the first to before the last: frame, place in bins, magnitude.

    A peak is at least `least` times the loudest bin of its frame. Its place is the top of the parabola through the
    logarithms around it.
    """
    low, high = bins
    around = np.ascontiguousarray(magnitude[:, low - 1 : high + 1])
    middle = around[:, 1:-1]
    is_peak = np.zeros(around.shape, dtype=bool)
    loud = middle > least * middle.max(axis=1, keepdims=True)
    is_peak[:, 1:-1] = (middle > around[:, :-2]) & (middle >= around[:, 2:]) & loud
    at, flat = np.flatnonzero(is_peak), around.ravel()  # five times as quick as by row and column
    frame, bin_ = np.divmod(at, around.shape[1])
    left, top, right = (np.log(flat[at + k] + np.float32(1e-9)) for k in (-1, 0, 1))
    place = (bin_ + (low - 1)).astype(np.float32) + 0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-6)
    return frame, place, flat[at]


def mean_offset(semitones: Array, weights: Array) -> float:
    """Average how far pitches lie above whole semitones, in [-.5, .5), as a mean angle; 0 without a pitch."""
    angles = np.float32(2 * np.pi) * semitones
    return float(np.arctan2(np.sin(angles) @ weights, np.cos(angles) @ weights) / (2 * np.pi))

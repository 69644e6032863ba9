"""Estimate tempo, key, loudness, brightness and onset rate, each with a confidence, and put them in words.

An estimate below its threshold of confidence is not made: a missing tempo is better than a wrong one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.audio import onset_autocorrelation
from models.encoders.loudness import integrated_loudness_lufs
from models.encoders.spectrogram import FRAMES_PER_SECOND, SAMPLE_RATE, Array, Floats, Spectrogram, frequencies_hz

if TYPE_CHECKING:
    from collections.abc import Sequence

PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MAJOR_PROFILE = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR_PROFILE = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
"""How well each pitch class fits a key (Krumhansl and Kessler 1982, probe-tone ratings)."""

TEMPI_BPM = 40 * 2 ** (np.arange(int(np.log2(240 / 40) * 120) + 1) / 120)
"""40 to 240 BPM in steps of .6 %."""
PREFERRED_BPM = 115.0
TEMPO_OCTAVES = 0.9
"""A bell over the logarithm of tempo chooses between a beat and its double (after Ellis 2007)."""
EVEN_DUPLE, EVEN_TRIPLE = 0.3, 0.5
"""Part of the strength at twice and three times a tempo that is held against it: of an even pulse the pulse itself
is the beat, and beats are grouped by two more often than by three."""
BEATS_COMPARED = 4
TEMPO_CONFIDENCE = 0.3
KEY_CONFIDENCE = 0.25
LEAST_PULSE_DB = 0.1
"""Spread of the onset strength under which nothing pulses: a held tone, hum."""
ATONAL_SPREAD = 0.06
"""Relative spread of the mean chroma of all twelve notes at once; twice that is as tonal as most music."""
SHORTEST_SECONDS = 0.4
"""A block of the loudness measurement; of less, a click, nothing is said."""
SHORTEST_TEMPO_SECONDS = 4.0
"""Eight beats at 120 BPM; less holds no tempo."""
ONSET_RISE_DB = 1.0
"""A frame whose mean rise over the mel bands is this far above its surroundings holds an onset."""

SLOW_BPM, FAST_BPM = 84.0, 132.0
"""Up to Andante, and from Allegro on."""
DARK_HZ, BRIGHT_HZ = 1000.0, 2400.0
"""About the darkest and the brightest sixth of a mixed library."""
QUIET_LUFS, LOUD_LUFS = -23.0, -11.0
"""Under the level of broadcasting (EBU R 128), and well above that of streaming (-14)."""
SPARSE_RATE, BUSY_RATE = 1.5, 4.5
"""A second: slower than the beats at 90 BPM, and faster than eighth notes at 135."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One property of the sound; `confidence` is in [0, 1], `text` as shown.

    Names: "tempo_bpm", "key" (0-11 major from C, 12-23 minor from C), "loudness_lufs", "brightness_hz",
    "onset_rate" (a second).
    """

    name: str
    value: float
    text: str
    confidence: float


def describe_attributes(spectrum: Spectrogram, *, channels: Sequence[Array]) -> tuple[Estimate, ...]:
    """Estimate what can be said with confidence, in the order tempo, key, loudness, brightness, onset rate.

    `channels` are the same excerpts [shape=(channels, n)] at 22.05 kHz, for the loudness. Silence and a sound of less
    than .4 s give ().
    """
    if sum(piece.shape[1] for piece in channels) < SHORTEST_SECONDS * SAMPLE_RATE:
        return ()
    estimates = (
        tempo(spectrum.onsets),
        key(spectrum.chroma),
        loudness(channels),
        brightness(spectrum),
        onset_rate(spectrum.onsets),
    )
    return tuple(estimate for estimate in estimates if estimate is not None)


def tempo(onsets: Sequence[Array]) -> Estimate | None:
    """Find the beat in the onset strength by its autocorrelation at one to four beats; None below the confidence."""
    seconds = sum(onset.size for onset in onsets) / FRAMES_PER_SECOND
    if seconds < SHORTEST_TEMPO_SECONDS or max(onset.std() for onset in onsets if onset.size) < LEAST_PULSE_DB:
        return None
    strength = _beat_strength(onsets, TEMPI_BPM)
    duple, triple = (np.maximum(_beat_strength(onsets, parts * TEMPI_BPM), 0) for parts in (2, 3))
    even = np.maximum(EVEN_DUPLE * duple, EVEN_TRIPLE * triple)
    preference = np.exp(-0.5 * (np.log2(TEMPI_BPM / PREFERRED_BPM) / TEMPO_OCTAVES) ** 2)
    best = int(np.argmax(np.maximum(strength - even, 0) * preference))
    confidence = float(np.clip(strength[best], 0, 1))
    if confidence < TEMPO_CONFIDENCE:
        return None
    bpm = float(TEMPI_BPM[best])
    return Estimate("tempo_bpm", bpm, f"{bpm:.0f} BPM", confidence)


def _beat_strength(onsets: Sequence[Array], tempi_bpm: Floats) -> Floats:
    """Average the autocorrelation over whole beats for each tempo [shape=(tempi,)]."""
    beats = np.arange(1, BEATS_COMPARED + 1)
    lags = 60 / tempi_bpm[:, None] * beats
    correlation = onset_autocorrelation(onsets, lags.ravel()).reshape(lags.shape)
    return np.asarray(correlation.mean(axis=1).astype(np.float64))


def key(chroma: Array) -> Estimate | None:
    """Find the key whose profile fits the mean chroma [shape=(frames, 12)] best; None where two fit alike."""
    mean = np.sqrt(chroma).mean(axis=0)
    if mean.std() < 1e-3:
        return None
    fits = np.array([_fit(mean, profile, tonic) for profile in (MAJOR_PROFILE, MINOR_PROFILE) for tonic in range(12)])
    best = int(np.argmax(fits))
    second = np.max(np.delete(fits, best))
    lead = min(1.0, 0.4 + 6 * (fits[best] - second))
    tonal = np.clip(mean.std() / mean.mean() / ATONAL_SPREAD - 1, 0, 1)
    confidence = float(np.clip(fits[best], 0, 1) * lead * tonal)
    if confidence < KEY_CONFIDENCE:
        return None
    return Estimate("key", float(best), key_name(best), confidence)


def _fit(mean: Array, profile: tuple[float, ...], tonic: int) -> float:
    return float(np.corrcoef(mean, np.roll(profile, tonic))[0, 1])


def key_name(number: int) -> str:
    """Name a key, 0-11 major from C and 12-23 minor from C: "C major", "A minor"."""
    return f"{PITCH_NAMES[number % 12]} {'major' if number < 12 else 'minor'}"


def loudness(channels: Sequence[Array]) -> Estimate | None:
    """Measure the integrated loudness; None in silence."""
    lufs = integrated_loudness_lufs(channels)
    return None if lufs is None else Estimate("loudness_lufs", lufs, f"{lufs:.1f} LUFS", 1.0)


def brightness(spectrum: Spectrogram) -> Estimate | None:
    """Measure the centroid of the mean magnitude spectrum in Hz; None in silence."""
    mean = spectrum.magnitude.mean(axis=0)
    if mean.sum() < 1e-5:
        return None
    hz = float(mean @ frequencies_hz() / mean.sum())
    return Estimate("brightness_hz", hz, f"{hz:.0f} Hz", 1.0)


def onset_rate(onsets: Sequence[Array]) -> Estimate | None:
    """Count the peaks of the onset strength a second, at most one in two frames (10.8); None without a frame."""
    frames = sum(onset.size for onset in onsets)
    if not frames or not any(onset.any() for onset in onsets):
        return None
    rate = sum(_count_peaks(onset) for onset in onsets) / (frames / FRAMES_PER_SECOND)
    return Estimate("onset_rate", rate, f"{rate:.1f} onsets/s", 1.0)


def _count_peaks(onset: Array) -> int:
    if onset.size < 3:
        return 0
    half = round(FRAMES_PER_SECOND / 2)
    padded = np.pad(onset, half, mode="reflect" if onset.size > half else "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1).mean(axis=1)
    inner = onset[1:-1]
    peaks = (inner > onset[:-2]) & (inner >= onset[2:]) & (inner > around[1:-1] + ONSET_RISE_DB)
    return int(peaks.sum())


def words_of(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Put estimates in words that can be searched: "slow", "A minor", "bright", "loud", "busy"; the middle has none."""
    words = []
    for estimate in estimates:
        if estimate.name == "key":
            words.append(estimate.text)
        elif estimate.value < _BOUNDS[estimate.name].low:
            words.append(_BOUNDS[estimate.name].below)
        elif estimate.value > _BOUNDS[estimate.name].high:
            words.append(_BOUNDS[estimate.name].above)
    return tuple(words)


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: float
    high: float
    below: str
    above: str


_BOUNDS = {
    "tempo_bpm": _Bounds(SLOW_BPM, FAST_BPM, "slow", "fast"),
    "loudness_lufs": _Bounds(QUIET_LUFS, LOUD_LUFS, "quiet", "loud"),
    "brightness_hz": _Bounds(DARK_HZ, BRIGHT_HZ, "dark", "bright"),
    "onset_rate": _Bounds(SPARSE_RATE, BUSY_RATE, "sparse", "busy"),
}

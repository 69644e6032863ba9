"""Estimate the readable attributes of a sound, each with a confidence.

An estimate below its threshold of confidence is not made: a missing tempo is better than a wrong one. What is
measured rather than guessed (loudness, brightness ...) has confidence 1. `sound_words` puts them in words.

| name | value | from |
|---|---|---|
| tempo_bpm | beats a minute | `tempo` |
| key | 0-11 major from C, 12-23 minor from C | `key` |
| loudness_lufs | integrated loudness | `loudness` |
| loudness_range_lu | between soft and loud passages | `loudness` |
| brightness_hz | centroid of the mean spectrum | here |
| onset_rate | onsets a second | here |
| pulse_clarity | 0 free rhythm to 1 a machine's beat | `tempo` |
| attack_share | how much of the sound is newly struck, 0 to 1 | here |
| flatness_db | 0 white noise, -60 pure tones | here |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.encoders import loudness as meter
from models.encoders.estimate import Estimate
from models.encoders.key import key
from models.encoders.sound_words import words_of
from models.encoders.spectrogram import (
    FRAMES_PER_SECOND,
    SAMPLE_RATE,
    WINDOW_SAMPLES,
    Array,
    Spectrogram,
    frequencies_hz,
)
from models.encoders.tempo import pulse, pulse_clarity, tempo

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Estimate", "describe_attributes", "key", "tempo", "words_of"]

SHORTEST_SECONDS = 0.4
"""A block of the loudness measurement; of less, a click, nothing is said."""
ONSET_RISE_DB = 1.0
"""A frame whose mean rise over the mel bands is this far above its surroundings holds an onset."""
FLATNESS_HZ = (100.0, 8000.0)
FLATNESS_EVERY = 8
"""Frames between those whose flatness is measured: three a second."""
SILENT_POWER = 1e-10
COMPRESSED = 1 / 40
"""The fourth root of power: loud bands must not alone decide what was struck."""


def describe_attributes(spectrum: Spectrogram, *, channels: Sequence[Array]) -> tuple[Estimate, ...]:
    """Estimate what can be said with confidence, in the order of the table above.

    `channels` are the same excerpts [shape=(channels, n)] at 22.05 kHz, for the loudness. Silence and a sound of less
    than .4 s give (). Raises ModelError where the fitted weights of the package are gone.
    """
    if sum(piece.shape[1] for piece in channels) < SHORTEST_SECONDS * SAMPLE_RATE:
        return ()
    found = pulse(spectrum.onset_bands)
    estimates = (
        tempo(found),
        key(spectrum),
        *loudness(spectrum, channels),
        brightness(spectrum),
        onset_rate(spectrum.onsets),
        pulse_clarity(found),
        attack_share(spectrum),
        flatness(spectrum),
    )
    return tuple(estimate for estimate in estimates if estimate is not None)


def loudness(spectrum: Spectrogram, channels: Sequence[Array]) -> tuple[Estimate, ...]:
    """Measure the integrated loudness and, from about 4 s on, its range; () in silence."""
    powers = meter.step_powers(spectrum, channels)
    lufs, range_lu = meter.integrated_lufs(powers), meter.loudness_range_lu(powers)
    found = [] if lufs is None else [Estimate("loudness_lufs", lufs, 1.0)]
    if range_lu is not None:
        found.append(Estimate("loudness_range_lu", range_lu, 1.0))
    return tuple(found)


def brightness(spectrum: Spectrogram) -> Estimate | None:
    """Measure the centroid of the mean magnitude spectrum in Hz; None in silence."""
    mean = spectrum.magnitude.mean(axis=0)
    if mean.sum() < 1e-5:
        return None
    hz = float(mean @ frequencies_hz() / mean.sum())
    return Estimate("brightness_hz", hz, 1.0)


def onset_rate(onsets: Sequence[Array]) -> Estimate | None:
    """Count the peaks of the onset strength a second, at most one in two frames (10.8); None without a frame."""
    frames = sum(onset.size for onset in onsets)
    if not frames or not any(onset.any() for onset in onsets):
        return None
    rate = sum(_count_peaks(onset) for onset in onsets) / (frames / FRAMES_PER_SECOND)
    return Estimate("onset_rate", rate, 1.0)


def _count_peaks(onset: Array) -> int:
    if onset.size < 3:
        return 0
    half = round(FRAMES_PER_SECOND / 2)
    sums = np.cumsum(np.concatenate([[0.0], _padded(onset, half)]))
    around = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
    inner = onset[1:-1]
    peaks = (inner > onset[:-2]) & (inner >= onset[2:]) & (inner > around[1:-1] + ONSET_RISE_DB)
    return int(peaks.sum())


def _padded(onset: Array, half: int) -> Array:
    """Mirror a curve at both ends, or repeat its ends where it is too short for that."""
    if onset.size <= half:
        return np.pad(onset, half, mode="edge")
    return np.concatenate([onset[half:0:-1], onset, onset[-2 : -half - 2 : -1]])  # np.pad takes ten times as long


def attack_share(spectrum: Spectrogram) -> Estimate | None:
    """Measure how much of each frame is louder than the frame before, over all bands, in [0, 1]; None in silence.

    Drums and plucked strings rise at once and fall slowly, so high; organ, strings and pads hold, so near 0. Level is
    the fourth root of power in mel bands.
    """
    if spectrum.magnitude.max() ** 2 < SILENT_POWER:
        return None
    levels = spectrum.split(10 ** (spectrum.log_mel * COMPRESSED))
    rises = sum(float(np.maximum(level[1:] - level[:-1], 0).sum()) for level in levels)
    total = sum(float(level[1:].sum()) for level in levels)
    if not total:
        return None
    share = rises / total
    return Estimate("attack_share", share, 1.0)


def flatness(spectrum: Spectrogram) -> Estimate | None:
    """Measure the spectral flatness between 100 Hz and 8 kHz, the mean over frames in dB; None in silence.

    The geometric over the arithmetic mean of power in each frame (Johnston 1988, "Transform coding of audio signals
    using perceptual noise criteria").
    """
    low, high = (round(hz * WINDOW_SAMPLES / SAMPLE_RATE) for hz in FLATNESS_HZ)
    power = np.square(spectrum.magnitude[::FLATNESS_EVERY, low:high])
    power = power[power.mean(axis=1) > SILENT_POWER]
    if not len(power):
        return None
    geometric_db = (10 * np.log10(power + SILENT_POWER * 1e-4)).mean(axis=1)
    value = float((geometric_db - 10 * np.log10(power.mean(axis=1))).mean())
    return Estimate("flatness_db", value, 1.0)

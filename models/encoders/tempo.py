"""Estimate the tempo with the probability that it is the beat, neither its double nor its half.

Every tempo from 40 to 220 BPM is seen through the same window: how well the onset strength repeats after parts and
multiples of its beat (autocorrelation) and how strong its pulse and their overtones are (Fourier), in the bass, the
middle, the treble and all together. The two err in opposite directions, to multiples of the beat and to parts of it,
which is why both are asked (Peeters 2006, "Template-based estimation of time-varying tempo"; for periods at fixed
ratios: Percival and Tzanetakis 2014, "Streamlined tempo estimation"). A small network rates each tempo from that view
and a softmax over all makes the ratings probabilities, so that ambiguity of octave lowers the confidence. The
network is fitted on generated music alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from models.encoders.attribute_weights import attribute_weights
from models.encoders.estimate import Estimate
from models.encoders.spectrogram import FRAMES_PER_SECOND, Array, Floats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.encoders.spectrogram import Integers

TEMPI_AN_OCTAVE = 48
TEMPI_BPM = 40 * 2 ** (np.arange(int(np.log2(220 / 40) * TEMPI_AN_OCTAVE) + 1) / TEMPI_AN_OCTAVE)
"""40 to 220 BPM in steps of 1.5 %."""
LAG_BEATS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4, 6, 8)
PULSES_A_BEAT = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 4 / 3, 3 / 2, 2, 3, 4)
LONGEST_LAG_SECONDS = 8.2
BANDS = (slice(0, 4), slice(4, 20), slice(20, 40), slice(0, 40))
"""Mel bands to 330 Hz (kick, bass), to 1.7 kHz, above (snare, cymbals), and all."""
SPECTRUM_SAMPLES = 2048
MIDDLE_BPM = 110.0
SAME_TEMPO = 3
"""Steps to either side that count as the same tempo: 4.4 %."""
USUAL_BPM, USUAL_OCTAVES = 110.0, 0.5
"""A bell over the logarithm of tempo, how often people hear each as the beat (after McKinney and Moelants 2006,
"Ambiguity in tempo perception"). The network has seen every tempo equally often, so the bell multiplies in."""
TEMPO_CONFIDENCE = 0.75
"""Estimates above it are right as often as docs/attributes.md tells."""
SHORTEST_SECONDS = 4.0
"""Eight beats at 120 BPM; less holds no tempo."""
LEAST_PULSE_DB = 0.1
"""Spread of the onset strength under which nothing pulses: a held tone, hum."""


@dataclass(frozen=True)
class Pulse:
    """Periodicity of the onset strength in each of BANDS.

    `autocorrelation` [shape=(4, lags)] is by frame, 1 at lag 0; `spectrum` [shape=(4, 1025)] is relative to the
    spread of the curve.
    """

    autocorrelation: Floats
    spectrum: Floats


def pulse(onset_bands: Sequence[Array]) -> Pulse | None:
    """Measure the periodicity of rises in dB by mel band [shape=(frames, 40)] an excerpt; None where nothing pulses."""
    curves = [_band_means().T @ bands.T for bands in onset_bands if len(bands)]
    if sum(curve.shape[1] for curve in curves) < SHORTEST_SECONDS * FRAMES_PER_SECOND:
        return None
    if max(curve[-1].std() for curve in curves) < LEAST_PULSE_DB:
        return None
    centred = [curve - curve.mean(axis=1, keepdims=True) for curve in curves]
    return Pulse(_autocorrelation(centred), _spectrum(centred))


@lru_cache(maxsize=1)
def _band_means() -> Array:
    """Make the table that averages the mel bands of each of BANDS [shape=(40, 4)]."""
    inside = np.zeros((BANDS[-1].stop, len(BANDS)), dtype=np.float32)
    for column, part in enumerate(BANDS):
        inside[part, column] = 1 / (part.stop - part.start)
    return inside


def _autocorrelation(curves: Sequence[Array]) -> Floats:
    """Correlate each curve with itself, longer excerpts counting more; a lag is divided by what overlaps."""
    lags = np.arange(int(LONGEST_LAG_SECONDS * FRAMES_PER_SECOND) + 2)
    frames = np.array([curve.shape[1] for curve in curves])[:, None, None]
    size = fft.next_fast_len(int(frames.max()) + max(int(frames.max()), lags.size), real=True)
    raw = fft.irfft(np.abs(fft.rfft(_stacked(curves), size)) ** 2, size)[..., : lags.size]
    total = (raw * (frames / np.maximum(frames - lags, frames / 4))).sum(axis=0)
    return np.asarray(total / (total[:, :1] + 1e-6))


def _stacked(curves: Sequence[Array]) -> Array:
    """Put the curves of all excerpts in one array, so that they are transformed at once, silence behind the shorter."""
    stacked = np.zeros((len(curves), len(BANDS), max(curve.shape[1] for curve in curves)), dtype=np.float32)
    for place, curve in zip(stacked, curves, strict=True):
        place[:, : curve.shape[1]] = curve
    return stacked


def _spectrum(curves: Sequence[Array]) -> Floats:
    """Average the Fourier magnitude over excerpts; a sine of any length has the same peak."""
    kept = [curve[:, :SPECTRUM_SAMPLES] for curve in curves]
    windowed = [curve * (np.hanning(curve.shape[1]) * curve.shape[1] ** -0.5) for curve in kept]
    energy = (np.abs(fft.rfft(_stacked(windowed), SPECTRUM_SAMPLES)) ** 2).sum(axis=0)
    variance = sum(curve.shape[1] * curve.var(axis=1, keepdims=True) for curve in kept)
    return np.asarray(np.sqrt(energy / (variance + 1e-6)))


def tempo_view(found: Pulse) -> Array:
    """See the periodicity from each tempo, float32 [shape=(119, 98)]: what stands at fixed ratios of its beat."""
    lags = _read(found.autocorrelation, *_lag_places())
    pulses = _read(found.spectrum, *_pulse_places())
    octaves = np.log2(TEMPI_BPM / MIDDLE_BPM)
    return np.vstack([lags, pulses, octaves, octaves**2]).T.astype(np.float32)


def _read(curves: Floats, places: Integers, parts: Floats) -> Floats:
    """Interpolate the curves at each ratio and tempo [shape=(ratios * 4, tempi)]."""
    values = curves[:, places] * (1 - parts) + curves[:, places + 1] * parts
    return np.asarray(values.transpose(1, 0, 2).reshape(-1, TEMPI_BPM.size))


@lru_cache(maxsize=1)
def _lag_places() -> tuple[Integers, Floats]:
    """Give frame and remainder of each multiple of each beat [shape=(13, tempi)]; the longest stands for longer."""
    lags = np.outer(LAG_BEATS, 60 / TEMPI_BPM) * FRAMES_PER_SECOND
    return _split(np.minimum(lags, LONGEST_LAG_SECONDS * FRAMES_PER_SECOND))


@lru_cache(maxsize=1)
def _pulse_places() -> tuple[Integers, Floats]:
    """Give bin and remainder of each pulse [shape=(11, tempi)]; the highest stands for higher."""
    bins = np.outer(PULSES_A_BEAT, TEMPI_BPM / 60) * SPECTRUM_SAMPLES / FRAMES_PER_SECOND
    return _split(np.minimum(bins, SPECTRUM_SAMPLES / 2 - 1))


def _split(places: Floats) -> tuple[Integers, Floats]:
    whole = places.astype(np.intp)
    return whole, places - whole


def tempo_probabilities(view: Array, weights: Mapping[str, Array]) -> Floats:
    """Rate the tempi by one hidden layer and make probabilities of it, by what is usual [shape=(119,)]."""
    standard = (view - weights["tempo.mean"]) / weights["tempo.scale"]
    hidden = np.maximum(standard @ weights["tempo.hidden"].T + weights["tempo.hidden_bias"], 0)
    usual = -0.5 * (np.log2(TEMPI_BPM / USUAL_BPM) / USUAL_OCTAVES) ** 2
    rated = (hidden @ weights["tempo.output"]).astype(np.float64) + usual
    unnormalised = np.exp(rated - rated.max())
    return np.asarray(unnormalised / unnormalised.sum())


def tempo(found: Pulse | None) -> Estimate | None:
    """Give the most probable tempo as "tempo_bpm"; None where no 4 % hold enough of the probability."""
    if found is None:
        return None
    probabilities = tempo_probabilities(tempo_view(found), attribute_weights())
    best = int(np.argmax(probabilities))
    near = slice(max(0, best - SAME_TEMPO), best + SAME_TEMPO + 1)
    confidence = float(probabilities[near].sum())
    if confidence < TEMPO_CONFIDENCE:
        return None
    bpm = float(2 ** np.average(np.log2(TEMPI_BPM[near]), weights=probabilities[near]))
    return Estimate("tempo_bpm", bpm, min(confidence, 1.0))


def pulse_clarity(found: Pulse | None) -> Estimate | None:
    """Say how steadily the onsets return, in [0, 1]: the best mean correlation after one, two and four periods.

    A machine's beat comes near 1, free rhythm and noise near 0 (after Lartillot et al. 2008, "Multi-feature modeling
    of pulse clarity"). A period lasts .27 to 1.5 s.
    """
    if found is None:
        return None
    places, parts = _lag_places()
    rows = [LAG_BEATS.index(beats) for beats in (1, 2, 4)]
    whole = found.autocorrelation[-1]
    returned = whole[places[rows]] * (1 - parts[rows]) + whole[places[rows] + 1] * parts[rows]
    clarity = float(np.clip(returned.mean(axis=0).max(), 0, 1))
    return Estimate("pulse_clarity", clarity, 1.0)

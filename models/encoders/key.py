"""Estimate the key with its probability, from how often each note and each triad sounds.

Two chromas are matched with the profiles of Temperley (2001, "The Cognition of Basic Musical Structures", from the
harmony book of Kostka and Payne), whose minor has the raised leading tone: the filter bank's, and that of spectral
peaks alone, tuned, which drums hardly touch. Notes alone slip to the fifth and the relative key; which triads sound,
a major chord on the fifth of a minor key above all, tells them apart (Noland and Sandler 2006, "Key estimation using
a hidden Markov model"). The weights of the triads are fitted on generated music alone, so that the softmax over the
24 keys is a probability.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.attribute_weights import attribute_weights
from models.encoders.estimate import Estimate
from models.encoders.spectrogram import SAMPLE_RATE, WINDOW_SAMPLES, Array, Floats, Spectrogram, mean_offset, peaks

if TYPE_CHECKING:
    from collections.abc import Mapping

MAJOR_PROFILE = (0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400)
MINOR_PROFILE = (0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330)
PROFILE_WEIGHT = 4.0
"""How much one unit of correlation with a profile counts in the softmax, beside the fitted triads."""
KEY_CONFIDENCE = 0.75
"""Estimates above it are right as often as docs/attributes.md tells."""
PEAK_BINS = (5, 198)
"""54 Hz to 2.1 kHz."""
LEAST_PEAK = 0.02
"""Of the loudest peak in the frame."""
NOTES = (52, 96)
"""MIDI numbers of the notes whose peaks are counted: E3 to C7, where a bin is narrower than half a semitone."""
TUNING_NOTE = 54
"""MIDI number above which peaks tell the tuning: the bass is too coarse."""
IN_TUNE_SEMITONES = 0.25
SEGMENT_FRAMES = 8
"""Triads are matched in .37 s: a beat of most music."""
TRIAD_SHARPNESS = 12.0
LEAST_SPREAD = 0.06
"""Relative spread of the mean chroma under which all twelve notes sound at once, or none does."""


def key(spectrum: Spectrogram) -> Estimate | None:
    """Give the most probable key as "key", 0-11 major from C, 12-23 minor from C; None where two are near."""
    banked = np.sqrt(spectrum.chroma).mean(axis=0)
    if banked.mean() < 1e-6 or banked.std() / banked.mean() < LEAST_SPREAD:
        return None
    peaked = peak_chroma(spectrum)
    if not peaked.any():
        return None
    probabilities = key_probabilities(key_offsets(banked, peaked), triad_shares(peaked, spectrum), attribute_weights())
    best = int(np.argmax(probabilities))
    confidence = float(probabilities[best])
    if confidence < KEY_CONFIDENCE:
        return None
    return Estimate("key", float(best), confidence)


def peak_chroma(spectrum: Spectrogram) -> Array:
    """Sum the roots of the spectral peaks by pitch class from C, tuned [shape=(frames, 12)]; loudest peak = 1."""
    low, high = PEAK_BINS
    frame, place, strength = peaks(spectrum.magnitude, bins=PEAK_BINS, least=LEAST_PEAK)
    note = 69 + 12 * np.log2(place * np.float32(SAMPLE_RATE / WINDOW_SAMPLES / 440))
    clear = note > TUNING_NOTE
    note = note - np.float32(mean_offset(note[clear], strength[clear]))
    whole = np.rint(note)
    off = (note - whole) / IN_TUNE_SEMITONES
    inside = (note >= NOTES[0]) & (note < NOTES[1])
    loudest = spectrum.magnitude[:, low:high].max(axis=1)
    weight = inside * np.sqrt(strength / loudest[frame]) * np.exp(-0.5 * off * off)
    rows = len(loudest)
    counted = np.bincount(frame * 12 + whole.astype(np.intp) % 12, weights=weight, minlength=rows * 12)
    return counted.reshape(rows, 12).astype(np.float32)


def triad_shares(peaks: Array, spectrum: Spectrogram) -> Floats:
    """Share the time among the major and minor triads from C [shape=(24,)], 1 each where all sound alike, 24 in all."""
    pieces = [piece[: len(piece) // SEGMENT_FRAMES * SEGMENT_FRAMES] for piece in spectrum.split(peaks)]
    whole = np.concatenate(pieces)
    segments = (whole if len(whole) else peaks.mean(axis=0, keepdims=True).repeat(SEGMENT_FRAMES, axis=0)).reshape(
        -1, SEGMENT_FRAMES, 12
    )
    mean = segments.mean(axis=1)
    likeness = mean @ _triads().T / (np.linalg.norm(mean, axis=1, keepdims=True) + 1e-9)
    share = np.exp(TRIAD_SHARPNESS * (likeness - likeness.max(axis=1, keepdims=True)))
    return np.asarray(24 * (share / share.sum(axis=1, keepdims=True)).mean(axis=0), dtype=np.float64)


@lru_cache(maxsize=1)
def _triads() -> Array:
    """Make the 24 triads as unit chromas [shape=(24, 12)]."""
    triads = [
        np.bincount([(tonic + step) % 12 for step in (0, third, 7)], minlength=12)
        for third in (4, 3)
        for tonic in range(12)
    ]
    return (np.stack(triads) * 3**-0.5).astype(np.float32)


def key_offsets(banked: Array, peaks: Array) -> Floats:
    """Correlate both chromas with the profiles of all keys and weigh the sum [shape=(24,)]."""
    mean = peaks.mean(axis=0)
    return PROFILE_WEIGHT * (_profiles() @ _standard(banked) + _profiles() @ _standard(mean / (mean.sum() + 1e-9)))


@lru_cache(maxsize=1)
def _profiles() -> Floats:
    turned = [np.roll(profile, tonic) for profile in (MAJOR_PROFILE, MINOR_PROFILE) for tonic in range(12)]
    return np.stack([_standard(np.asarray(profile)) for profile in turned]) / 12


def _standard(values: Array | Floats) -> Floats:
    return np.asarray((values - values.mean()) / (values.std() + 1e-9), dtype=np.float64)


def relative_triads(shares: Floats) -> Floats:
    """Turn the shares to each tonic [shape=(12, 24)]: column 7 is the major triad on the fifth."""
    turned = (np.arange(12)[:, None] + np.arange(12)) % 12
    return np.concatenate([shares[turned], shares[12 + turned]], axis=1)


def key_probabilities(offsets: Floats, shares: Floats, weights: Mapping[str, Array]) -> Floats:
    """Rate the 24 keys by profiles and triads and make probabilities of it."""
    standard = (relative_triads(shares) - weights["key.mean"]) / weights["key.scale"]
    rated = offsets + (standard @ weights["key.triads"].T + weights["key.bias"]).T.ravel()
    unnormalised = np.exp(rated - rated.max())
    return np.asarray(unnormalised / unnormalised.sum(), dtype=np.float64)

"""Turn sound into the log-mel pictures that OpenL3 looks at, in numpy alone: meant for worker processes.

Cramer et al. 2019, Look, Listen and Learn More, with the front end that the published weights were trained on (kapre
0.1.4): 48 kHz, pieces of 1 s, windows of 2,048 samples every 242, 256 mel bands (HTK, equal area) over powers, of which
the root is taken, then 10 log10 below the loudest point of the piece, at most 80. Later releases of OpenL3 put other
front ends before the same weights.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.encoders.mel import Array, Floats, cut, filters_in_hz, heard, power_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE_RATE = 48_000
WINDOW_SAMPLES, HOP_SAMPLES = 2048, 242
BANDS = 256
LEAST_AMPLITUDE = 1e-10
RANGE_DB = 80.0
FRAMES = -(-SAMPLE_RATE // HOP_SAMPLES)
"""Windows of one piece: 199."""


def features(signals: Sequence[Array]) -> Array:
    """Make the pictures of one track's mono excerpts at 48 kHz: float32 [n, 256, 199], in [-80, 0], the largest 0.

    An excerpt is cut into pieces of 1 s; a rest of half a second or more, and an excerpt shorter than a second, are
    padded with silence. Raises ValueError where there is no sample at all.
    """
    pieces = [piece for signal in heard(signals) for piece in cut(signal, SAMPLE_RATE)]
    return np.stack([_decibels(np.pad(piece, (0, SAMPLE_RATE - piece.size))) for piece in pieces])


def mel_filters() -> Floats:
    """Return the filters [shape=(256, 1025)]."""
    return filters_in_hz(
        bands=BANDS, low_hz=0.0, high_hz=SAMPLE_RATE / 2, sample_rate=SAMPLE_RATE, fft_samples=WINDOW_SAMPLES,
        scale="htk",
    )  # fmt: skip


def _decibels(piece: Array) -> Array:
    """Compute the picture of one second [shape=(256, 199)]: a window a hop begun, padded alike at both ends."""
    padding = (FRAMES - 1) * HOP_SAMPLES + WINDOW_SAMPLES - SAMPLE_RATE
    padded = np.pad(piece, (padding // 2, padding - padding // 2))
    power = power_frames(padded, window_samples=WINDOW_SAMPLES, hop_samples=HOP_SAMPLES, fft_samples=WINDOW_SAMPLES)
    amplitude = np.sqrt(mel_filters() @ power.T)
    decibels = 10 * np.log10(np.maximum(amplitude, LEAST_AMPLITUDE))
    return np.asarray(np.maximum(decibels - decibels.max(), -RANGE_DB).astype(np.float32))

"""Turn sound into the log-mel pictures that CLAP looks at, in numpy alone: meant for worker processes.

Wu et al. 2023, Large-Scale Contrastive Language-Audio Pretraining, in the form without fusion: 48 kHz, pieces of 10 s,
windows of 1,024 samples every 480, 64 mel bands (Slaney) from 50 Hz to 14 kHz over powers, in decibels. Equal to what
transformers' ClapFeatureExtractor makes of a piece of 10 s or less ("rand_trunc", "repeatpad"); where that takes ten
seconds at random of a longer one, all of it is used here, so that the same sound always gives the same vector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.encoders.mel import Array, cut, filters_in_hz, heard, power_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE_RATE = 48_000
WINDOW_SAMPLES, HOP_SAMPLES = 1024, 480
BANDS = 64
LOW_HZ, HIGH_HZ = 50.0, 14_000.0
LEAST_POWER = 1e-10
PIECE_SAMPLES = 10 * SAMPLE_RATE
FRAMES = PIECE_SAMPLES // HOP_SAMPLES + 1


def features(signals: Sequence[Array]) -> Array:
    """Make the pictures of one track's mono excerpts at 48 kHz: float32 [n, 1001, 64], decibels.

    An excerpt is cut into pieces of 10 s; one shorter than that is repeated as often as it fits whole, then padded
    with silence. Raises ValueError where there is no sample at all.
    """
    pieces = [piece for signal in heard(signals) for piece in cut(signal, PIECE_SAMPLES)]
    return np.stack([_decibels(_repeated(piece)) for piece in pieces])


def _repeated(piece: Array) -> Array:
    whole = np.tile(piece, PIECE_SAMPLES // piece.size)
    return np.pad(whole, (0, PIECE_SAMPLES - whole.size))


def _decibels(piece: Array) -> Array:
    """Compute the log-mel spectrum of 10 s [shape=(1001, 64)]; the windows are centred, the ends mirrored."""
    mirrored = np.pad(piece, WINDOW_SAMPLES // 2, mode="reflect")
    power = power_frames(mirrored, window_samples=WINDOW_SAMPLES, hop_samples=HOP_SAMPLES, fft_samples=WINDOW_SAMPLES)
    filters = filters_in_hz(
        bands=BANDS, low_hz=LOW_HZ, high_hz=HIGH_HZ, sample_rate=SAMPLE_RATE, fft_samples=WINDOW_SAMPLES,
        scale="slaney",
    )  # fmt: skip
    return np.asarray((10 * np.log10(np.maximum(power @ filters.T, LEAST_POWER))).astype(np.float32))

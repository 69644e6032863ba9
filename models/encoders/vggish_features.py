"""Turn sound into the log-mel pictures that VGGish looks at, in numpy alone: meant for worker processes.

Hershey et al. 2017, CNN Architectures for Large-Scale Audio Classification, and the front end published with the
weights: 16 kHz, windows of 25 ms every 10 ms, 64 mel bands from 125 to 7500 Hz over magnitudes, log(mel + .01),
pictures of .96 s that do not overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.encoders.mel import Array, filters_in_mel, heard, power_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLE_RATE = 16_000
WINDOW_SAMPLES, HOP_SAMPLES, FFT_SAMPLES = 400, 160, 512
BANDS = 64
LOW_HZ, HIGH_HZ = 125.0, 7500.0
LOG_OFFSET = 0.01
FRAMES = 96
"""Windows of one picture: .96 s."""
PICTURE_SAMPLES = WINDOW_SAMPLES + (FRAMES - 1) * HOP_SAMPLES


def features(signals: Sequence[Array]) -> Array:
    """Make the pictures of one track's mono excerpts at 16 kHz: float32 [n, 96, 64].

    An excerpt shorter than a picture (15,600 samples) is padded with silence; the rest of a longer one that fills no
    picture is left out. Raises ValueError where there is no sample at all.
    """
    return np.concatenate([_pictures(signal) for signal in heard(signals)])


def _pictures(signal: Array) -> Array:
    if signal.size < PICTURE_SAMPLES:
        signal = np.pad(signal, (0, PICTURE_SAMPLES - signal.size))
    log_mel = _log_mel(signal)
    whole = len(log_mel) // FRAMES
    return log_mel[: whole * FRAMES].reshape(whole, FRAMES, BANDS)


def _log_mel(signal: Array) -> Array:
    """Compute log(mel + .01) of every window [shape=(windows, 64)]."""
    power = power_frames(signal, window_samples=WINDOW_SAMPLES, hop_samples=HOP_SAMPLES, fft_samples=FFT_SAMPLES)
    filters = filters_in_mel(
        bands=BANDS, low_hz=LOW_HZ, high_hz=HIGH_HZ, sample_rate=SAMPLE_RATE, fft_samples=FFT_SAMPLES, scale="htk"
    )
    return np.asarray(np.log(np.sqrt(power) @ filters.T + LOG_OFFSET).astype(np.float32))

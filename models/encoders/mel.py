"""Make the spectra and mel filter banks that published audio models were trained on, in numpy alone.

They differ in the mel scale (HTK or Slaney), in the axis along which a triangle is straight (Hz or mel) and in its
area, so each model names its own. In float64, as the published front ends are: the logarithm that follows makes the
rounding of float32 audible in quiet bands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from scipy import fft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float32]"
Floats: TypeAlias = "NDArray[np.float64]"
Scale = Literal["htk", "slaney"]

_HTK_MEL, _HTK_HZ = 1127.0, 700.0
_SLANEY_LINEAR_HZ, _SLANEY_BREAK_HZ, _SLANEY_STEP = 200 / 3, 1000.0, np.log(6.4) / 27


@lru_cache(maxsize=8)
def hann(samples: int) -> Floats:
    """Make a periodic Hann window [shape=(samples,)]."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples))


def power_frames(signal: NDArray[Any], *, window_samples: int, hop_samples: int, fft_samples: int) -> Floats:
    """Compute the power spectrum of every whole window of a signal [shape=(frames, fft_samples // 2 + 1)].

    Nothing is padded; a signal shorter than a window gives no frame.
    """
    if signal.size < window_samples:
        return np.zeros((0, fft_samples // 2 + 1))
    frames = np.lib.stride_tricks.sliding_window_view(signal.astype(np.float64), window_samples)[::hop_samples]
    spectrum = fft.rfft(frames * hann(window_samples), n=fft_samples, axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def hz_to_mel(hz: Floats, scale: Scale) -> Floats:
    """Convert Hz to mel: HTK's logarithm, or Slaney's, which is linear to 1 kHz."""
    if scale == "htk":
        return np.asarray(_HTK_MEL * np.log1p(hz / _HTK_HZ))
    above = np.log(np.maximum(hz, 1.0) / _SLANEY_BREAK_HZ) / _SLANEY_STEP + _SLANEY_BREAK_HZ / _SLANEY_LINEAR_HZ
    return np.where(hz < _SLANEY_BREAK_HZ, hz / _SLANEY_LINEAR_HZ, above)


def mel_to_hz(mel: Floats, scale: Scale) -> Floats:
    """Convert mel to Hz, the inverse of `hz_to_mel`."""
    if scale == "htk":
        return np.asarray(_HTK_HZ * np.expm1(mel / _HTK_MEL))
    break_mel = _SLANEY_BREAK_HZ / _SLANEY_LINEAR_HZ
    above = _SLANEY_BREAK_HZ * np.exp((mel - break_mel) * _SLANEY_STEP)
    return np.where(mel < break_mel, mel * _SLANEY_LINEAR_HZ, above)


@lru_cache(maxsize=8)
def filters_in_hz(
    *, bands: int, low_hz: float, high_hz: float, sample_rate: int, fft_samples: int, scale: Scale
) -> Floats:
    """Make triangles that are straight in Hz and of equal area (Slaney 1998) [shape=(bands, fft_samples // 2 + 1)]."""
    edges = mel_to_hz(_edges_mel(bands, low_hz, high_hz, scale), scale)[:, None]
    bins = np.arange(fft_samples // 2 + 1) * sample_rate / fft_samples
    return np.asarray(_triangles(edges, bins) * 2 / (edges[2:] - edges[:-2]))


@lru_cache(maxsize=8)
def filters_in_mel(
    *, bands: int, low_hz: float, high_hz: float, sample_rate: int, fft_samples: int, scale: Scale
) -> Floats:
    """Make triangles that are straight in mel and 1 high [shape=(bands, fft_samples // 2 + 1)]; 0 Hz is in none."""
    edges = _edges_mel(bands, low_hz, high_hz, scale)[:, None]
    triangles = _triangles(edges, hz_to_mel(np.arange(fft_samples // 2 + 1) * sample_rate / fft_samples, scale))
    triangles[:, 0] = 0
    return triangles


def _edges_mel(bands: int, low_hz: float, high_hz: float, scale: Scale) -> Floats:
    low, high = hz_to_mel(np.array([low_hz, high_hz]), scale)
    return np.linspace(low, high, bands + 2)


def _triangles(edges: Floats, bins: Floats) -> Floats:
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    return np.asarray(np.maximum(0, np.minimum((bins - low) / (centre - low), (high - bins) / (high - centre))))


def heard(signals: Sequence[Array]) -> list[Array]:
    """Return the excerpts that hold any sample; raises ValueError where there is none."""
    kept = [np.asarray(signal) for signal in signals if signal.size]
    if not kept:
        raise ValueError("no excerpt to transform")
    return kept


def cut(signal: Array, samples: int) -> list[Array]:
    """Cut a signal into whole pieces of `samples`; a rest of less than half a piece is left out, unless it is all."""
    pieces = [signal[start : start + samples] for start in range(0, signal.size, samples)]
    if len(pieces) > 1 and 2 * pieces[-1].size < samples:
        pieces.pop()
    return pieces

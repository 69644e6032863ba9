"""Bring decoded frames to one sample rate and to one or two channels, many frames at a time.

A frame is 20 ms of sound. Handing each one to the resampler costs more than the resampling, so frames are gathered
first: a third less work for mp3 and Vorbis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from models.encoders.spectrogram import Array

GATHERED_SAMPLES = 16_384
"""Passed on together: big enough that the calls cost nothing, small enough to stay in the processor's cache."""
LOUDEST = 4.0
"""Lossy formats overshoot full scale a little; what is beyond 12 dB over it is damage."""


class Resampler:
    """ffmpeg's resampler behind a queue, made anew when the format changes in mid-stream (chained Ogg, broken mp3)."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.taken_seconds = 0.0
        self._shape: tuple[str, str, int] | None = None
        self._inner: Any = None
        self._queue: Any = None
        self._pieces: list[Array] = []

    def take(self, frame: Any) -> None:
        """Queue a decoded frame."""
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:
            self._begin(frame, shape)
        frame.pts = None  # a queue refuses frames whose times leave gaps, as those around a damaged packet do
        self._queue.write(frame)
        self.taken_seconds += frame.samples / frame.sample_rate
        if self._queue.samples >= GATHERED_SAMPLES:
            self._convert(self._queue.read())

    def finish(self) -> list[Array]:
        """Return everything taken so far as pieces [shape=(channels, n)], float32; no frame gives no piece."""
        if self._inner is not None:
            if self._queue.samples:
                self._convert(self._queue.read())
            self._convert(None)
            self._shape = self._inner = None
        return self._pieces

    def _begin(self, frame: Any, shape: tuple[str, str, int]) -> None:
        import av

        self.finish()
        layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
        self._inner = av.AudioResampler(format="fltp", layout=layout, rate=self.sample_rate)
        self._queue = av.AudioFifo()
        self._shape = shape

    def _convert(self, frame: Any) -> None:
        self._pieces += [piece.to_ndarray() for piece in self._inner.resample(frame)]


def joined(pieces: list[Array], wanted: int) -> Array:
    """Join pieces to [shape=(channels, n <= wanted)], all as wide as the widest, without NaN, infinity or offset.

    A constant offset, which nobody hears, of .1 of full scale moved the AUDIO vector to a cosine of .6.
    """
    width = max((piece.shape[0] for piece in pieces), default=1)
    length = min(wanted, sum(piece.shape[1] for piece in pieces))
    whole = np.zeros((width, length), dtype=np.float32)
    start = 0
    for piece in pieces:
        kept = piece[:, : length - start]
        whole[:, start : start + kept.shape[1]] = kept
        start += kept.shape[1]
    if not length:
        return whole
    if not (whole.min() >= -LOUDEST and whole.max() <= LOUDEST):  # nor is NaN
        whole = np.nan_to_num(whole, nan=0.0, posinf=1.0, neginf=-1.0).clip(-LOUDEST, LOUDEST)
    whole -= whole.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
    return whole

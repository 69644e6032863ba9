"""Bring decoded frames to one sample rate and to one or two channels, many frames at a time.

A frame is 20 ms of sound. Handing each one to the resampler costs more than the resampling, so frames are gathered
first: a third less work for mp3 and Vorbis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.filter import Graph

    from models.encoders.spectrogram import Array

    Piece = list[Array]
    """The channels of some sound, float32 [shape=(n,)] each."""

GATHERED_SAMPLES = 32_768
"""Passed on together: big enough that the calls cost nothing, small enough to stay in the processor's cache."""
FILTER_TAPS = 24
"""Of the resampler at the lower rate. ffmpeg takes 32: a tenth more work, and the AUDIO vector the same to .9997."""
LOUDEST = 4.0
"""Lossy formats overshoot full scale a little; what is beyond 12 dB over it is damage."""


class Resampler:
    """ffmpeg's resampler behind a queue, made anew when the format changes in mid-stream (chained Ogg, broken mp3)."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.taken_seconds = 0.0
        self._width = 0
        self._seconds_a_sample = 0.0
        self._queued = 0
        self._graph: Any = None
        self._queue: Any = None
        self._pieces: list[Piece] = []

    def take(self, frame: AudioFrame) -> None:
        """Queue a decoded frame."""
        samples = frame.samples
        frame.pts = None  # a queue refuses frames whose times leave gaps, as those around a damaged packet do
        if frame.layout.nb_channels != self._width:
            self._begin(frame)
        try:
            self._queue.write(frame)
        except ValueError:  # of another rate or format than the frames before; asking each frame costs more
            self._begin(frame)
            self._queue.write(frame)
        self._queued += samples
        self.taken_seconds += samples * self._seconds_a_sample
        if self._queued >= GATHERED_SAMPLES:
            self._convert_queue()

    def cut(self) -> list[Piece]:
        """Return what was taken since the last cut, in pieces, and go on from here.

        The last millisecond stays behind and begins what comes next: a new resampler costs more than it does harm.
        """
        self._convert_queue()
        pieces, self._pieces, self.taken_seconds = self._pieces, [], 0.0
        return pieces

    def finish(self) -> list[Piece]:
        """Return all that was taken since the last cut, to its very end; no frame gives no piece."""
        self._flush()
        return self.cut()

    def _begin(self, frame: AudioFrame) -> None:
        import av

        self._flush()
        self._graph = _graph(frame, self.sample_rate)
        self._queue = av.AudioFifo()
        self._width = frame.layout.nb_channels
        self._seconds_a_sample = 1 / frame.sample_rate

    def _flush(self) -> None:
        if self._graph is not None:
            self._convert_queue()
            self._convert(None)
            self._graph, self._width = None, 0

    def _convert_queue(self) -> None:
        if self._queued:
            self._convert(self._queue.read())
            self._queued = 0

    def _convert(self, frame: AudioFrame | None) -> None:
        self._graph.push(frame)
        while True:
            try:
                piece = self._graph.pull()
            except (BlockingIOError, EOFError):  # it waits for more, or has given all
                return
            self._pieces.append([np.frombuffer(plane, np.float32, piece.samples) for plane in piece.planes])


def _graph(frame: AudioFrame, sample_rate: int) -> Graph:
    """Link ffmpeg's resampler between a source of frames like this one and a sink of planes of float32.

    PyAV's own `AudioResampler` does the same, but starts threads that have nothing to do.
    """
    from av.filter import Graph

    graph = Graph()
    if hasattr(graph, "threads"):
        graph.threads = 1
    like = {"sample_rate": frame.sample_rate, "sample_fmt": frame.format.name, "channel_layout": frame.layout.name}
    layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
    wanted = {"sample_rates": sample_rate, "sample_fmts": "fltp", "channel_layouts": layout}
    graph.link_nodes(
        graph.add("abuffer", time_base=str(frame.time_base), **{name: str(value) for name, value in like.items()}),
        graph.add("aresample", f"{sample_rate}:filter_size={FILTER_TAPS}"),
        graph.add("aformat", **{name: str(value) for name, value in wanted.items()}),
        graph.add("abuffersink"),
    ).configure()
    return graph


def joined(pieces: list[Piece], wanted: int) -> Array:
    """Join pieces to [shape=(channels, n <= wanted)], all as wide as the widest, without NaN, infinity or offset.

    A constant offset, which nobody hears, of .1 of full scale moved the AUDIO vector to a cosine of .6.
    """
    length = min(wanted, sum(piece[0].size for piece in pieces))
    if not length:
        return np.zeros((1, 0), dtype=np.float32)
    whole = _one_after_the_other(pieces)[:, :length]
    if not (whole.min() >= -LOUDEST and whole.max() <= LOUDEST):  # nor is NaN
        whole = np.nan_to_num(whole, nan=0.0, posinf=1.0, neginf=-1.0).clip(-LOUDEST, LOUDEST)
    whole -= whole.mean(axis=1, keepdims=True)  # pairwise, so that 32 bits are enough
    return whole


def _one_after_the_other(pieces: list[Piece]) -> Array:
    """Copy pieces into one array; where widths differ, what is narrower is silent in the other channels."""
    width = max(map(len, pieces))
    if any(len(piece) < width for piece in pieces):
        pieces = [[*piece, *[np.zeros_like(piece[0])] * (width - len(piece))] for piece in pieces]
    whole = np.empty((width, sum(piece[0].size for piece in pieces)), dtype=np.float32)
    for channel, planes in zip(whole, zip(*pieces, strict=True), strict=True):
        np.concatenate(planes, out=channel)
    return whole

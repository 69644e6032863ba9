"""Decode the sound of a file in three short excerpts and describe it.

Whole-file decoding is five to six times the work of three excerpts and tells hardly more about how a track
sounds, so the middle of three regions is read. A broken packet costs itself, not the file; a seek that lands
elsewhere still gives sound. Nothing of ffmpeg's own messages reaches the terminal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.errors import ReadError
from indexer.reading.stream import open_container, plain_reason
from indexer.track import Attribute, Sound
from models.encoders.attributes import describe_attributes, words_of
from models.encoders.audio import encode_audio
from models.encoders.spectrogram import SAMPLE_RATE, Array, spectrogram

if TYPE_CHECKING:
    from collections.abc import Iterator

EXCERPT_SECONDS = 10.0
POSITIONS = (0.2, 0.5, 0.8)
"""Middles of the excerpts as parts of the length: past most intros, before most fade-outs."""
WHOLE_BELOW_SECONDS = EXCERPT_SECONDS / 0.3
"""Shorter than this the excerpts would touch, so the file is read whole."""
LONGEST_SKIP_SECONDS = 30.0
"""A seek that lands more than this before its mark is taken where it landed: decoding on would cost too much."""
MOST_BAD_PACKETS = 2000
"""Damaged packets in a row after which an excerpt is given up: about a minute of mp3."""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Pieces of one file's sound in order: float32 [shape=(channels, n)], one or two channels, full scale = 1."""

    signals: tuple[Array, ...]
    damaged_packets: int = 0


def decode_excerpts(path: str, *, sample_rate: int = SAMPLE_RATE) -> list[Array]:
    """Decode the excerpts of a file as mono float32 [shape=(n,)], full scale = 1; raise as `read_excerpts` does."""
    return [signal.mean(axis=0) for signal in read_excerpts(path, sample_rate=sample_rate).signals]


def read_excerpts(path: str, *, sample_rate: int = SAMPLE_RATE) -> Excerpts:
    """Decode 10 s around 20, 50 and 80 % of a file, or all of a short one, at `sample_rate` Hz.

    Mono stays mono, anything wider becomes stereo. Raises ReadError where there is no file, no audio stream or
    not one sample that can be decoded.
    """
    import av
    import av.logging

    av.logging.set_level(None)
    try:
        with open_container(path) as container:
            return _Reader(path, container, sample_rate).read()
    except OSError as error:
        raise ReadError(path, plain_reason(error)) from error
    except (av.error.FFmpegError, ValueError) as error:
        raise ReadError(path, f"no sound can be decoded ({plain_reason(error)})") from error


def analyse(path: str) -> Sound:
    """Decode a file and describe its sound: the AUDIO vector, the attributes held with confidence and their words.

    Meant for a worker process: imports neither torch nor librosa. Raises ReadError as `read_excerpts` does.
    """
    excerpts = read_excerpts(path)
    mono = [signal.mean(axis=0) for signal in excerpts.signals]
    spectrum = spectrogram(mono)
    estimates = describe_attributes(spectrum, channels=excerpts.signals)
    return Sound(
        vector=tuple(encode_audio(spectrum).tolist()),
        attributes=tuple(Attribute(e.name, e.value, e.text, e.confidence) for e in estimates),
        words=words_of(estimates),
        problems=_problems(excerpts),
    )


def _problems(excerpts: Excerpts) -> tuple[str, ...]:
    found = []
    if excerpts.damaged_packets:
        plural = "s" if excerpts.damaged_packets > 1 else ""
        found.append(f"{excerpts.damaged_packets} damaged audio packet{plural} skipped")
    if not any(signal.any() for signal in excerpts.signals):
        found.append("the sound is silence")
    return tuple(found)


class _Reader:
    """One open file: where its sound lies and how many packets were damaged so far."""

    def __init__(self, path: str, container: Any, sample_rate: int) -> None:
        if not container.streams.audio:
            raise ReadError(path, "no audio stream in the file")
        self.path = path
        self.container = container
        self.stream = container.streams.audio[0]
        self.stream.codec_context.thread_count = 1
        self.sample_rate = sample_rate
        self.damaged = 0
        self.decoded = False

    def read(self) -> Excerpts:
        """Read the excerpts; take the beginning of the file instead where seeking gave next to nothing."""
        duration = self._duration_seconds()
        signals = []
        if duration > WHOLE_BELOW_SECONDS:
            signals = [self._read_around(position * duration) for position in POSITIONS]
        if sum(signal.shape[1] for signal in signals) < EXCERPT_SECONDS * self.sample_rate:
            if signals:
                self._seek(0.0)
            signals.append(self._collect(0.0, WHOLE_BELOW_SECONDS))
            signals = [max(signals, key=lambda signal: signal.shape[1])]
        kept = tuple(signal for signal in signals if signal.size)
        if not kept:
            raise ReadError(self.path, "the sound is too short to describe" if self.decoded else "no sound in the file")
        return Excerpts(kept, self.damaged)

    def _duration_seconds(self) -> float:
        """Read the length from the headers, else from the time of the last packet."""
        import av

        if (self.stream.duration or 0) > 0 and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        if (self.container.duration or 0) > 0:
            return float(self.container.duration / av.time_base)
        last = 0.0
        for packet in self._packets():
            if packet.pts is not None and packet.time_base:
                last = max(last, float(packet.pts * packet.time_base))
        self._seek(0.0)
        return last

    def _seek(self, seconds: float) -> None:
        """Go to the packet at or before a time; where the file cannot seek, stay."""
        import av

        try:
            self.container.seek(int((self._origin() + seconds) * av.time_base))
            self.stream.codec_context.flush_buffers()
        except (av.error.FFmpegError, OSError):
            return

    def _origin(self) -> float:
        start = self.stream.start_time
        return float(start * self.stream.time_base) if start and self.stream.time_base else 0.0

    def _read_around(self, middle_seconds: float) -> Array:
        start = max(0.0, middle_seconds - EXCERPT_SECONDS / 2)
        self._seek(start)
        return self._collect(start, EXCERPT_SECONDS)

    def _collect(self, start_seconds: float, wanted_seconds: float) -> Array:
        """Decode from here on: what lies before `start_seconds` is dropped, unless the seek landed far from it."""
        resample = _Resampler(self.sample_rate)
        wanted = round(wanted_seconds * self.sample_rate)
        pieces: list[Array] = []
        have = 0
        skip_until = self._origin() + start_seconds if start_seconds else 0.0
        for frame in self._frames():
            self.decoded = True
            ends = (frame.time or 0.0) + frame.samples / frame.sample_rate
            if skip_until - LONGEST_SKIP_SECONDS < ends < skip_until:
                continue
            for piece in resample(frame):
                pieces.append(piece)
                have += piece.shape[1]
            if have >= wanted:
                break
        pieces += resample.rest()
        return _joined(pieces, wanted)

    def _packets(self) -> Iterator[Any]:
        """Yield the audio packets; a demuxer that fails in the middle ends the stream instead of the file."""
        import av

        try:
            yield from self.container.demux(self.stream)
        except (av.error.FFmpegError, OSError):
            self.damaged += 1

    def _frames(self) -> Iterator[Any]:
        import av

        bad_in_a_row = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
                bad_in_a_row = 0
            except (av.error.FFmpegError, ValueError, OSError):
                self.damaged += 1
                bad_in_a_row += 1
                if bad_in_a_row >= MOST_BAD_PACKETS:
                    return
                continue
            yield from frames


class _Resampler:
    """ffmpeg's resampler, made anew when the format changes in mid-stream (chained Ogg, broken mp3)."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.shape: tuple[str, str, int] | None = None
        self.inner: Any = None

    def __call__(self, frame: Any) -> list[Array]:
        import av

        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        done: list[Array] = []
        if shape != self.shape:
            done = self.rest()
            layout = "mono" if frame.layout.nb_channels == 1 else "stereo"
            self.inner = av.AudioResampler(format="fltp", layout=layout, rate=self.sample_rate)
            self.shape = shape
        frame.pts = None
        return done + [piece.to_ndarray() for piece in self.inner.resample(frame)]

    def rest(self) -> list[Array]:
        """Hand over what the filter still holds."""
        if self.inner is None:
            return []
        return [piece.to_ndarray() for piece in self.inner.resample(None)]


def _joined(pieces: list[Array], wanted: int) -> Array:
    """Join pieces to [shape=(channels, n <= wanted)], all as wide as the widest, without NaN, infinity or offset.

    A constant offset, which nobody hears, of .1 of full scale moved the AUDIO vector to a cosine of .6.
    """
    if not pieces:
        return np.zeros((1, 0), dtype=np.float32)
    width = max(piece.shape[0] for piece in pieces)
    joined = np.concatenate([np.broadcast_to(p, (width, p.shape[1])) for p in pieces], axis=1)[:, :wanted]
    finite = np.nan_to_num(joined.astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0).clip(-4.0, 4.0)
    return np.asarray(finite - finite.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32))

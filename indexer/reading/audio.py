"""Decode two or three short excerpts of a file and describe its sound.

Whole-file decoding is many times the work and tells hardly more about how a track sounds. A broken packet costs
itself, not the file; a seek that lands elsewhere still gives sound. Nothing of ffmpeg's own messages reaches the
terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.errors import ReadError
from indexer.reading.excerpts import Excerpts, Place, places
from indexer.reading.resampling import Resampler, joined
from indexer.reading.stream import open_sound, plain_reason
from indexer.track import Attribute, Sound
from models.encoders.attributes import describe_attributes, words_of
from models.encoders.audio import encode_audio
from models.encoders.highlight import highlight
from models.encoders.spectrogram import SAMPLE_RATE, Array, as_mono, spectrogram

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

BEGINNING_SECONDS = 30.0
"""Read from the start of a file that is short or cannot be sought in."""
EARLY_SECONDS = 1.0
"""A seek lands on a page or a block before its mark; this early is as good a place, and the sound is paid for."""
WARM_UP_SECONDS = 0.1
"""Dropped after a seek: an mp3 frame needs the ones before it, Opus asks for 80 ms of preroll (RFC 7845)."""
LONGEST_SKIP_SECONDS = 30.0
"""A seek that lands more than this before its mark is taken where it landed: decoding on would cost too much."""
RESAMPLER_DELAY_SECONDS = 0.005
"""Decoded beyond the end, so that the resampler's filter has all it looks ahead to."""
MOST_BAD_PACKETS = 2000
"""Damaged packets in a row after which an excerpt is given up: about a minute of mp3."""


def decode_excerpts(path: str, *, sample_rate: int = SAMPLE_RATE) -> list[Array]:
    """Decode the excerpts of a file as mono float32 [shape=(n,)], full scale = 1; raise as `read_excerpts` does."""
    return [as_mono(signal) for signal in read_excerpts(path, sample_rate=sample_rate).signals]


def read_excerpts(path: str, *, sample_rate: int = SAMPLE_RATE) -> Excerpts:
    """Decode the excerpts that `places` plans, or all of a short file, at `sample_rate` Hz.

    Mono stays mono, anything wider becomes stereo. Raises ReadError where there is no file, no audio stream or
    not one sample that can be decoded.
    """
    import av
    import av.logging

    av.logging.set_level(None)
    try:
        with open_sound(path) as container:
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
    mono = [as_mono(signal) for signal in excerpts.signals]
    spectrum = spectrogram(mono)
    estimates = describe_attributes(spectrum, channels=excerpts.signals)
    preview = highlight(spectrum, excerpts.starts_seconds)
    shown = estimates if preview is None else (*estimates, preview)
    return Sound(
        vector=tuple(encode_audio(spectrum).tolist()),
        attributes=tuple(Attribute(e.name, e.value, e.text, e.confidence) for e in shown),
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

    def __init__(self, path: str, container: InputContainer, sample_rate: int) -> None:
        if not container.streams.audio:
            raise ReadError(path, "no audio stream in the file")
        self.path = path
        self.container = container
        self.stream = container.streams.audio[0]
        self.stream.codec_context.thread_count = 1
        self.sample_rate = sample_rate
        self.resampler = Resampler(sample_rate)
        self.damaged = 0
        self.decoded = False

    def read(self) -> Excerpts:
        """Read the excerpts; take the beginning of the file instead where seeking gave next to nothing."""
        planned = places(self._duration_seconds())
        pieces = [self._read_at(place) for place in planned]
        wanted = sum(place.seconds for place in planned) * self.sample_rate
        if sum(signal.shape[1] for signal, _ in pieces) <= wanted / 3:
            if pieces:
                self._seek(0.0)
            pieces.append(self._collect(Place(0.0, BEGINNING_SECONDS)))
            pieces = [max(pieces, key=lambda piece: piece[0].shape[1])]
        kept = [(signal, start) for signal, start in pieces if signal.size]
        if not kept:
            raise ReadError(self.path, "the sound is too short to describe" if self.decoded else "no sound in the file")
        signals, starts = zip(*kept, strict=True)
        return Excerpts(signals, starts, self.damaged)

    def _duration_seconds(self) -> float:
        """Read the length from the headers, else from the time of the last packet."""
        import av

        of_stream, of_container = self.stream.duration or 0, self.container.duration or 0
        if of_stream > 0 and self.stream.time_base:
            return float(of_stream * self.stream.time_base)
        if of_container > 0:
            return of_container / av.time_base
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

    def _read_at(self, place: Place) -> tuple[Array, float]:
        self._seek(place.start_seconds)
        return self._collect(place)

    def _collect(self, place: Place) -> tuple[Array, float]:
        """Decode from here on, leaving out what lies well before the place, and tell where the sound kept begins."""
        gathered, full_seconds = self.resampler, place.seconds + RESAMPLER_DELAY_SECONDS
        cold_seconds = WARM_UP_SECONDS if place.start_seconds else 0.0
        began: float | None = None
        for frame in self._frames():
            if began is None:
                cold_seconds -= frame.samples / frame.sample_rate
                if cold_seconds > 0 or self._lies_before(frame, place):
                    continue
                began = place.start_seconds if frame.time is None else max(0.0, frame.time - self._origin())
            gathered.take(frame)
            if gathered.taken_seconds >= full_seconds:
                pieces = gathered.cut()
                break
        else:
            pieces = gathered.finish()
        return joined(pieces, round(place.seconds * self.sample_rate)), began or 0.0

    def _lies_before(self, frame: AudioFrame, place: Place) -> bool:
        """Tell whether a frame lies well before the place, but not so far that the seek must have missed it."""
        if not place.start_seconds or frame.time is None:
            return False
        early = place.start_seconds - (frame.time - self._origin())
        return bool(EARLY_SECONDS < early < LONGEST_SKIP_SECONDS)

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        """Yield the audio packets; a demuxer that fails in the middle ends the stream instead of the file."""
        import av

        try:
            yield from self.container.demux(self.stream)
        except (av.error.FFmpegError, OSError):
            self.damaged += 1

    def _frames(self) -> Iterator[AudioFrame]:
        import av

        bad_in_a_row = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
                bad_in_a_row = 0
                self.decoded = self.decoded or bool(frames)
            except (av.error.FFmpegError, ValueError, OSError):
                self.damaged += 1
                bad_in_a_row += 1
                if bad_in_a_row >= MOST_BAD_PACKETS:
                    return
                continue
            yield from frames

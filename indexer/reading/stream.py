"""Open a file as sound, and read its header: the one look through PyAV that a file gets before it is heard."""

import os
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO

from indexer.reading.content_hash import content_hash
from indexer.reading.fields import Fields, named_fields
from indexer.reading.sound_extent import bytes_at, leading_tags_size
from indexer.track import Stream

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

AUDIO_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,caf,dsf,dts,eac3,flac,iff,loas,matroska,webm,mov,mp4,m4a,mp3,mpc,mpc8,mpeg,"
    "ogg,tak,tta,truehd,w64,wav,wv"
)
"""Containers that may be opened. Playlist formats (hls, concat, dash) are left out: they open other files or hosts."""

_PLAIN_WORDS = {
    "invalid data found when processing input": "damaged, or in a format that is not known here",
    "end of file": "cut short",
    "invalid argument": "of a kind that is not known here",
    "function not implemented": "there is no decoder for this kind of sound",
    "decoder not found": "there is no decoder for this kind of sound",
    "not yet implemented in ffmpeg, patches welcome": "there is no decoder for this kind of sound",
}
"""What ffmpeg says, lower case -> what it means to somebody with a music folder."""

LONGEST_SECONDS = 30 * 24 * 3600.0
"""A longer duration is a broken header."""

_MP3_MASK, _MP3_SYNC = 0xE6, 0xE2
"""Of the second byte of a frame's header: the end of the sync word, and layer III (ISO 11172-3, section 2.4.1.3)."""

_LARGE_TAG_BYTES = 8 * 1024
"""An ID3v2 tag with a picture: libav reads it byte by byte, 13 ms for one of 300 KB, a third of hearing the track."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one look through PyAV gives: header, hash, and the container's own tags for files mutagen cannot read."""

    stream: Stream = field(default_factory=Stream)
    content_hash: str | None = None
    """BLAKE2b-128 (hex) over the first 256 KiB of audio packets and the stream length; None without packets."""
    fields: Fields = field(default_factory=dict)
    problem: str = ""
    """Why there is no sound, else empty."""


def open_container(path: str) -> "InputContainer":
    """Open a local file with PyAV, and nothing else: no network, no playlist formats; broken tag text is replaced.

    Raises OSError or av.FFmpegError when it is no such file.
    """
    with open(path, "rb") as file:
        known = _known_format(file, leading_tags_size(file))
    return _open("file:" + os.path.abspath(path), protocols="file", known=known)


def open_sound(path: str) -> "InputContainer":
    """Open a file as `open_container` does, but behind a large ID3v2 tag: its sound alone, at no cost for its cover."""
    with open(path, "rb") as file:
        start = leading_tags_size(file)
        known = _known_format(file, start)
    if start < _LARGE_TAG_BYTES:
        return _open("file:" + os.path.abspath(path), protocols="file", known=known)
    url = f"subfile,,start,{start},end,0,,:file:{os.path.abspath(path)}"
    return _open(url, protocols="file,subfile", known=known)


def _known_format(file: BinaryIO, start: int) -> str | None:
    """Name the format where a frame of mp3 begins at byte `start`: libav reads on for .8 ms until it believes it."""
    head = bytes_at(file, start, 2)
    return "mp3" if len(head) == 2 and head[0] == 0xFF and head[1] & _MP3_MASK == _MP3_SYNC else None


def _open(url: str, *, protocols: str, known: str | None) -> "InputContainer":
    import av  # 80 ms

    options = {"protocol_whitelist": protocols, "format_whitelist": AUDIO_FORMATS}
    return av.open(url, format=known, options=options, metadata_errors="replace")


def probe(path: str) -> Probe:
    """Look at the file through PyAV once: header, hash, tags; a file without sound gives `problem`, never an error."""
    try:
        with open_container(path) as container:
            if not container.streams.audio:
                return Probe(problem="no audio stream")
            audio = container.streams.audio[0]
            header, hashed = _header(container, audio), content_hash(path, container, audio)
            silent = hashed is None and header.sample_rate is None  # recognised by its name alone
            return Probe(header, hashed, _container_fields(container, audio), "no audio packets" if silent else "")
    except Exception as error:  # the per-file boundary: PyAV raises OSError, ValueError and more kinds on broken files
        return Probe(problem=plain_reason(error))


def plain_reason(error: Exception) -> str:
    """Return why PyAV could not read a file: one line in plain words, without the paths and numbers of ffmpeg's."""
    reason = str(getattr(error, "strerror", None) or error or type(error).__name__)
    line = reason.strip().partition("\n")[0].lower()
    return _PLAIN_WORDS.get(line, line)


def refine(stream: Stream, media: Any | None) -> Stream:
    """Return `stream` with what mutagen's header knows better (duration, bitrate) or alone (the rest)."""
    info = getattr(media, "info", None)
    if info is None:
        return stream
    return replace(
        stream,
        duration_seconds=_duration(getattr(info, "length", None)) or stream.duration_seconds,
        codec=stream.codec or type(media).__name__.lower(),
        sample_rate=stream.sample_rate or _positive(getattr(info, "sample_rate", None)),
        channels=stream.channels or _positive(getattr(info, "channels", None)),
        bitrate=_positive(getattr(info, "bitrate", None)) or stream.bitrate,
    )


def _header(container: "InputContainer", audio: "AudioStream") -> Stream:
    """Return the header as PyAV sees it; a raw stream's duration may be an estimate from its bitrate."""
    codec = audio.codec_context
    if audio.duration is not None and audio.time_base:
        seconds = float(audio.duration * audio.time_base)
    else:
        seconds = (container.duration or 0) / 1_000_000  # libav's AV_TIME_BASE
    return Stream(
        duration_seconds=_duration(seconds),
        codec=_codec_name(codec),
        sample_rate=_positive(codec.sample_rate),
        channels=_positive(codec.channels),
        bitrate=_positive(audio.bit_rate) or _positive(container.bit_rate),
    )


def _codec_name(codec: Any) -> str:
    """Return the format's name, not the decoder's: "mp3" of mp3float."""
    return str(codec.codec.canonical_name)


def _container_fields(container: "InputContainer", audio: "AudioStream") -> Fields:
    metadata = {**audio.metadata, **container.metadata}
    return named_fields((name.partition("-")[0], value) for name, value in metadata.items())


def _duration(seconds: float | None) -> float | None:
    if seconds is None or not isfinite(seconds) or not 0 < seconds <= LONGEST_SECONDS:
        return None
    return float(seconds)


def _positive(value: int | None) -> int | None:
    return int(value) if value and value > 0 else None
